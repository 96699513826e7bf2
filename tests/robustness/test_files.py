"""Whatever is in a file of the user's own: it is read whole, or refused in a line that names it."""

import gzip

import pytest
from hypothesis import strategies as st

from tests.robustness.texts import BYTES, LINE, many
from tf_transformer.data import load_corpus, load_labelled, load_sentences, load_text
from tf_transformer.errors import UserError
from tf_transformer.text import rules

_LINE = st.lists(BYTES, min_size=1, max_size=3).map(b"\t".join)
_PAIR = st.tuples(LINE, LINE).map(lambda pair: b"\t".join(text.encode() for text in pair))
_LINES = st.lists(st.one_of(_PAIR, _PAIR, _PAIR, _LINE), max_size=12).map(b"\n".join)
_PAIRS = st.lists(_PAIR, min_size=3, max_size=40).map(b"\r\n".join)
FILE = st.one_of(
    st.binary(max_size=60),
    BYTES,
    _LINES,
    _PAIRS,
    _PAIRS.map(lambda data: data.decode().encode("utf-16")),
    _PAIRS.map(gzip.compress),
    st.tuples(_PAIRS.map(gzip.compress), st.integers(0, 40)).map(lambda x: x[0][: -x[1]]),
    _PAIRS.map(lambda data: b"\xef\xbb\xbf" + data),
)


def texts_of_pairs(path):
    pairs = load_corpus(path).pairs("all")
    return pairs.sources + pairs.targets


def texts_of_aligned(path):
    pairs = load_corpus(f"{path},{path}").pairs("all")
    assert pairs.sources == pairs.targets
    return pairs.sources


def texts_of_labelled(path):
    corpus = load_labelled(path)
    return corpus.classes + corpus.train.texts + corpus.validation.texts + corpus.test.texts


def texts_of_text(path):
    corpus = load_text(path)
    return [*corpus.train, *corpus.validation]


def texts_of_sentences(path):
    train, held_out = load_sentences("", text_file=path)
    return train + held_out


READERS = {
    "pairs.tsv": texts_of_pairs,
    "aligned.pt": texts_of_aligned,
    "labelled.tsv": texts_of_labelled,
    "text.txt": texts_of_text,
    "sentences.txt": texts_of_sentences,
}


@pytest.mark.parametrize("name", READERS)
def test_a_file_is_read_or_refused_in_a_line_that_names_it(name, for_all, tmp_path):
    path = tmp_path / name

    def check(files):
        for content in files:
            path.write_bytes(content)
            said = ""
            try:
                "".join(READERS[name](str(path))).encode()  # there is no half character in it
            except UserError as error:
                said = str(error)
            assert not said or str(path) in said
            assert "\n" not in said
            assert len(said) < 400 + 2 * len(str(path))

    for_all(many(FILE, 12), check)


def test_no_pair_of_a_file_is_lost_or_spoilt(for_all, tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    columns = LINE.map(lambda text: text.replace("\t", " "))

    def check(rows):
        rows = [("um", "one"), *rows]
        lines = "".join(f"{source}\t{target}\n" for source, target in rows)
        path.write_text(lines, encoding="utf-8", newline="")
        pairs = load_corpus(str(path)).pairs("all")
        assert "header" not in capsys.readouterr().err
        expected = [(rules.clean(a), rules.clean(b)) for a, b in rows]
        assert list(zip(pairs.sources, pairs.targets, strict=True)) == expected

    for_all(st.lists(st.tuples(columns, columns), min_size=3, max_size=30), check)
