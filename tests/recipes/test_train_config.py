"""Recipe files: what they may say, what wins over them, and those that are tracked."""

import json
import re

import pytest

import tf_transformer as tft
from tests.first_run import CHECKOUT, write_pairs
from tf_transformer.config import read_config_file

FILES = sorted((CHECKOUT / "recipes" / "configs").glob("*.toml"))
FLAGS = ("dataset", "data_dir", "preset", "run_dir", "export_dir", "split", "beam_size", "alpha")
FIELDS = (*tft.TransformerConfig.field_names(), *tft.config.TranslatorTraining.field_names())

SMALL_FILE = """
dataset = "mine.tsv"  # made for this test
split = "validation"
num_layers = 1
d_model = 32
d_ff = 64
max_length = 40
vocab_size = 400
batch_tokens = 256
epochs = 7
patience = 0
beam_size = 2
alpha = 1
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with text and a recipe file."""
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    (tmp_path / "ours.toml").write_text(SMALL_FILE)
    return tmp_path


@pytest.mark.long
def test_a_file_says_everything_and_the_command_line_wins(recipe, home, monkeypatch):
    exported = []

    def export(translator, directory, card, **search):  # the rest of it takes long
        exported.append((str(directory), card.parameters, search))

    monkeypatch.setattr(tft, "export_saved_model", export)
    finished = recipe(
        "05", "--config=ours.toml", "--epochs=1", "--set=d_ff=48", "--alpha=0.5", "--export_anyway"
    )
    assert finished.code == 0, finished
    assert (
        "--split=validation --beam_size=2 --alpha=0.5" in finished.out
    )  # of the command that scores it again
    metrics = json.loads((home / "runs" / "ours" / "metrics.json").read_text())
    config = metrics["config"]
    assert (config["recipe"], config["dataset"]) == ("ours.toml", "mine.tsv")
    assert (config["model"]["d_model"], config["model"]["d_ff"]) == (32, 48)
    assert (config["training"]["patience"], config["training"]["epochs"]) == (0, 1)
    assert metrics["split"] == "validation"
    assert metrics["search"] == {"beam_size": 2, "alpha": 0.5}
    assert exported == [("saved_models/ours", metrics["parameters"], metrics["search"])]

    # To go on, the file says where the run is, and the run how it was configured.
    finished = recipe("05", "--config=ours.toml", "--resume", "--set=dropout=0.5")
    assert "error: dropout=0.5: this run's model has dropout=0.0" in finished.err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("d_modle = 32", "config=ours.toml: 'd_modle' is unknown: did you mean d_model"),
        ("datset = 'mine.tsv'", "config=ours.toml: 'datset' is unknown: did you mean dataset"),
        ("config = 'other.toml'", "config=ours.toml: 'config' is unknown"),
        ("dropout = '0.1'", "config=ours.toml: dropout='0.1': this field takes a float"),
        ("seed = true", "config=ours.toml: seed=True: this field takes an int"),
        ("num_heads = 3", "config=ours.toml: d_model=32 is not divisible by num_heads=3"),
        ("[training]", "config=ours.toml: 'training' is unknown"),
        ("preset = 3", "config=ours.toml: flag --preset=3"),
        ("preset = 'huge'", "config=ours.toml: preset 'huge' is unknown"),
        ("epochs = 3", "config=ours.toml is not a TOML file: Cannot overwrite a value"),
        ("dropout 0.1", "config=ours.toml is not a TOML file"),
        ("dropout = \udcff", "config=ours.toml is not a TOML file"),
    ],
)
def test_mistakes_in_a_file(line, says, refused, home):
    text = f"{SMALL_FILE}{line}\n"
    (home / "ours.toml").write_bytes(text.encode(errors="surrogateescape"))
    assert says in refused("05", "--config=ours.toml")
    assert not (home / "runs").exists()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("missing.toml", "config=missing.toml cannot be read: No such file or directory"),
        (".", "config=. cannot be read: Is a directory"),
    ],
)
def test_a_file_that_is_not_there(path, says, refused, home):
    assert says in refused("05", f"--config={path}")


def test_a_split_that_is_not_there_is_told_before_anything_is_learned(refused, home):
    assert 'mine.tsv has no split "dev"' in refused("05", "--config=ours.toml", "--split=dev")
    assert not (home / "runs").exists()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_tracked_file_can_be_run_and_says_why(path):
    values = read_config_file(path, {*FLAGS, *FIELDS})
    fields = {name: value for name, value in values.items() if name not in FLAGS}
    tft.preset(values["preset"], **fields)
    for line in path.read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"(\w+ = .+  # .+|#.*|)", line), line
        assert len(line) <= 100


def test_the_quick_start_is_what_make_train_does():
    path = CHECKOUT / "recipes" / "configs" / "phrasebook_tiny.toml"
    values = read_config_file(path, {*FLAGS, *FIELDS})
    makefile = (CHECKOUT / "Makefile").read_text()
    for name in ("dataset", "preset"):
        assert f"--{name}={values.pop(name)}" in makefile
    assert tft.preset("tiny", **values) == tft.preset("tiny")
