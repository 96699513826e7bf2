"""Scripts for exports, which do not need this package: they contain what they would import."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

_IMPORT = re.compile(r"^from (tf_transformer\S+) import (?:\([^()]*\)|.*)$", re.MULTILINE)


def script_of(name: str) -> str:
    """Return the source of a module, with the modules of this package in place of their imports.

    Args:
        name: of the module, such as `"tf_transformer.text.rules"`. It is not imported, because it
            may need packages that are missing here.

    Example:
        ```python
        from tf_transformer.export.script import script_of

        source = script_of("tf_transformer.export.line_translator")
        assert "def split_line(" in source  # a function of `rules`
        assert "from tf_transformer" not in source
        ```
    """
    return _with_imports(name, set())


def _with_imports(name: str, known: set[str]) -> str:
    """Return the source of a module, with the modules that it imports and that are not known."""
    source = Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")
    return _IMPORT.sub(lambda found: _body(found[1], known), source)


def _body(name: str, known: set[str]) -> str:
    """Return a module without its docstring, for the middle of another; nothing if it is known."""
    if name in known:
        return ""
    known.add(name)
    _, _, body = _with_imports(name, known).partition("from __future__ import annotations\n")
    return body.strip()
