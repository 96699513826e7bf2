"""A disk that is full at any moment of an export costs nothing that was there."""

import itertools

import pytest
import tensorflow as tf

from tests.disks import leave_free
from tf_transformer.cli.command_line import _is_full_disk
from tf_transformer.export import export_ctranslate2, export_saved_model, load_saved_model


def tree(directory):
    """Return the files of a directory, and what is in them."""
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def fails_until_there_is_room(export, model_dir, step):
    """Export, with `step` kilobytes more of room each time; return how often it did not suffice."""
    disk, before = model_dir.parent, tree(model_dir)
    for fails in itertools.count():
        leave_free(disk, fails * step)
        error = error_of(export)
        if error is None:
            return fails
        assert _is_full_disk(error), error
        assert tree(model_dir) == before


def error_of(function):
    try:
        function()
    except Exception as error:
        return error


@pytest.mark.long
def test_a_model_is_exported_when_there_is_room_again(joint, card, small_disk):
    def export():
        export_saved_model(joint, small_disk / "model", card)

    export()
    assert fails_until_there_is_room(export, small_disk / "model", step=200) > 1
    text = tf.constant(["o gato vê."])
    found = load_saved_model(small_disk / "model").signatures["serving_default"](text)
    assert found["translation"] == joint.translate(text)["translation"]


def test_a_ctranslate2_model_is_exported_when_there_is_room_again(joint, small_disk):
    tokenizers = joint.source_tokenizer, joint.target_tokenizer

    def export():
        export_ctranslate2(joint._model(), *tokenizers, small_disk / "model" / "ct2")

    (small_disk / "model").mkdir()
    assert fails_until_there_is_room(export, small_disk / "model", step=20) > 1
    assert (small_disk / "model" / "ct2" / "model.bin").exists()
