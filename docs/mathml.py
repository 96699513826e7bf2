"""Renders equations as MathML, which browsers draw by themselves: pages need no network for it."""

from docutils import nodes
from latex2mathml.converter import convert


def _inline(translator, node):
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(translator, node):
    equation = convert(node.astext(), display="block")
    translator.body.append(f'<div class="math">{equation}</div>')
    raise nodes.SkipNode


def setup(app):
    """Add the renderer that `html_math_renderer` names: Sphinx calls this."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
