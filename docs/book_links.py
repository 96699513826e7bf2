"""Lets the links that lead to files on GitHub lead to pages of the book."""

import re
from pathlib import Path

_LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)?[\w./]+)\)")


def to_pages(text, folder, source_dir):
    """Return a page with its links to recipes and packages as links to their pages.

    What has no page in the book is no link there.

    Args:
        text: of the page.
        folder: of the page, below `source_dir`.
        source_dir: of the book, a `Path`.
    """

    def to_page(link):
        words, target = link[1], (source_dir / folder / link[2]).resolve()
        names = [f"{target.stem}.ipynb", f"api_{target.name}.md"]
        pages = [page for name in names if (page := source_dir / "made" / name).exists()]
        if pages:
            return f"[{words}](/{pages[0].relative_to(source_dir)})"
        is_file = target.is_file() and target.suffix != ".md"  # to download
        return link[0] if is_file or target.is_relative_to(source_dir) else words

    return _LINK.sub(to_page, text)


def _process(app, name, source):
    source[0] = to_pages(source[0], Path(name).parent, Path(app.srcdir))


def setup(app):
    """Connect to the reading of pages: Sphinx calls this."""
    app.connect("source-read", _process)
    return {"parallel_read_safe": True}
