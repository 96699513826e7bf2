"""What is known of a corpus goes through JSON, and corpora say it of themselves."""

import json

import pytest

from tf_transformer.config import CorpusFacts
from tf_transformer.data import Corpus, LabelledCorpus, LabelledTexts, TextCorpus


@pytest.mark.parametrize(
    "facts",
    [
        CorpusFacts("phrasebook", "Apache-2.0", "pt", "en", size=60000),
        CorpusFacts("mine.tsv", size=3, classes=("bad", "good")),
    ],
)
def test_facts_come_back_from_json(facts):
    assert CorpusFacts.from_dict(json.loads(json.dumps(facts.to_dict()))) == facts


def test_the_words_of_a_text_form_are_scored_as_they_are():
    assert CorpusFacts("mine").bleu_tokenize == "13a"
    assert CorpusFacts("mine", text_form="ted_hrlr").bleu_tokenize == "ted_hrlr"


def test_corpora_say_what_is_known_of_them():
    sizes = {"train": 7, "test": 2}
    corpus = Corpus("a.pt,a.en", "pt", "en", sizes, None, "CC0", "treebank")
    assert corpus.facts == CorpusFacts("a.pt,a.en", "CC0", "pt", "en", "treebank", 7)
    assert TextCorpus("a.txt", ["x"], ["y"], "CC0").facts == CorpusFacts("a.txt", "CC0", size=1)
    texts = LabelledTexts(["x", "y"], [0, 1])
    labelled = LabelledCorpus("a.tsv", ["bad", "good"], texts, texts, texts)
    assert labelled.facts == CorpusFacts("a.tsv", size=2, classes=("bad", "good"))
