import gzip

import pytest

from tf_transformer.data import load_sentences
from tf_transformer.errors import UserError


def test_every_fiftieth_line_of_a_text_file_is_held_out(tmp_path):
    lines = [f"sentence {i}" for i in range(120)]
    path = tmp_path / "mine.txt.gz"
    path.write_bytes(gzip.compress("\n \n".join(lines).encode()))
    train, held_out = load_sentences("phrasebook", text_file=str(path))
    assert held_out == ["sentence 1", "sentence 51", "sentence 101"]
    assert sorted(train + held_out) == sorted(lines)


def test_either_side_of_a_parallel_corpus(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_text("".join(f"um {i}\tone {i}\n" for i in range(100)) + "\tnone\n")
    sources, others = load_sentences(str(path), side="source")
    targets, _ = load_sentences(str(path), side="target")
    assert {line.split()[0] for line in sources + others} == {"um"}
    assert {line.split()[0] for line in targets} <= {"one", "none"}
    assert set(sources).isdisjoint(others)


def test_a_text_of_one_line_is_refused(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("all there is\n\n")
    with pytest.raises(UserError, match="one line of text is too little"):
        load_sentences("phrasebook", text_file=str(path))
