"""The user's own files as they come: cleaned, or what is wrong with them is said in a line."""

import gzip
import re

import pytest

from tf_transformer.data import Pairs, load_corpus, load_labelled, load_text
from tf_transformer.errors import UserError
from tf_transformer.evaluation import score

PAIRS = [("O gato dorme.", "The cat sleeps."), ("Bom dia!", "Good morning!")]
TEXT = "".join(f"{source}\t{target}\n" for source, target in PAIRS)


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def all_pairs(dataset):
    return list(load_corpus(dataset).pairs("all"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", TEXT.replace("\n", "\r\r\n")),
        ("a.tsv", TEXT.replace("\t", " \t  ")),
        ("a.tsv", TEXT.replace("\t", "\u00a0\t\u3000")),
        ("a.tsv", "\ufeff" + TEXT),
        ("a.tsv", gzip.compress(TEXT.encode(), mtime=0)),
        ("a.TSV", TEXT),
        ("a.Tsv.GZ", gzip.compress(TEXT.encode(), mtime=0)),
    ],
)
def test_what_is_round_the_text_is_no_part_of_it(tmp_path, capsys, name, content):
    assert all_pairs(write(tmp_path / name, content)) == PAIRS
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [TEXT, "猫が\t猫\n" * 3, "só isso\tthat\n"])
def test_utf_16_is_named(tmp_path, encoding, text):
    path = write(tmp_path / "a.tsv", text.encode(encoding))
    with pytest.raises(UserError, match=r"UTF-(8|16).*save the file as UTF-8") as raised:
        load_corpus(path)
    if encoding == "utf-16":
        assert "UTF-16" in str(raised.value)


@pytest.mark.parametrize(
    "header",
    [
        *("source\ttarget", "Source Text\tTranslation", "pt\ten", "pt-BR\ten_US"),
        *("Portuguese\tEnglish", "Deutsch\tEnglisch", "Français\tAnglais", "Español\tEnglish"),
    ],
)
def test_a_header_is_no_pair_and_that_is_said(tmp_path, capsys, header):
    path = write(tmp_path / "a.tsv", f"{header}\n{TEXT}")
    assert all_pairs(path) == PAIRS
    shown = header.replace("\t", " TAB ")
    assert capsys.readouterr().err == (
        f"warning: {path}: the first line ({shown}) is a header and is left out.\n"
    )


def test_quotation_marks_of_a_spreadsheet_are_no_text_and_that_is_said(tmp_path, capsys):
    pairs = [(f"frase {n}", f'he said "{n}"') for n in range(12)]
    quoted = "".join('"{}"\t"{}"\r\n'.format(a, b.replace('"', '""')) for a, b in pairs)
    path = write(tmp_path / "a.tsv", quoted)
    assert all_pairs(path) == pairs
    said = f"warning: {path}: all cells are in quotation marks, which are removed.\n"
    assert capsys.readouterr().err == said
    assert all_pairs(write(tmp_path / "a.tsv", f'"source"\t"target"\n{quoted}')) == pairs
    assert capsys.readouterr().err.startswith(said)


def test_quotation_marks_of_some_cells_are_text(tmp_path, capsys):
    pairs = [(f'"frase {n}"', f'"{n}" or "{n + 1}"') for n in range(12)]
    assert all_pairs(write(tmp_path / "a.tsv", "".join(f"{a}\t{b}\n" for a, b in pairs))) == pairs
    assert capsys.readouterr().err == ""


def test_a_file_of_another_kind_is_answered_with_those_that_will_do(tmp_path):
    path = write(tmp_path / "a.csv", TEXT)
    for load, kinds in (
        (load_corpus, r"not a \.tsv file: .* FILE\.tsv or SOURCE_FILE,TARGET_FILE$"),
        (load_labelled, r"not a \.tsv file: .* FILE\.tsv \(label TAB text\)$"),
        (load_text, r"not a \.txt file: .* FILE\.txt$"),
    ):
        with pytest.raises(UserError, match=rf"a\.csv is {kinds}"):
            load(path)


@pytest.mark.parametrize("first", ["não\tno", "no\tno", "gato\tcat", "fonte\tsource"])
def test_a_pair_is_no_header(tmp_path, capsys, first):
    assert len(all_pairs(write(tmp_path / "a.tsv", f"{first}\n{TEXT}"))) == 3
    assert capsys.readouterr().err == ""


def test_columns_that_a_header_names_the_other_way_about_are_refused(tmp_path):
    with pytest.raises(UserError, match="columns are swapped: source TAB target is needed"):
        load_corpus(write(tmp_path / "a.tsv", f"target\tsource\n{TEXT}"))
    with pytest.raises(UserError, match="columns are swapped: label TAB text is needed"):
        load_labelled(write(tmp_path / "a.tsv", f"text\tlabel\n{TEXT}"))


