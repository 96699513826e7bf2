"""Models in the box are found by name, by the API and by all programs, and say their licence."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.first_run import PAIRS
from tf_transformer import begin, pretrained
from tf_transformer.cli.newest import load_model, open_run
from tf_transformer.errors import UserError
from tf_transformer.training import Run, pack_run

SOURCES = [source for source, _ in PAIRS[::9]]


@pytest.fixture(scope="module")
def packed(first_run, tmp_path_factory):
    return pack_run(Run.open(first_run.run_dir), tmp_path_factory.mktemp("packed") / "mine")


@pytest.fixture
def box(packed, tmp_path, monkeypatch):
    """A box with one model, `mine`; what was said before is said again."""
    shutil.copytree(packed, tmp_path / "box" / "mine")
    monkeypatch.setattr(pretrained, "HOME", tmp_path / "box")
    monkeypatch.chdir(tmp_path)
    pretrained._say_once.cache_clear()
    return tmp_path / "box"


def test_a_model_is_found_by_its_name(box, packed):
    assert pretrained.pretrained_names() == ["mine"]
    assert isinstance(tft.from_pretrained("mine"), tft.Translator)
    found, expected = pretrained.open_pretrained("mine").model(), Run.open(packed).model()
    for a, b in zip(found.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_another_name_is_answered_with_those_there_are(box):
    with pytest.raises(UserError, match=r"no pretrained model 'minr'.*mine"):
        tft.from_pretrained("minr")


def test_an_empty_box_is_said_to_be_empty(box):
    shutil.rmtree(box / "mine")
    with pytest.raises(UserError, match=r"no pretrained model is installed in .*box"):
        tft.from_pretrained("mine")


def test_a_damaged_model_is_refused(box):
    config = box / "mine" / "config.json"
    config.write_text(config.read_text().replace("mine.tsv", "other.tsv"))
    with pytest.raises(UserError, match=r"config\.json is damaged"):
        tft.from_pretrained("mine")


@pytest.mark.parametrize(
    ("license_of_texts", "terms"),
    [("CC BY-NC-ND 4.0; CC BY 2.0 FR", "non-commercial use"), ("CC BY 2.0 FR", None)],
)
def test_what_its_licence_asks_for_is_said_once(license_of_texts, terms, box, capsys, monkeypatch):
    monkeypatch.setattr(pretrained, "check_sums", lambda directory: None)
    config = box / "mine" / "config.json"
    values = json.loads(config.read_text())
    values["corpus"]["license"] = license_of_texts
    config.write_text(json.dumps(values))
    for _ in range(2):
        pretrained.open_pretrained("mine")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert license_of_texts in said
    assert ("non-commercial" in said) == bool(terms)


def test_programs_take_it_by_name_or_where_there_is_no_other(box, packed, capsys):
    assert hasattr(load_model("mine"), "search")
    model = load_model(None)
    found = model.search(tf.constant(SOURCES), 2, 0.6)
    expected = tft.load(packed)(SOURCES, beam_size=2)
    assert [row[0].decode() for row in found["translations"].numpy()] == expected
    signatures = {"serving_default", "translate_beam", "attend", "embed", "translate_controlled"}
    assert signatures <= set(model.signatures)
    assert "No model in saved_models yet: using --model_dir=mine\n" in capsys.readouterr().err


def test_it_is_found_beside_runs_of_ones_own(box, first_run):
    (box.parent / "runs").symlink_to(first_run.run_dir.parent)
    assert open_run("mine").directory == box / "mine"
    with pytest.raises(UserError, match=r"holds no run to export; there are: runs/first"):
        open_run("minr")


def test_a_directory_of_that_name_comes_before_the_box(box, first_run):
    (box.parent / "mine").symlink_to(first_run.run_dir)
    assert (
        begin.open_run("mine").directory == box.parent / "mine"
        or str(begin.open_run("mine").directory) == "mine"
    )


@pytest.mark.long
def test_it_exports_as_any_other_run(box, tmp_path):
    translator = tft.from_pretrained("mine")
    path = translator.export(tmp_path / "exported")
    assert tft.load(path)(SOURCES) == translator(SOURCES)
    assert "mine.tsv" in (path / "README.md").read_text()
