"""Makes the pages of the book that come from code: the recipes, executed, and the API.

    python docs/make_pages.py

A recipe's page is its text and its code, then what it prints and draws when it is run here: with
its defaults, or with what the page says. All recipes work in one folder, in order, as a reader
would: what one exports, the next one loads.
"""

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import tf_transformer as tft
from tf_transformer.errors import counted

DOCS = Path(__file__).parent
ROOT = DOCS.parent
MADE = DOCS / "made"  # the pages, and the pictures on them
WORK = DOCS / "_build" / "work"  # what recipes leave behind

RECIPES = {  # in order: the arguments of a run that takes a minute or two
    "00_the_transformer": [],
    "01_tokenize": [],
    "02_word2vec": [],
    "03_rnn_attention": ["--epochs=1"],
    "04_inside_attention": [],
    "05_train_translator": ["--epochs=1"],
    "06_translate": ["--attention_png=attention.png", "Quem vendeu a casa azul?"],
    "07_evaluate": [],
    "08_export": [],
    "09_language_model": ["--epochs=2"],
    "10_classify": [],
    "11_since_2017": [],
    "why_is_it_wrong": [],
    "compare_runs": ["runs/phrasebook-tiny", "--plot=runs/curves.png"],
}


def page_of(script):
    """Return a script in the percent format as Markdown: its text, and its code in fences."""
    parts = re.split(r"^# %%(.*)\n", script, flags=re.MULTILINE)[1:]
    cells = zip(parts[::2], parts[1::2], strict=True)
    return "\n".join(_text(cell) if "[markdown]" in kind else _code(cell) for kind, cell in cells)


def _text(cell):
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in cell.splitlines()) + "\n"


def _code(cell):
    code = cell.strip("\n")
    return f"```python\n{code}\n```\n" if code else ""


def run(name, arguments):
    """Run a recipe; return what it printed, and the pictures that it made."""
    started = time.time()
    finished = subprocess.run(
        [sys.executable, ROOT / "recipes" / f"{name}.py", *arguments],
        cwd=WORK,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    if finished.returncode:
        sys.exit(f"{name} failed:\n{finished.stderr[-3000:]}")
    pictures = sorted(
        (path for path in WORK.rglob("*.png") if path.stat().st_mtime >= started),
        key=lambda path: path.stat().st_mtime,
    )
    return finished.stdout, pictures


def write_recipe(name, arguments):
    """Run a recipe, and write its page."""
    started = time.monotonic()
    output, pictures = run(name, arguments)
    seconds = time.monotonic() - started
    command = shlex.join(["python", f"recipes/{name}.py", *arguments])
    figures = []
    for picture in pictures:
        shutil.copy(picture, MADE / f"{name}-{picture.name}")
        figures.append(f"![{picture.stem.replace('_', ' ')}]({name}-{picture.name})\n")
    script = (ROOT / "recipes" / f"{name}.py").read_text(encoding="utf-8")
    page = [
        page_of(script),
        "## What it says\n",
        f"`{command}` took {seconds:.0f} s when this page was made.\n",
        f"```text\n{output.rstrip()}\n```\n",
        *figures,
    ]
    (MADE / f"{name}.md").write_text("\n".join(page), encoding="utf-8")
    print(f"{name}: {seconds:.0f} s, {counted(len(figures), 'picture')}", flush=True)


def parts():
    """Return the public names of each part of the package: the top level, then its rooms."""
    found = {"tf_transformer": []}
    for name in tft.__all__:
        thing = getattr(tft, name)
        if inspect.ismodule(thing):
            found[name] = _public_names(thing)
        elif _is_documented(thing) and thing.__module__.split(".")[1] not in tft.__all__:
            found["tf_transformer"].append(f"tf_transformer.{name}")
    return found


def _public_names(room):
    names = getattr(room, "__all__", None) or [
        name for name, thing in vars(room).items() if _is_own(thing, room) and name[0] != "_"
    ]
    return [f"{room.__name__}.{name}" for name in names if _is_documented(getattr(room, name))]


def _is_documented(thing):
    return inspect.isclass(thing) or inspect.isfunction(thing)


def _is_own(thing, room):
    return getattr(thing, "__module__", None) == room.__name__


def write_api():
    """Write a page for each part of the package, with what its public names are."""
    for part, names in parts().items():
        directives = [
            f".. auto{'class' if name.split('.')[-1][0].isupper() else 'function'}:: {name}"
            for name in names
        ]
        page = [f"# `{part}`", "", "```{eval-rst}", *directives, "```"]
        (MADE / f"api_{part}.md").write_text("\n".join(page) + "\n", encoding="utf-8")


def main():
    for directory in (MADE, WORK):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    write_api()
    for name, arguments in RECIPES.items():
        write_recipe(name, arguments)


if __name__ == "__main__":
    command_line.run(main)
