"""The rooms of the package import each other in one direction, and layers need Keras alone."""

import ast
import graphlib
from pathlib import Path

import pytest

import tf_transformer

PACKAGE = Path(tf_transformer.__file__).parent
NAME = PACKAGE.name

# Each line may import those above it.
ORDER = (
    ("errors", "files", "backend", "notebook", "process_memory", "quiet_start", "registration"),
    ("config",),
    ("text", "phrasebook", "layers", "losses", "schedules", "optimizers"),
    ("data", "models", "metrics"),
    ("decoding",),
    ("export",),
    ("tasks", "serving"),
    ("evaluation",),
    ("plots",),
    ("tensorboard", "page"),
    ("training",),
    ("preparation", "pretrained"),
    ("begin",),
    ("api",),
    ("cli",),
)
RANKS = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
KERAS_ALONE = ("layers", "models", "losses", "metrics", "optimizers", "schedules")
FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if file != PACKAGE / "__init__.py"]


def module_of(file):
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    return module.split(".")[1]


def imports(nodes, lazy):
    """Names of the modules that are imported, inside functions too if `lazy`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (m if is_module(m) else node.module for m in modules)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif lazy or not isinstance(node, ast.FunctionDef):
            yield from imports(ast.iter_child_nodes(node), lazy)


def is_module(name):
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def imported(file, lazy=True):
    return set(imports(ast.parse(file.read_text(encoding="utf-8")).body, lazy))


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_a_room_imports_only_rooms_below_it(file):
    room = room_of(module_of(file))
    others = {room_of(m) for m in imported(file) if m.startswith(f"{NAME}.")} - {room}
    assert [other for other in others if RANKS[other] >= RANKS[room]] == []


def test_text_is_read_and_batched_without_models():
    for file in FILES:
        if room_of(module_of(file)) in ("text", "phrasebook", "data"):
            rooms = {room_of(m) for m in imported(file) if m.startswith(f"{NAME}.")}
            assert rooms <= {"text", "phrasebook", "data", "config", "errors", "files"}


def test_no_module_imports_itself_by_way_of_others():
    graph = {}
    for file in FILES:
        if file.name != "__init__.py":
            graph[module_of(file)] = imported(file, lazy=False)
    graphlib.TopologicalSorter(graph).prepare()  # it raises on a circle


def test_layers_models_losses_and_metrics_import_keras_and_numpy_alone():
    for file in FILES:
        if room_of(module_of(file)) in KERAS_ALONE:
            heads = {module.split(".")[0] for module in imported(file)}
            assert not heads & {"tensorflow", "tensorflow_text", "jax", "torch"}, file


def test_nothing_imports_the_inside_of_keras():
    for file in FILES:
        assert not any(module.startswith("keras.src") for module in imported(file)), file