def test_a_header_of_aligned_files_is_no_pair_either(tmp_path, capsys):
    sides = (("a.pt", "Source", PAIRS[0][0]), ("a.en", "Target", PAIRS[0][1]))
    for name, first, sentence in sides:
        write(tmp_path / name, f"{first}\n{sentence}\n")
    files = f"{tmp_path}/a.pt,{tmp_path}/a.en"
    assert all_pairs(files) == PAIRS[:1]
    assert f"{files}: the first line (Source TAB Target) is a header" in capsys.readouterr().err
    for name, first in (("b.pt", "target"), ("b.en", "source")):
        write(tmp_path / name, f"{first}\na\n")
    with pytest.raises(UserError, match="columns are swapped"):
        load_corpus(f"{tmp_path}/b.pt,{tmp_path}/b.en")


def test_a_header_alone_is_named(tmp_path):
    with pytest.raises(UserError, match="nothing below the header"):
        load_corpus(write(tmp_path / "a.tsv", "source\ttarget\n"))


ROWS = [(("good", "bad")[n % 2], f"text number {n}") for n in range(200)]


def labelled(path, rows):
    return load_labelled(write(path, "".join(f"{label}\t{text}\n" for label, text in rows)))


@pytest.mark.parametrize("header", [("Label", "Text"), ("étiquette", "texte")])
def test_labels_are_stripped_and_a_header_is_no_class(header, tmp_path, capsys):
    rows = [header, *((label + " " * (n % 3), x) for n, (label, x) in enumerate(ROWS))]
    corpus = labelled(tmp_path / "a.tsv", rows)
    assert corpus.classes == ["bad", "good"]
    assert f"({' TAB '.join(header)}) is a header" in capsys.readouterr().err
    assert corpus.doubts() == []
    assert re.fullmatch(r"2 classes to tell apart: bad \d+, good \d+", corpus.report())


def test_classes_that_are_odd_are_named(tmp_path):
    rows = [*ROWS, *(("Good", f"other {n}") for n in range(40)), ("", "a"), ("rare", "b")]
    doubts = "\n".join(labelled(tmp_path / "a.tsv", rows).doubts())
    assert "labels are blank" in doubts
    assert "classes that differ only in case: 'Good' and 'good'" in doubts
    assert "2 classes have fewer than 10 texts to learn from: '', 'rare'" in doubts
    alone = labelled(tmp_path / "a.tsv", [("good", text) for _, text in ROWS])
    assert "only one class" in alone.doubts()[0]


def test_blank_texts_are_left_out_with_a_word(tmp_path, capsys):
    corpus = labelled(tmp_path / "a.tsv", [*ROWS, ("good", ""), ("bad", "  ")])
    assert len(corpus.train) + len(corpus.validation) + len(corpus.test) == 200
    assert capsys.readouterr().err.endswith("a.tsv: 2 blank texts left out.\n")


def test_labels_and_texts_that_are_swapped_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"200 labels but 2 texts in 200 lines.*swapped"):
        labelled(tmp_path / "a.tsv", [(text, label) for label, text in ROWS])


def test_pairs_with_a_blank_side_are_not_scored_and_that_is_said(tmp_path, capsys):
    pairs = [(f"frase {n}", f"a sentence of number {n}") for n in range(60)]
    rows = [*pairs, *((f"vazia {n}", " ") for n in range(3)), ("", "nothing"), ("", "")]
    path = write(tmp_path / "a.tsv", "".join(f"{a}\t{b}\n" for a, b in rows))
    found = load_corpus(path).pairs_to_score("all")
    assert list(found) == pairs
    assert capsys.readouterr().err == (
        f"warning: {path}, all: 5 pairs with a blank side left out of the score.\n"
    )
    assert score(found.targets, [b for _, b in pairs]).bleu == pytest.approx(100)
    with pytest.raises(UserError, match="all: no pair has text on both sides"):
        load_corpus(write(tmp_path / "b.tsv", "a\t\n\tb\n")).pairs_to_score("all")


def test_pairs_without_blanks_are_the_same_pairs():
    pairs = Pairs(["a"], ["b"])
    assert pairs.without_blanks() is pairs


def test_perfect_translations_into_chinese_have_a_bleu_of_100(tmp_path):
    targets = ["猫在睡觉。", "他昨天买了一本很有意思的书。", "我们明天去北京。"]
    files = [
        write(tmp_path / name, "\n".join(lines))
        for name, lines in (("a.en", "abc"), ("a.zh", targets), ("plain", targets))
    ]
    for target in files[1:]:  # by its suffix, by its script
        corpus = load_corpus(f"{files[0]},{target}")
        assert corpus.bleu_tokenize == corpus.facts.bleu_tokenize == "zh"
        assert score(targets, targets, corpus.bleu_tokenize).bleu == pytest.approx(100)
    asked = load_corpus(f"{files[0]},{files[1]}", bleu_tokenize="char")
    assert asked.bleu_tokenize == asked.facts.bleu_tokenize == "char"


def test_a_way_to_split_words_that_is_not_installed_is_named():
    with pytest.raises(UserError, match=r"'ko-mecab' is not installed: .*pip install") as raised:
        score(["a"], ["a"], "ko-mecab")
    assert "\n" not in str(raised.value)
