"""The code on the cards of exports runs as it stands, in the directory of the export."""

import ast
import re
import subprocess
import sys

import pytest
import tensorflow as tf

from tests.engine_exports import tokenizers_of
from tf_transformer import export
from tf_transformer.decoding import GreedySearch
from tf_transformer.text import END

pytestmark = pytest.mark.long

PACKAGES = {
    "ctranslate2": ["ctranslate2"],
    "litert": ["ai_edge_litert"],
    "onnx": ["onnxruntime", "tf2onnx"],
    "openvino": ["openvino", "tf2onnx"],
}
TEXT = "Bom dia."  # on the cards of models that read Portuguese


@pytest.fixture(params=PACKAGES)
def engine(request):
    for package in PACKAGES[request.param]:
        pytest.importorskip(package)
    return request.param


def printed(directory):
    """Run each snippet of a card; return the lines that each prints."""
    text = (directory / "README.md").read_text(encoding="utf-8")
    return [run(code, directory) for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]


def run(code, directory):
    """Run code in a directory, where neither TensorFlow nor this package can be imported."""
    hide = "import sys; sys.modules['tensorflow'] = sys.modules['tf_transformer'] = None\n"
    command = [sys.executable, "-B", "-c", hide + code]
    finished = subprocess.run(
        command, cwd=directory, capture_output=True, encoding="utf-8", check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


def first_piece(translator, text):
    """Return the name of the most probable first token."""
    source, target = tokenizers_of(translator)
    (ids,) = source.tokenize([text]).to_list()
    search = GreedySearch()
    found = search(translator._model(), tf.constant([[*ids, END]]), tf.constant([1]))
    return target.tokens(found.ids)[0, 0].numpy().decode()


def test_the_snippets_translate_as_python_does(engine, joint, card, tmp_path):
    make = getattr(export, f"export_{engine}")
    directory = make(joint._model(), *tokenizers_of(joint), tmp_path / "model", card)
    (greedy, beam), *steps = printed(directory)
    assert greedy == joint(TEXT)
    assert [type(each) for each in ast.literal_eval(beam)] == [str, str]
    assert len(steps) == (engine in ("onnx", "openvino"))
    for (piece,) in steps:
        assert piece == first_piece(joint, TEXT)


def test_without_a_card_of_the_training_the_text_has_no_words(engine, separate, tmp_path):
    make = getattr(export, f"export_{engine}")
    directory = make(separate._model(), *tokenizers_of(separate), tmp_path / "model")
    (greedy, _), *_ = printed(directory)
    assert greedy == separate("…")
