"""The model card says what a person should know."""

import dataclasses
import datetime
import json
import re

import pytest

from tests.export.conftest import make_card
from tf_transformer.config import CausalLMConfig, ClassifierConfig, CorpusFacts, RNNConfig
from tf_transformer.evaluation import Scores
from tf_transformer.export import ModelCard

SEARCH = "beam 4, length penalty 0.6"


def test_it_names_data_licence_scores_and_date(card):
    text = str(card).replace("\\|", "|")
    assert text.startswith("# Translation model pt → en\n")
    for fact in ("`mine.tsv`", "12,345 pairs", "CC0 1.0", "4,321 weights", "9,876 steps"):
        assert fact in text
    assert f"BLEU on `test` ({SEARCH}) | 34.57 (`nrefs:1|tok:13a`)" in text
    assert f"chrF on `test` ({SEARCH}) | 56.79 (`nrefs:1|nc:6`)" in text
    assert f"{datetime.date.today():%Y-%m-%d}" in text


def test_it_says_how_long_the_longest_source_in_training_is():
    assert "| longest source in training | 41 tokens |" in str(make_card(longest_source=41))
    assert "longest source" not in str(make_card())


def test_its_table_has_two_cells_in_each_row(card):
    rows = [line for line in str(card).splitlines() if line.startswith("|")]
    assert len(rows) == 7
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}


def test_text_in_another_form_has_both_scores_and_a_word_on_case(card):
    assert "capitals" not in str(card)
    detokenized = Scores(35.6, 57.8, "nrefs:1|case:lc|tok:13a", "nrefs:1|case:lc")
    text = str(
        make_card(
            corpus=dataclasses.replace(card.corpus, text_form="ted_hrlr"),
            scores=dataclasses.replace(card.scores, detokenized=detokenized),
        )
    ).replace("\\|", "|")
    for fact in (
        f"BLEU on `test` ({SEARCH}) | 34.57 (`nrefs:1|tok:13a`)",
        f"BLEU on `test` ({SEARCH}), detokenized | 35.60 (`nrefs:1|case:lc|tok:13a`)",
        f"chrF on `test` ({SEARCH}), detokenized | 57.80 (`nrefs:1|case:lc`)",
        "like its training data (`ted_hrlr`)",
        "names do not",
    ):
        assert fact in text


def test_it_holds_both_configurations(card):
    model, training = re.findall(r"```json\n(.*?)```", str(card), flags=re.DOTALL)
    assert json.loads(model) == card.model_config.to_dict()
    assert json.loads(training) == card.training_config.to_dict()


def test_its_code_is_valid_python(card):
    (code,) = re.findall(r"```python\n(.*?)```", str(card), flags=re.DOTALL)
    compile(code, "card", "exec")


def test_it_is_written_beside_the_model(joint_dir):
    text = (joint_dir / "1" / "README.md").read_text(encoding="utf-8")
    assert text == str(make_card())


@pytest.mark.parametrize(
    ("config", "title", "output", "facts"),
    [
        (CausalLMConfig(), "Language model", "completion", "`mine.txt`, 1 document"),
        (ClassifierConfig(), "Classifier of texts", "label", "`mine.txt`, 1 text"),
        (RNNConfig(), "Translation model", "translation", "`mine.txt`, 1 pair"),
    ],
)
def test_models_of_all_kinds_have_one(config, title, output, facts):
    card = ModelCard(
        model_config=config,
        parameters=1,
        corpus=CorpusFacts("mine.txt", size=1, classes=("a", "b|c")),
        split="test",
        scores={"accuracy": 0.875, "loss": 1.23456, "sentences": 12},
        steps=1,
    )
    text = str(card)
    assert text.startswith(f"# {title}\n")
    assert f'["{output}"]' in text
    for row in (
        f"| training data | {facts} |",
        "| classes | a, b\\|c |",
        "| training | 1 step |",
        "| accuracy on `test` | 87.50% |",
        "| loss on `test` | 1.235 |",
        "| sentences on `test` | 12 |",
    ):
        assert row in text
    assert "with 1 weight, exported" in text


def test_what_is_not_known_is_left_out():
    text = str(ModelCard(model_config=RNNConfig(), parameters=4_321))
    assert "None" not in text
    assert "|" not in text
    assert "4,321 weights" in text


def test_a_model_tells_of_itself(joint):
    model = joint._model()
    card = ModelCard.of(model, split="test")
    assert card == ModelCard(
        model_config=model.config, parameters=model.count_params(), split="test"
    )


def test_it_tells_of_each_corpus_of_a_mixture(card):
    parts = (
        CorpusFacts("talks", "CC BY-NC-ND 4.0", "pt", "en", "ted_hrlr", 51_785, weight=0.5),
        CorpusFacts("own.tsv", "CC0", "pt", "en", size=9_000, weight=3.0),
        CorpusFacts("own.tsv", "CC0", "en", "pt", size=9_000, weight=3.0, tag="\ue010"),
    )
    corpus = CorpusFacts("talks*0.5 + own.tsv*3", "CC BY-NC-ND 4.0; CC0", "pt", "en", parts=parts)
    scores = dataclasses.replace(card.scores, by_corpus={"talks": card.scores})
    text = str(make_card(corpus=corpus, scores=scores))
    assert text.startswith("# Translation model pt → en, en → pt\n")
    for row in (
        "| of these, pt → en | `talks`, 51,785 pairs, 0.5 × an epoch, in the form ted_hrlr; CC BY",
        "| of these, en → pt | `own.tsv`, 9,000 pairs, 3 × an epoch; CC0 |",
        "| BLEU on `test`, `talks` | 34.57 (",
        'model("…", to="pt")',
        "| use of the weights | non-commercial, as the licence of the data asks |",
    ):
        assert row in text
    assert "use of the weights" not in str(make_card(corpus=CorpusFacts("own.tsv", "CC BY 2.0")))
    assert "to=" not in str(card)
