"""What is installed is known, and what is loaded runs no code of its own."""

import re
import tomllib
import zipfile

import keras
import pytest
from packaging.requirements import Requirement
from tensorflow.core.protobuf import saved_model_pb2

from tests.first_run import CHECKOUT
from tests.tasks.conftest import KINDS
from tf_transformer.errors import UserError
from tf_transformer.training import load_model

LOCK = (CHECKOUT / "requirements-ci.txt").read_text()
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


def requirements(lines):
    """Return those that hold here: no extras of our own, and markers are true."""
    found = map(Requirement, lines)
    return [x for x in found if not x.marker or x.marker.evaluate()]


def test_the_lock_file_has_a_version_and_hashes_of_all_that_is_declared():
    blocks = re.findall(r"^(\S.*?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", LOCK, re.MULTILINE)
    assert len(blocks) == len(re.findall(r"^[a-zA-Z]", LOCK, re.MULTILINE)) > 60
    locked = {each.name: each for each in requirements(line for line, _ in blocks)}
    extras = PROJECT["optional-dependencies"]
    declared = PROJECT["dependencies"] + extras["dev"] + extras["ctranslate2"]
    for each in requirements(declared):
        if each.name == PROJECT["name"]:
            continue
        (pin,) = locked[each.name.replace("_", "-")].specifier
        assert pin.operator == "=="
        assert each.specifier.contains(pin.version), each
    assert "setuptools" in locked  # which installs this package, without a look elsewhere


def test_the_lock_file_names_no_host():
    assert "://" not in LOCK
    assert "index" not in LOCK.replace("index-", "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_has_no_python_in_it(kind, exported):
    version = exported / kind / "1"
    graph = saved_model_pb2.SavedModel.FromString((version / "saved_model.pb").read_bytes())
    meta = graph.meta_graphs[0].graph_def
    nodes = [
        *meta.node,
        *(node for function in meta.library.function for node in function.node_def),
    ]
    assert len(nodes) > 100
    assert not {node.op for node in nodes if "Py" in node.op or "Numpy" in node.op}
    names = {path.name for path in version.rglob("*") if path.is_file()}
    assert not {name for name in names if name.endswith((".py", ".pkl", ".pickle", ".so"))}


class Trap:
    """Says that it was sprung."""

    sprung = False

    @classmethod
    def spring(cls, x):
        cls.sprung = True
        return x


def saved(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    return path


def refused(path):
    with pytest.raises(UserError, match=re.escape(str(path))) as caught:
        load_model(path)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_with_code_in_it_is_refused_and_the_code_is_not_run(tmp_path):
    layer = keras.layers.Lambda(lambda x: Trap.spring(x), output_shape=(2,))
    path = saved(keras.Sequential([keras.Input((2,)), layer]), tmp_path)
    Trap.sprung = False
    refused(path)
    assert not Trap.sprung


@pytest.mark.parametrize(
    ("module", "name"),
    [("subprocess", "Popen"), ("os", "system"), ("builtins", "eval"), ("nowhere", "Nothing")],
)
def test_a_checkpoint_of_another_class_is_refused_and_nothing_is_called(module, name, tmp_path):
    path = saved(keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]), tmp_path)
    with zipfile.ZipFile(path) as file:
        entries = {entry: file.read(entry) for entry in file.namelist()}
    mark = tmp_path / "mark"
    entries["config.json"] = (
        f'{{"module": "{module}", "class_name": "{name}", "registered_name": "{name}", '
        f'"config": {{"args": "touch {mark}", "shell": true, "command": "touch {mark}"}}}}'
    ).encode()
    with zipfile.ZipFile(path, "w") as file:
        for entry, data in entries.items():
            file.writestr(entry, data)
    refused(path)
    assert not mark.exists()


@pytest.mark.parametrize("config", ["", "[]", "null", "{}", '{"class_name": 3, "config": null}'])
def test_a_checkpoint_of_a_model_that_cannot_be_is_refused(config, tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", config)
        file.writestr("metadata.json", "{}")
    refused(path)
