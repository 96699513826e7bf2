"""What cannot be loaded gets one line that names it."""

import shutil

import pytest
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.export import load_saved_model


@pytest.fixture
def copy(joint_dir, tmp_path):
    """A copy of an exported model, to damage."""
    return shutil.copytree(joint_dir, tmp_path / "copy")


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def assert_refused(directory, *says):
    with pytest.raises(UserError) as caught:
        load_saved_model(directory)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    for text in (f"model_dir={directory}", *says):
        assert text in message


def test_a_missing_directory(tmp_path):
    assert_refused(tmp_path / "missing", "is not a directory")


def test_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("text")
    assert_refused(path, "is not a directory")


def test_an_empty_directory(tmp_path):
    assert_refused(tmp_path, "holds no SavedModel")


def test_a_directory_of_something_else(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "notes.txt").write_text("text")
    assert_refused(tmp_path, "holds no SavedModel")


@pytest.mark.parametrize("contents", [b"", b"text, not a graph", b"\x08\x01"])
def test_a_saved_model_pb_of_something_else(contents, tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(contents)
    assert_refused(tmp_path, "damaged")


def test_a_truncated_graph(copy):
    truncate(copy / "1" / "saved_model.pb")
    assert_refused(copy, "damaged")


def test_missing_variables(copy):
    shutil.rmtree(copy / "1" / "variables")
    assert_refused(copy, "damaged")


@pytest.mark.parametrize(
    "ending", ["data-00000-of-00001", pytest.param("index", marks=pytest.mark.long)]
)
def test_truncated_variables(copy, ending):
    truncate(copy / "1" / "variables" / f"variables.{ending}")
    assert_refused(copy, "damaged")


def test_a_saved_model_without_signatures(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "1"))
    assert_refused(tmp_path, "no translation model")


def test_a_saved_model_of_something_else(tmp_path):
    module = tf.Module()
    module.double = tf.function(lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(module, str(tmp_path), signatures=module.double)
    assert_refused(tmp_path, "no translation model")
