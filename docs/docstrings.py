"""Turns what our docstrings have of Markdown, fenced examples and indented formulas, into RST."""

import re
import textwrap

_FENCED = re.compile(r"^( *)```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_BEFORE_FORMULA = re.compile(r"^(\S.*\n\n)(?=    \S)", re.MULTILINE)
_SPAN = re.compile(r"(`[^`]+`)(\w?)")  # with a letter that follows, as in `Encoder`s


def to_rst(text):
    """Return a docstring with its fences, formulas and spans as RST has them."""
    parts = _FENCED.split(text)  # text, indent, code, text, …
    for i in range(0, len(parts), 3):
        parts[i] = _BEFORE_FORMULA.sub(r"\1::\n\n", parts[i])
        parts[i] = _SPAN.sub(lambda span: "\\ ".join(filter(None, span.groups())), parts[i])
    for i in range(1, len(parts), 3):
        parts[i : i + 2] = (
            f"{parts[i]}.. code-block:: python\n\n",
            textwrap.indent(parts[i + 1], "    "),
        )
    return "".join(parts)


def _process(app, kind, name, thing, options, lines):
    lines[:] = to_rst("\n".join(lines)).split("\n")


def _name_arguments(app, kind, name, thing, options, signature, returns):
    """Show a constructor's own arguments: Keras's classes say `(*args, **kwargs)`."""
    from sphinx.util import inspect  # here: the tests have no Sphinx

    if kind == "class" and signature == "(*args, **kwargs)":
        own = inspect.signature(thing.__init__, bound_method=True)
        return inspect.stringify_signature(own, show_return_annotation=False), returns


def setup(app):
    """Connect to autodoc, before napoleon: Sphinx calls this."""
    app.connect("autodoc-process-signature", _name_arguments)
    app.connect("autodoc-process-docstring", _process, priority=400)
    return {"parallel_read_safe": True}
