"""Corpora from the user's own files."""

import gzip
import re

import pytest

from tf_transformer.data import Pairs, load_corpus
from tf_transformer.data.text_files import hold_out
from tf_transformer.errors import UserError

TEXT = "olá\thello\nbom dia\tgood morning\n"


def write(path, content):
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


def all_pairs(dataset):
    return list(load_corpus(dataset).pairs("all"))


def many_pairs(count, copies=1):
    sources = [f"frase {number // copies}" for number in range(count)]
    return Pairs(sources, [f"sentence {number}" for number in range(count)])


@pytest.mark.parametrize("name", ["pairs.tsv", "pairs.tsv.gz"])
@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT.removesuffix("\n"),
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["plain", "no-last-line-end", "windows", "byte-order-mark", "both"],
)
def test_a_tsv_file_gives_its_pairs(tmp_path, name, content):
    path = write(tmp_path / name, content)
    assert all_pairs(path) == [("olá", "hello"), ("bom dia", "good morning")]


def test_aligned_files_give_their_pairs_and_languages(tmp_path):
    sources = write(tmp_path / "train.pt", "olá\r\nbom dia\r\n")
    targets = write(tmp_path / "train.en.gz", "hello\ngood morning")
    corpus = load_corpus(f"{sources},{targets}")
    assert (corpus.source_language, corpus.target_language) == ("pt", "en")
    assert list(corpus.pairs("all")) == [("olá", "hello"), ("bom dia", "good morning")]


@pytest.mark.parametrize(
    ("text", "license"),
    [
        ("CC0 1.0\n", "CC0 1.0"),
        (
            "SPDX-FileCopyrightText: Ana Silva\n\nSPDX-License-Identifier: CC-BY-2.0\n",
            "Ana Silva CC-BY-2.0",
        ),
    ],
)
def test_a_file_beside_the_text_names_its_licence(tmp_path, text, license):
    path = write(tmp_path / "pairs.tsv", TEXT)
    assert load_corpus(path).license == "unknown"
    write(tmp_path / "pairs.tsv.license", text)
    assert load_corpus(path).license == license
    other = write(tmp_path / "pairs.pt", "olá")
    assert load_corpus(f"{other},{write(tmp_path / 'pairs.en', 'hello')}").license == "unknown"
    write(tmp_path / "pairs.en.license", "Apache-2.0")
    assert load_corpus(f"{other},{tmp_path / 'pairs.en'}").license == "Apache-2.0"


def test_files_without_a_suffix_have_languages_of_some_name(tmp_path):
    corpus = load_corpus(f"{write(tmp_path / 'a', 'olá')},{write(tmp_path / 'b', 'hello')}")
    assert (corpus.source_language, corpus.target_language) == ("source", "target")


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_line_feeds_end_lines(tmp_path, separator):
    source, shown = f"uma{separator}frase", "\x1c" if separator == "\x1c" else " "
    assert all_pairs(write(tmp_path / "a.tsv", f"{source}\tone\n")) == [(f"uma{shown}frase", "one")]


def test_blank_lines_are_left_out_with_a_warning(tmp_path, capsys):
    path = write(tmp_path / "a.tsv", "\na\tb\n \nc\td\n\n")
    assert all_pairs(path) == [("a", "b"), ("c", "d")]
    assert "a.tsv: 3 blank lines are left out." in capsys.readouterr().err


def test_an_empty_side_is_a_pair_still(tmp_path):
    assert all_pairs(write(tmp_path / "a.tsv", "a\t\n\tb\n")) == [("a", ""), ("", "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\nc\n", "a.tsv, line 2: 1 column where two are needed"),
        ("a\tb\n\nc\n", "a.tsv, line 3: 1 column where"),
        ("a\tb\tc\n", "a.tsv, line 1: 3 columns where"),
        (b"a\tb\nc\t\xff\n", "a.tsv, line 2: not UTF-8"),
        ("olá\thello".encode("utf-16"), "a.tsv, line 1: not UTF-8"),
        ("", "a.tsv: the file is empty"),
        ("\ufeff\r\n \n", "a.tsv: the file is empty"),
    ],
)
def test_a_bad_file_gets_one_line_with_its_name_and_place(tmp_path, content, message):
    path = write(tmp_path / "a.tsv", content)
    with pytest.raises(UserError, match=re.escape(message)) as raised:
        load_corpus(path)
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read_are_named(tmp_path):
    missing, folder = tmp_path / "missing.tsv", tmp_path / "folder.tsv"
    folder.mkdir()
    with pytest.raises(UserError, match=r"missing\.tsv: cannot be read .*No such file"):
        load_corpus(str(missing))
    with pytest.raises(UserError, match=r"folder\.tsv: cannot be read .*directory"):
        load_corpus(str(folder))


