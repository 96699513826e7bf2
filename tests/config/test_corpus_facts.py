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
        CorpusFacts("a + b*3", parts=(CorpusFacts("a"), CorpusFacts("b", weight=3.0, tag="x"))),
    ],
)
def test_facts_come_back_from_json(facts):
    assert CorpusFacts.from_dict(json.loads(json.dumps(facts.to_dict()))) == facts


def test_the_words_of_a_text_form_are_scored_as_they_are():
    assert CorpusFacts("mine").bleu_tokenize == "13a"
    assert CorpusFacts("mine", text_form="ted_hrlr").bleu_tokenize == "ted_hrlr"


def test_each_language_has_a_tag_the_usual_one_first():
    assert CorpusFacts("a", target_language="en").tags == {"en": ""}
    assert CorpusFacts("a").tags == {}
    talks = CorpusFacts("a", "", "pt", "en", "ted_hrlr", tag="1")
    back = CorpusFacts("a", "", "en", "pt", "ted_hrlr", tag="2")
    phrases = CorpusFacts("b", "", "pt", "en")
    phrases_back = CorpusFacts("b", "", "en", "pt", tag="3")
    parts = (talks, phrases, back, phrases_back)
    assert list(CorpusFacts("a + b", parts=parts).tags.items()) == [("en", ""), ("pt", "3")]


def test_corpora_say_what_is_known_of_them():
    sizes = {"train": 7, "test": 2}
    corpus = Corpus("a.pt,a.en", "pt", "en", sizes, None, "CC0", "treebank")
    assert corpus.facts == CorpusFacts("a.pt,a.en", "CC0", "pt", "en", "treebank", 7)
    assert TextCorpus("a.txt", ["x"], ["y"], "CC0").facts == CorpusFacts("a.txt", "CC0", size=1)
    texts = LabelledTexts(["x", "y"], [0, 1])
    labelled = LabelledCorpus("a.tsv", ["bad", "good"], texts, texts, texts)
    assert labelled.facts == CorpusFacts("a.tsv", size=2, classes=("bad", "good"))
