"""Fewer nodes in a SavedModel."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tensorflow.core.protobuf import saved_model_pb2


def slim(path: Path) -> None:
    """Merge the equal constants of each function of a SavedModel, which has no custom gradients.

    Layers make the same small constants again and again: more than a third of all nodes. Each node
    takes memory and time when the model is loaded.

    Args:
        path: directory of a version that was saved without custom gradients, which name constants.
    """
    file = path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for graph in saved.meta_graphs:
        for function in graph.graph_def.library.function:
            _merge(function)
    file.write_bytes(saved.SerializeToString(deterministic=True))


def _merge(function: Any) -> None:
    """Merge the equal constants of a `FunctionDef`."""
    first: dict[tuple, str] = {}
    merged = {
        node.name: first.setdefault(_value(node), node.name)
        for node in function.node_def
        if node.op == "Const"
    }
    for number, node in reversed([*enumerate(function.node_def)]):
        if merged.get(node.name, node.name) != node.name:
            del function.node_def[number]
    for node in function.node_def:
        node.input[:] = _renamed(node.input, merged)
        node.attr.pop("_gradient_op_type", None)  # TensorFlow would warn that the gradient is gone
    results = dict(function.ret)
    for name, output in zip(results, _renamed(results.values(), merged), strict=True):
        function.ret[name] = output


def _value(node: Any) -> tuple:
    """Return what makes constants equal: the value with its type, the device, and what comes first.

    Other attributes, such as `_output_shapes`, follow from the value.
    """
    value = node.attr["value"].SerializeToString(deterministic=True)
    return (value, node.device, *node.input)


def _renamed(outputs: Iterable[str], names: dict[str, str]) -> list[str]:
    """Replace the names of nodes in outputs, such as `node:output:0` or, for control, `^node`."""
    found = []
    for output in outputs:
        mark = "^" if output.startswith("^") else ""
        node, *rest = output.removeprefix("^").split(":")
        found.append(mark + ":".join([names.get(node, node), *rest]))
    return found
