"""Lets the links that lead to files on GitHub lead to pages of the book."""

import json
import re
from pathlib import Path

_FENCED = re.compile(r"^( *)(```+).*?^\1\2", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\(([\w./]+)\)")


def to_pages(text, folder, source_dir):
    """Return a page with its links to recipes, packages and pages as links within the book.

    What has no page in the book is no link there. Code stays as it is.

    Args:
        text: of the page, in Markdown.
        folder: in which the links of the page start, a `Path`.
        source_dir: of the book, a `Path`.
    """

    def to_page(link):
        words, target = link[1], (folder / link[2]).resolve()
        made = [
            source_dir / "made" / name for name in (f"{target.stem}.ipynb", f"api_{target.name}.md")
        ]
        for page in [*made, target]:
            if page.is_file() and page.is_relative_to(source_dir):
                return f"[{words}](/{page.relative_to(source_dir)})"
        is_file = target.is_file() and target.suffix != ".md"  # to download
        return link[0] if is_file else words

    parts, end = [], 0
    for code in _FENCED.finditer(text):
        parts += [_LINK.sub(to_page, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, _LINK.sub(to_page, text[end:])])


def _process(app, name, source):
    source_dir = Path(app.srcdir)
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md":
        source[0] = to_pages(source[0], path.parent, source_dir)
        return
    notebook = json.loads(source[0])  # a recipe's, whose links start in its own folder
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            cell["source"] = to_pages(text, source_dir.parent / "recipes", source_dir)
    source[0] = json.dumps(notebook)


def setup(app):
    """Connect to the reading of pages: Sphinx calls this."""
    app.connect("source-read", _process)
    return {"parallel_read_safe": True}
