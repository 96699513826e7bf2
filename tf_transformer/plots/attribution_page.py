"""A page of texts with their words coloured by what they add to a classifier's answer."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence

from tf_transformer.evaluation.attribution import Attribution
from tf_transformer.files import write_text
from tf_transformer.plots.coloured_words import ColouredText, ColouredWord, coloured_texts

_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 17px/2 system-ui, sans-serif; }}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; line-height: 1.3; }}
figure {{ margin: 1.2rem 0; }}
figcaption {{ font-size: .8rem; line-height: 1.5; opacity: .7; }}
span {{ border-radius: .25em; padding: .12em .05em; white-space: pre-wrap; }}
</style>
<h1>{title}</h1>
<p>Blue words speak for the answer, orange ones against it. The stronger the colour, the more its
log-odds fall or rise when the word is hidden. Below, in grey, is where attention leads through all
layers, which is a different question. Point at a word to see its value.</p>
{figures}
</html>
"""


def save_attribution_page(
    path: str | os.PathLike,
    attributions: Sequence[Attribution],
    classes: Sequence[str],
    title: str,
) -> None:
    """Write a self-contained web page, completely or not at all.

    Args:
        path: path of the HTML file.
        attributions: attributions of some texts.
        classes: names of the classes.
        title: title of the page.
    """
    figures = "\n".join(map(_figure, coloured_texts(attributions, classes)))
    write_text(path, _PAGE.format(title=html.escape(title), figures=figures))


def _figure(texts: Sequence[ColouredText]) -> str:
    parts = (
        f"<div>{''.join(map(_span, words))}</div><figcaption>{html.escape(caption)}</figcaption>"
        for caption, words in texts
    )
    return f"<figure>{''.join(parts)}</figure>"


def _span(word: ColouredWord) -> str:
    red, green, blue = word.colour
    style = f"background: rgba({red}, {green}, {blue}, {word.opacity:.2f})"
    text = word.text.removeprefix(" ")
    space = " " if word.text.startswith(" ") else ""
    return f'{space}<span style="{style}" title="{word.value}">{html.escape(text)}</span>'
