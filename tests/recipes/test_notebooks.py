"""Every cell of every recipe runs in a notebook, and shows its pictures beneath the cells."""

import pytest

from docs import notebooks
from tests.first_run import CHECKOUT, write_pairs

SCRIPTS = ["compare_runs", "train_on_ray"]  # which are no pages
SETTINGS = {  # what makes each page quick
    "00_the_transformer": {"n": 640, "epochs": 1},
    "01_tokenize": {"lines": 300, "vocab_size": 400},
    "02_word2vec": {"lines": 2000, "epochs": 1, "width": 8},
    "03_rnn_attention": {},
    "04_inside_attention": {"steps": 20, "layers": 4},
    "05_train_translator": {"dataset": "mine.tsv", "epochs": 1},
    "06_translate": {"n": 2},
    "07_evaluate": {"n": 2},
    "08_export": {"export_anyway": True},
    "09_language_model": {"dataset": "mine.txt", "epochs": 1, "steps_per_epoch": 2},
    "10_classify": {"dataset": "labels.tsv", "epochs": 1},
    "11_since_2017": {},
    "12_serve": {"export_anyway": True},
    "13_page": {},
    "14_prepare": {"dataset": "mine.tsv"},
    "why_is_it_wrong": {"n": 320, "epochs": 1},
}
IN_A_ROW = ["05_train_translator", "06_translate", "07_evaluate", "08_export", "12_serve"]
IN_A_ROW += ["13_page"]
SHORT = {"11_since_2017"}  # tests/recipes/test_first_recipes.py runs others as scripts


@pytest.fixture
def run_page(tmp_path):
    """Executes a page in a folder with text of a user's own; returns what it printed."""
    write_pairs(tmp_path / "mine.tsv")
    (tmp_path / "mine.txt").write_text("the cat sat on the mat. It is flat.\n" * 400)
    numbers = (f"{'even' if n % 2 == 0 else 'odd'}\tnumber {n}" for n in range(200))
    (tmp_path / "labels.tsv").write_text("\n".join(numbers) + "\n")

    def run(name):
        notebook = notebooks.execute(notebooks.read(name, **SETTINGS[name]), tmp_path)
        text, pictures = notebooks.shown(notebook)
        assert pictures > 0
        assert "wrote runs" not in text.replace("wrote runs/translate/attention.html", "")
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
        noise = [each.text for each in outputs if each.get("name") == "stderr"]
        assert [each for each in noise if not each.startswith("warning: the model is not")] == []
        return text

    return run


def test_every_recipe_is_a_notebook_or_a_program():
    found = {path.stem for path in (CHECKOUT / "recipes").glob("*.py")}
    assert found == {*SETTINGS, *SCRIPTS}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(each, marks=[] if each in SHORT else [pytest.mark.long])
        for each in SETTINGS
        if each not in IN_A_ROW
    ],
)
def test_every_cell_runs(name, run_page):
    run_page(name)


@pytest.mark.long
def test_every_cell_runs_of_the_pages_that_work_with_one_model(run_page):
    for name in IN_A_ROW:
        run_page(name)


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
