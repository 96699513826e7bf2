"""What says the same stays in one split, and text is cleaned as it is read."""

import pytest

from tf_transformer.data import Pairs, load_corpus, load_labelled, load_sentences, load_text
from tf_transformer.data.text_files import hold_out
from tf_transformer.text.rules import clean, duplicate_key

SPLITS = ("train", "validation", "test")


def keys_of(split, side):
    return {duplicate_key(text) for text in getattr(split, side)}


def assert_disjoint(splits, side):
    keys = [keys_of(splits[name], side) for name in SPLITS]
    assert all(keys)
    assert sum(map(len, keys)) == len(set.union(*keys))


@pytest.mark.parametrize(
    "vary",
    [
        lambda text: text + " ",
        str.upper,
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("a", "a\u00ad"),
        lambda text: "\u200b" + text.replace("é", "e\u0301"),
    ],
)
@pytest.mark.parametrize("sides", ["source", "target", "both"])
def test_sentences_that_stand_twice_are_in_one_split_and_are_counted(vary, sides, tmp_path, capsys):
    rows = [(f"a frase é {n}", f"sentence a {n} is") for n in range(500)]
    again = [
        (s if sides == "target" else vary(s), t if sides == "source" else vary(t)) for s, t in rows
    ]
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{s}\t{t}\n" for s, t in rows + again), encoding="utf-8")
    corpus = load_corpus(str(path))
    splits = {name: corpus.pairs(name) for name in SPLITS}
    assert len(splits["test"]) == len(splits["validation"]) == 20
    assert_disjoint(splits, "sources")
    assert_disjoint(splits, "targets")
    err = capsys.readouterr().err
    assert "500 of 1,000 pairs repeat the source of another, apart from white space and case" in err


def test_where_text_differs_in_case_alone_equal_targets_are_together_too():
    sources = [f"frase {n}" for n in range(300)]
    targets = [f"sentence {n - n % 2}" if n < 200 else f"Sentence {n}" for n in range(300)]
    pairs = Pairs([*sources, "FRASE 7"], [*targets, "SENTENCE 6"])
    splits = hold_out(pairs)
    assert_disjoint(splits, "sources")
    assert_disjoint(splits, "targets")


def test_a_text_with_few_targets_is_held_out_by_its_sources():
    sources = [f"frase {n}" for n in range(200)] + ["FRASE 1"]
    splits = hold_out(Pairs(sources, [f"class {n % 5}" for n in range(201)]))
    assert len(splits["test"]) == len(splits["validation"]) == 4
    assert_disjoint(splits, "sources")


def test_the_text_of_a_file_is_cleaned(tmp_path, capsys):
    path = tmp_path / "a.tsv"
    path.write_text("\ufeffa\u0303\u00a0\u200bb\ta\u00ad  b\nb\tc\n\u200b\tc\n", encoding="utf-8")
    assert list(load_corpus(str(path)).pairs("all")) == [("ã b", "a b"), ("b", "c"), ("", "c")]
    assert capsys.readouterr().err == ""


def test_labelled_texts_that_differ_in_case_and_white_space_are_in_one_split(tmp_path):
    rows = [f"{'ab'[n % 2]}\tText number {n} é" for n in range(200)]
    again = [row.replace("Text n", "text\u00a0N").replace("é", "e\u0301") for row in rows]
    path = tmp_path / "a.tsv"
    path.write_text("\n".join(rows + again), encoding="utf-8")
    corpus = load_labelled(str(path))
    splits = [getattr(corpus, name).texts for name in SPLITS]
    keys = [set(map(duplicate_key, texts)) for texts in splits]
    assert sum(map(len, keys)) == len(set.union(*keys)) == 200
    assert all(text == clean(text) for texts in splits for text in texts)


def test_documents_and_sentences_are_cleaned_too(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\ufeffa\u0303  b\n\u200b\n  Dois\u00a0dias.\n" * 30, encoding="utf-8")
    train, held_out = load_sentences("", text_file=str(path))
    assert {*train, *held_out} == {"ã b", "Dois dias."}
    assert "".join(load_text(str(path)).train).startswith("ã  b\n\n  Dois\u00a0dias.\n")
