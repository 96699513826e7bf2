"""Every cell of every recipe runs in a notebook, and shows its pictures beneath the cells."""

import pytest

from docs import notebooks
from tests.first_run import CHECKOUT

PROGRAMS = ["compare_runs"]  # scripts alone
SETTINGS = {  # by recipe: what makes it quick
    "00_the_transformer": {},
    "01_tokenize": {},
    "02_word2vec": {},
    "03_rnn_attention": {},
    "04_inside_attention": {},
    "05_train_translator": {},
    "06_translate": {},
    "07_evaluate": {},
    "08_export": {},
    "09_language_model": {},
    "10_classify": {},
    "11_since_2017": {},
    "why_is_it_wrong": {},
}
LONG = set(SETTINGS) - {"00_the_transformer", "01_tokenize", "11_since_2017"}


def test_every_recipe_is_a_notebook_or_a_program():
    found = {path.stem for path in (CHECKOUT / "recipes").glob("*.py")}
    assert found == {*SETTINGS, *PROGRAMS}


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[pytest.mark.long] * (each in LONG)) for each in SETTINGS]
)
def test_every_cell_runs(name, tmp_path):
    notebook = notebooks.execute(notebooks.read(name, **SETTINGS[name]), tmp_path)
    text, pictures = notebooks.shown(notebook)
    assert pictures > 0
    assert "wrote " not in text  # they are beneath the cells
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [each.text for each in outputs if each.get("name") == "stderr"] == []


def test_a_setting_takes_the_place_of_the_recipes_own():
    notebook = notebooks.read("why_is_it_wrong", n=7)
    assert any("\nn = 7  # " in f"\n{cell.source}" for cell in notebook.cells)
    with pytest.raises(ValueError, match="why_is_it_wrong has no setting 'm'"):
        notebooks.read("why_is_it_wrong", m=7)


def test_in_colab_the_first_cell_installs_the_package():
    notebook = notebooks.read("why_is_it_wrong")
    first, *others = notebooks.for_colab(notebook, "owner/name").cells
    assert first.source.startswith("%pip install ")
    assert first.source.endswith('"tf-transformer @ git+https://github.com/owner/name"')
    assert len(others) == len(notebook.cells)
