"""A file is written whole or not at all."""

import errno
import json

import pytest

from tf_transformer.files import replacing, write_json, write_text


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "notes.txt"
    write_text(path, "old")
    write_text(path, "novo: ção\n")
    assert path.read_bytes() == "novo: ção\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def write_half(path, error):
    with replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise error


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with pytest.raises(type(error)):
        write_half(path, error)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_no_file_where_there_was_none(tmp_path):
    with pytest.raises(RuntimeError):
        write_half(tmp_path / "notes.txt", RuntimeError())
    assert list(tmp_path.iterdir()) == []


def test_until_the_end_the_old_file_is_there(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.suffix == ".txt"  # some writers go by it
    assert path.read_text() == "new"


def test_a_directory_appears_when_it_is_whole(tmp_path):
    with replacing(tmp_path / "deep" / "model") as temporary:
        temporary.mkdir()
        (temporary / "weights").write_text("all")
        assert not (tmp_path / "deep" / "model").exists()
    assert (tmp_path / "deep" / "model" / "weights").read_text() == "all"
    assert len(list((tmp_path / "deep").iterdir())) == 1


def test_json_is_for_people_too(tmp_path):
    values = {"frase": "três pães", "scores": [1.5, None]}
    write_json(tmp_path / "values.json", values)
    text = (tmp_path / "values.json").read_text(encoding="utf-8")
    assert json.loads(text) == values
    assert "três pães" in text
    assert text.endswith("}\n")


def test_values_that_are_no_json_leave_the_old_file(tmp_path):
    path = tmp_path / "values.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
