"""What TensorBoard's own projector plugin reads of what was written."""

import json

import numpy as np
import pytest
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.projector import projector_plugin
from werkzeug import test, wrappers

from tf_transformer.errors import UserError
from tf_transformer.tensorboard import write_projector

RNG = np.random.default_rng(0)
VECTORS = RNG.standard_normal((4, 3)).astype("float32")
WORDS = ["▁casa", "avó", "🙂", "de"]


@pytest.fixture
def projector(tmp_path):
    """Asks the plugin, as the page does: `projector("tensor", run="…", name="…")` gives bytes."""

    def ask(route, **arguments):
        multiplexer = plugin_event_multiplexer.EventMultiplexer()
        multiplexer.AddRunsFromDirectory(str(tmp_path))
        multiplexer.Reload()
        context = base_plugin.TBContext(
            logdir=str(tmp_path),
            multiplexer=multiplexer,
            data_provider=data_provider.MultiplexerDataProvider(multiplexer, str(tmp_path)),
        )
        app = projector_plugin.ProjectorPlugin(context).get_plugin_apps()[f"/{route}"]
        response = test.Client(app, wrappers.Response).get("/", query_string=arguments)
        assert response.status_code == 200, response.data
        return response.data

    return ask


def test_tensorboard_finds_the_vectors_and_their_labels(tmp_path, projector):
    write_projector(tmp_path / "mine" / "logs", "words", VECTORS, WORDS)
    run = "mine/logs"
    assert run in json.loads(projector("runs"))
    (embedding,) = json.loads(projector("info", run=run))["embeddings"]
    assert embedding["tensorName"] == "words"
    assert embedding["tensorShape"] == [4, 3]
    tensor = np.frombuffer(projector("tensor", run=run, name="words"), "float32")
    np.testing.assert_allclose(tensor.reshape(4, 3), VECTORS, rtol=1e-5)
    labels = projector("metadata", run=run, name="words").decode()
    assert labels.splitlines() == WORDS


def test_several_columns_have_a_header(tmp_path, projector):
    write_projector(tmp_path / "a", "words", VECTORS, {"word": WORDS, "count": [9, 5, 1, 70]})
    labels = projector("metadata", run="a", name="words").decode()
    assert labels == "word\tcount\n▁casa\t9\navó\t5\n🙂\t1\nde\t70\n"


def test_a_directory_holds_several_and_replaces_one_of_the_same_name(tmp_path, projector):
    for name, vectors in (("source", VECTORS), ("target", VECTORS), ("source", -VECTORS)):
        write_projector(tmp_path / "a", name, vectors, WORDS)
    found = json.loads(projector("info", run="a"))["embeddings"]
    assert [each["tensorName"] for each in found] == ["target", "source"]
    tensor = np.frombuffer(projector("tensor", run="a", name="source"), "float32")
    np.testing.assert_allclose(tensor.reshape(4, 3), -VECTORS, rtol=1e-5)


def test_strange_labels_stay_one_line_each(tmp_path, projector):
    strange = ["", " \t", "two\nlines\r", "tab\there\u2028"]
    write_projector(tmp_path / "a", "words", VECTORS, strange)
    labels = projector("metadata", run="a", name="words").decode()
    assert labels.split("\n") == ["␣", " ␤", "two␤lines␤", "tab␤here␤", ""]


@pytest.mark.parametrize(
    ("name", "vectors", "labels", "says"),
    [
        ("words", VECTORS, WORDS[:3], "3 of label for 4 vectors"),
        ("words", VECTORS, {"word": WORDS, "count": [1]}, "1 of count for 4 vectors"),
        ("words", VECTORS[0], WORDS, r"shape \(3,\)"),
        ("words", VECTORS[:0], [], r"shape \(0, 3\)"),
        ("my words", VECTORS, WORDS, "'my words' cannot name"),
        ("../words", VECTORS, WORDS, "cannot name"),
    ],
)
def test_mistakes(name, vectors, labels, says, tmp_path):
    with pytest.raises(UserError, match=says):
        write_projector(tmp_path / "a", name, vectors, labels)
    assert list(tmp_path.iterdir()) == []
