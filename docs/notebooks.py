"""Recipes as Jupyter notebooks: read, executed, and made ready for Colab."""

import os
import re
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "recipes"


def read(name, **settings):
    """Return a recipe as a notebook.

    Args:
        name: of the file in `recipes`, without its ending.
        **settings: values to write in place of the recipe's own: `n=100` for its line `n = 2000`.
    """
    source = (RECIPES / f"{name}.py").read_text(encoding="utf-8")
    for setting, value in settings.items():
        source, found = re.subn(
            rf"^{setting} = .+?(?=  #|$)", f"{setting} = {value!r}", source, count=1, flags=re.M
        )
        if not found:
            raise ValueError(f"{name} has no setting {setting!r}.")
    notebook = jupytext.reads(source, fmt="py:percent")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = kernel
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    return notebook


def execute(notebook, folder, timeout=1200):
    """Run all cells in a new kernel, and keep what they show.

    Args:
        notebook: which is changed.
        folder: where it works, and leaves what it writes.
        timeout: seconds that one cell may take. Defaults to 1,200.

    Raises:
        nbclient.exceptions.CellExecutionError: if a cell fails.
    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        resources={"metadata": {"path": folder}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of its own connection
    )
    client.execute(env=environment)
    return notebook


def shown(notebook):
    """Return all that the cells printed, and how many pictures they show."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    text = "".join(output.text for output in outputs if output.output_type == "stream")
    return text, sum("image/png" in output.get("data", ()) for output in outputs)


def for_colab(notebook, repository):
    """Return a notebook whose first cell installs the package from a repository on GitHub."""
    install = f'%pip install --quiet "tf-transformer @ git+https://github.com/{repository}"'
    copy = nbformat.from_dict(notebook)
    copy.cells = [nbformat.v4.new_code_cell(install), *copy.cells]
    return copy
