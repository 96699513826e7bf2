"""Where nothing is named, the newest is taken; a wrong name is answered with those there are."""

import os

import pytest

import tf_transformer as tft
from tests.first_run import CHECKOUT
from tf_transformer.cli.newest import find_model, load_model, open_run
from tf_transformer.errors import UserError


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Makes files, each newer than those before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tft, "load_saved_model", lambda directory, kind: (directory, kind))
    times = iter(range(10**9, 2 * 10**9))

    def make(name, content=b"{}"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        time = next(times)
        os.utime(path, (time, time))

    return make


def test_the_newest_model_of_any_kind_is_served(add, capsys):
    add("saved_models/old/1/saved_model.pb", b"..translate_beam..")
    add("saved_models/texts/1/saved_model.pb", b"..classify..")
    assert find_model(None) == "saved_models/texts"
    assert capsys.readouterr().err == "The newest model: --model_dir=saved_models/texts\n"
    assert find_model("saved_models/old") == "saved_models/old"
    with pytest.raises(UserError, match="nowhere is not a directory; there are: saved_models/old"):
        find_model("nowhere")


def test_where_there_is_no_model_the_translator_in_the_box_is_exported_once(
    add, monkeypatch, capsys
):
    exported = []

    def export(task, directory, card, **options):
        exported.append(options["control"])
        add(f"{directory}/1/saved_model.pb", b"..translate_beam..")

    monkeypatch.setattr(tft, "export_saved_model", export)
    (name,) = tft.pretrained.pretrained_names()
    assert find_model(None) == f"saved_models/{name}"
    assert capsys.readouterr().err.startswith(f"Exporting {name} as --model_dir=saved_models/")
    assert find_model(None) == find_model(name) == f"saved_models/{name}"
    assert exported == [True]
    add(f"{name}/1/saved_model.pb")
    assert find_model(name) == name  # a directory of the user's goes before a name


def test_the_newest_model_of_the_kind_is_taken(add, capsys):
    add("saved_models/old/1/saved_model.pb", b"..translate_beam..")
    add("saved_models/new/1/saved_model.pb", b"..translate_beam..")
    add("saved_models/texts/1/saved_model.pb", b"..classify..")
    assert load_model(None) == ("saved_models/new", "translator")
    assert capsys.readouterr().err == "The newest translator: --model_dir=saved_models/new\n"
    assert load_model(None, "classifier")[0] == "saved_models/texts"
    add("saved_models/old/2/saved_model.pb", b"..translate_beam..")
    assert load_model(None)[0] == "saved_models/old"
    assert load_model("saved_models/new")[0] == "saved_models/new"


def test_the_newest_finished_run_is_taken(add):
    for run in ("old", "new/seed-1"):
        add(f"runs/{run}/config.json")
        add(f"runs/{run}/metrics.json")
    add("runs/stopped/config.json")
    add("runs/vectors/metrics.json")
    assert str(open_run(None).directory) == "runs/new/seed-1"
    assert str(open_run("runs/old").directory) == "runs/old"


def test_where_there_is_no_run_the_translator_in_the_box_is_exported(add, capsys):
    add("runs/stopped/config.json")
    assert open_run(None).directory.name == "pt_en"
    assert capsys.readouterr().err == "No finished run in runs yet: using --run_dir=pt_en\n"


def test_a_name_that_is_not_there_is_answered_with_those_there_are(add):
    for kind in ("a", "b"):
        add(f"saved_models/{kind}/1/saved_model.pb", b"..translate_beam..")
        add(f"runs/{kind}/config.json")
        add(f"runs/{kind}/metrics.json")
    with pytest.raises(UserError, match=r"x is not a directory; .*_models/a, saved_models/b"):
        load_model("x")
    with pytest.raises(UserError, match=r"x holds no run to export; .*: runs/a, runs/b\."):
        open_run("x")


def test_where_there_is_none_it_is_said_how_to_make_one(add):
    with pytest.raises(UserError, match=r"no completer in saved_models: make one with .*09_lang"):
        load_model(None, "completer")
    with pytest.raises(UserError, match=r"no classifier in saved_models: make one with .*10_clas"):
        load_model(None, "classifier")


def test_make_and_readme_name_the_model_as_the_recipe_does():
    from tf_transformer.begin import run_name

    name = run_name("phrasebook", "tiny").removeprefix("runs/")
    assert f"NAME := {name}\n" in (CHECKOUT / "Makefile").read_text()
    assert f"--model_dir=saved_models/{name}" in (CHECKOUT / "README.md").read_text()
