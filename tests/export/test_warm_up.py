"""The warm-up file: its requests, its format, and that it is played."""

import pytest
import tensorflow as tf

from tf_transformer.decoding import Hypotheses
from tf_transformer.export import export_saved_model, load_saved_model
from tf_transformer.export.warm_up import read_warm_up, write_warm_up
from tf_transformer.tasks import Translator

FILE = "assets.extra/tf_serving_warmup_requests"


@pytest.fixture(scope="module", params=["joint", "separate"])
def compiled(request):
    """A translator whose searches would be compiled, if they were called."""
    made = request.getfixturevalue(request.param)
    return Translator(made._model(), made.source_tokenizer, made.target_tokenizer, jit_compile=True)


def find_nothing(shapes):
    """Return a search that finds nothing, and takes note of the shapes that it is given."""

    def search(_, weights, source_ids, limits, options=None, rows=None):
        shapes.append(tuple(source_ids.shape))
        size, beams = [len(source_ids)], [4] if options else []
        nobody = tf.zeros(size, tf.bool)
        found = Hypotheses(
            tf.zeros([*size, *beams, 1], tf.int32),
            tf.zeros(size + beams),
            tf.zeros(size + beams, tf.bool),
            nobody,
        )
        return found, nobody

    return search


def test_requests_take_each_shape_once_for_each_compiled_signature(compiled, monkeypatch):
    shapes = []
    monkeypatch.setattr(compiled, "_search", find_nothing(shapes))
    methods = {
        "serving_default": compiled.translate,
        "translate_beam": compiled.translate_beam,
    }
    tf.config.run_functions_eagerly(True)
    try:
        for signature, texts in compiled.warm_up_requests():
            methods[signature](tf.constant(texts))
    finally:
        tf.config.run_functions_eagerly(False)
    assert [rows for rows, _ in shapes] == 2 * [rows for rows, _ in compiled.shapes()]
    assert len(set(shapes)) == len(compiled.shapes()) > 1


def test_there_are_no_requests_where_nothing_is_compiled(joint, joint_dir):
    assert joint.warm_up_requests() == []
    assert not (joint_dir / "1" / "assets.extra").exists()
    assert read_warm_up(joint_dir / "1") == []


def test_the_file_gives_back_what_was_written(tmp_path):
    requests = [("serving_default", ["olá"]), ("translate_beam", ["a" * 300, "", ""])]
    write_warm_up(tmp_path, "pt_en", requests)
    assert read_warm_up(tmp_path) == requests


def test_the_bytes_are_those_of_tensorflow_serving_s_own_messages(tmp_path):
    write_warm_up(tmp_path, "m", [("s", ["hi"])])
    (record,) = tf.data.TFRecordDataset(str(tmp_path / FILE)).as_numpy_iterator()
    tensor = b"\x08\x07\x12\x04\x12\x02\x08\x01\x42\x02hi"  # string, (1,), "hi"
    name, signature = b"\x0a\x01m", b"\x1a\x01s"
    inputs = b"\x0a\x04text" + b"\x12\x0c" + tensor
    request = b"\x0a\x06" + name + signature + b"\x12\x14" + inputs
    assert record == b"\x32\x20" + b"\x0a\x1e" + request


def test_an_export_with_xla_has_the_file_and_loading_can_play_it(
    compiled, card, tmp_path, monkeypatch
):
    played = []

    class Model:
        search = None
        signatures = dict.fromkeys(
            ("serving_default", "translate_beam"), lambda text: played.append(len(text))
        )

    def save(served, path, signatures, options):
        tf.io.gfile.makedirs(path)
        tf.io.write_file(f"{path}/saved_model.pb", "")  # an empty SavedModel

    monkeypatch.setattr(tf.saved_model, "save", save)
    monkeypatch.setattr(tf.saved_model, "load", lambda path: Model())
    version = export_saved_model(compiled, tmp_path / "model", card)
    assert (version / FILE).is_file()
    load_saved_model(tmp_path / "model")
    assert not played
    load_saved_model(tmp_path / "model", warm_up=True)
    assert played == 2 * [rows for rows, _ in compiled.shapes()]
