"""Makes the pages of the book that come from code: the recipes, executed, and the API.

    python docs/make_pages.py

Each recipe is run as a notebook, two side by side. A chain of recipes runs in one folder, where one
works with what another has left.
"""

import inspect
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from notebooks import ROOT, execute, for_colab, read, shown

import tf_transformer as tft
from tf_transformer.cli import command_line
from tf_transformer.errors import counted

DOCS = Path(__file__).parent
MADE = DOCS / "made"  # the pages
WORK = DOCS / "_build" / "work"  # what recipes leave behind
COLAB = DOCS / "_build" / "html" / "notebooks"

PAGES = {  # settings that make a page take a minute or two
    "00_the_transformer": {},
    "01_tokenize": {},
    "02_word2vec": {},
    "03_rnn_attention": {},
    "04_inside_attention": {},
    "05_train_translator": {},
    "06_translate": {"n": 100},
    "07_evaluate": {"n": 150},
    "08_export": {},
    "09_language_model": {"epochs": 4},
    "10_classify": {},
    "11_since_2017": {},
    "12_serve": {},
    "13_page": {},
    "14_prepare": {},
    "why_is_it_wrong": {},
}

IN_A_ROW = ["05_train_translator", "06_translate", "07_evaluate", "08_export", "12_serve"]
IN_A_ROW += ["13_page"]
ALONE = ["03_rnn_attention", "09_language_model", "why_is_it_wrong"]  # the longest first
ALONE += [name for name in PAGES if name not in IN_A_ROW + ALONE]


def write_chain(names):
    """Run some recipes one after the other, in a folder of their own."""
    folder = WORK / names[0]
    folder.mkdir()
    for name in names:
        write_recipe(name, folder)


def write_recipe(name, folder):
    """Run a recipe as a notebook, and write it with its outputs: as a page, and for Colab."""
    started = time.monotonic()
    notebook = execute(read(name, **PAGES[name]), folder)
    repository = os.environ.get("GITHUB_REPOSITORY")  # where a workflow publishes the book
    if repository:
        nbformat.write(for_colab(notebook, repository), COLAB / f"{name}.ipynb")
        notebook.cells[0].source += f"\n\n{badge(name, repository)}"
    nbformat.write(notebook, MADE / f"{name}.ipynb")
    seconds, (_, pictures) = time.monotonic() - started, shown(notebook)
    print(f"{name}: {seconds:.0f} s, {counted(pictures, 'picture')}", flush=True)


def badge(name, repository):
    """Return a button that opens a recipe in Colab."""
    page = f"github/{repository}/blob/gh-pages/notebooks/{name}.ipynb"
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({image})](https://colab.research.google.com/{page})"


def write_script(name, *arguments):
    """Run a recipe that is a program only, and write its text, its code and what it prints."""
    command = " ".join([f"!python recipes/{name}.py", *arguments])
    finished = subprocess.run(
        [sys.executable, ROOT / "recipes" / f"{name}.py", *arguments],
        cwd=WORK,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    printed = nbformat.v4.new_output("stream", name="stdout", text=finished.stdout)
    notebook = read(name)
    notebook.cells.append(nbformat.v4.new_code_cell(command, outputs=[printed]))
    nbformat.write(notebook, MADE / f"{name}.ipynb")


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
    for directory in (MADE, WORK, COLAB):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    write_api()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write_chain, [IN_A_ROW, *([name] for name in ALONE)]))
    runs = sorted(WORK.glob("*/runs/*"))
    write_script("compare_runs", *(str(run.relative_to(WORK)) for run in runs))


if __name__ == "__main__":
    command_line.run(main)