def test_a_file_without_read_permission_is_named(tmp_path, monkeypatch):
    def refuse(*_):  # root may read everything, so the mode bits alone cannot show this
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.tsv", TEXT)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UserError, match=r"a\.tsv: cannot be read \(Permission denied\)"):
        load_corpus(path)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        gzip.compress(TEXT.encode(), mtime=0)[:-9],
        gzip.compress(b"a" * 99, mtime=0)[:12] + b"\xff" * 30,
    ],
    ids=["not-gzip", "cut-short", "garbled"],
)
def test_a_broken_gzip_file_is_named(tmp_path, content):
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.tsv\.gz: broken or incomplete gzip file"):
        load_corpus(str(path))


def test_aligned_files_of_different_lengths_are_refused_with_both_counts(tmp_path):
    sources = write(tmp_path / "a.pt", "um\ndois\ntrês\n")
    targets = write(tmp_path / "a.en", "one\n")
    with pytest.raises(UserError, match=r"a\.pt has 3 lines but .*a\.en has 1:"):
        load_corpus(f"{sources},{targets}")


def test_more_than_two_files_are_refused():
    with pytest.raises(UserError, match="3 files where two are needed"):
        load_corpus("a.pt,a.en,a.fr")


def test_an_unknown_split_is_answered_with_those_there_are(tmp_path):
    path = write(tmp_path / "a.tsv", TEXT + "boa noite\tgood night\n")
    with pytest.raises(
        UserError, match='no split "dev"; it has: train, validation, test, all'
    ) as raised:
        load_corpus(path).pairs("dev")
    assert path in str(raised.value)


@pytest.mark.parametrize("copies", [1, 7])
@pytest.mark.parametrize("count", [21, 100, 5_000])
def test_held_out_splits_divide_the_pairs_and_share_no_source(count, copies):
    pairs = many_pairs(count, copies)
    splits = hold_out(pairs)
    assert sorted(pair for split in splits.values() for pair in split) == sorted(pairs)
    sources = [set(split.sources) for split in splits.values()]
    assert all(sources)
    assert sum(map(len, sources)) == len(set.union(*sources))


def test_held_out_splits_are_two_percent_each():
    assert {name: len(split) for name, split in hold_out(many_pairs(5_000)).items()} == {
        "train": 4_800,
        "validation": 100,
        "test": 100,
    }


def test_at_most_2000_pairs_are_held_out():
    splits = hold_out(many_pairs(150_000))
    assert len(splits["validation"]) == len(splits["test"]) == 2_000


def test_held_out_splits_depend_on_the_text_alone():
    pairs = many_pairs(1_000)
    backwards = Pairs(pairs.sources[::-1], pairs.targets[::-1])
    for name, split in hold_out(pairs).items():
        assert set(split) == set(hold_out(backwards)[name])
    # The very sentences: they must not change from one release or process to the next.
    assert hold_out(many_pairs(100))["test"].sources == ["frase 50", "frase 61"]


def test_a_sentence_repeated_very_often_is_not_held_out():
    sources = ["sim"] * 900 + [f"frase {number}" for number in range(100)]
    splits = hold_out(Pairs(sources, sources))
    assert len(splits["test"]) == len(splits["validation"]) == 20
    assert splits["train"].sources.count("sim") == 900


@pytest.mark.parametrize(
    ("text_form", "tokenize"), [("", "13a"), ("plain", "13a"), ("treebank", "treebank")]
)
def test_own_text_is_plain_unless_said_otherwise(text_form, tokenize, tmp_path):
    corpus = load_corpus(write(tmp_path / "a.tsv", TEXT), text_form=text_form)
    assert corpus.text_form == (text_form or "plain")
    assert corpus.bleu_tokenize == tokenize


def test_an_unknown_form_of_text_is_answered_with_those_there_are(tmp_path):
    path = write(tmp_path / "a.tsv", TEXT)
    with pytest.raises(UserError, match="'moses'; choose one of plain, treebank, ted_hrlr"):
        load_corpus(path, text_form="moses")


def test_three_sentences_make_three_splits_and_two_make_none():
    assert [len(split) for split in hold_out(many_pairs(3)).values()] == [1, 1, 1]
    assert hold_out(many_pairs(2)) == {}


def test_scores_are_reported_on_test_where_there_is_one(tmp_path):
    path = write(tmp_path / "a.tsv", TEXT + "boa noite\tgood night\n")
    assert load_corpus(path).evaluation_split == "test"
