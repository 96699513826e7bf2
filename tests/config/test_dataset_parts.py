"""A dataset is one corpus, or several with weights; mistakes in it are said in a line."""

import pytest

from tf_transformer.config import DatasetPart, dataset_parts, rename_parts
from tf_transformer.errors import UserError


@pytest.mark.parametrize(
    ("dataset", "parts"),
    [
        ("phrasebook", [("phrasebook", 1)]),
        ("own.tsv*3", [("own.tsv", 3)]),
        ("a.pt,a.en*2 + phrasebook * 0.5", [("a.pt,a.en", 2), ("phrasebook", 0.5)]),
        (
            "set/pt_to_en*1 + c++.tsv\t+ own.tsv",
            [("set/pt_to_en", 1), ("c++.tsv", 1), ("own.tsv", 1)],
        ),
    ],
)
def test_corpora_have_weights(dataset, parts):
    assert dataset_parts(dataset) == [DatasetPart(*part) for part in parts]


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ("own.tsv*x", 'own.tsv*x is no file, and "x" is no weight; write NAME*NUMBER'),
        ("own.tsv*", '"" is no weight'),
        ("a + own.tsv*0", "own.tsv*0 has a weight that is not from 0.001 to 1,000"),
        ("own.tsv*-1", "not from 0.001"),
        ("own.tsv*nan", "not from 0.001"),
        ("own.tsv*1e9", "not from 0.001"),
        ("a + ", "a corpus is missing next to +"),
        ("a + + b", "a corpus is missing next to +"),
        ("*3", "*3 is not NAME*WEIGHT"),
        ("a*1+b*3", "write spaces around +"),
        ("a + b + a*2", "a is there twice; give it once, as a*2"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(dataset, words):
    with pytest.raises(UserError) as error:
        dataset_parts(dataset)
    assert words in str(error.value)
    assert dataset in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_may_have_signs_in_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a + b.tsv", "a*2", "c*d.pt", "c*d.en"):
        (tmp_path / name).touch()
    for dataset in ("a + b.tsv", "a*2", "c*d.pt,c*d.en"):
        assert dataset_parts(dataset) == [DatasetPart(dataset)]
    assert dataset_parts("a*2*3 + x") == [DatasetPart("a*2", 3), DatasetPart("x")]


def test_a_part_is_written_as_it_is_read():
    dataset = "a.pt,a.en*2 + phrasebook*0.5 + x"
    assert " + ".join(map(str, dataset_parts(dataset))) == dataset


def test_parts_are_renamed_file_by_file():
    assert rename_parts("a.pt,a.en*2 + x", str.upper) == "A.PT,A.EN*2 + X"
    assert rename_parts("no*where.tsv", str.upper) == "NO*WHERE.TSV"
