"""The console command `tft`."""

import re
import subprocess
import sys

import pytest

import tf_transformer.cli
from tests.first_run import CHECKOUT
from tf_transformer.cli import programs
from tf_transformer.cli.programs import PROGRAMS


def run(monkeypatch, capsys, *arguments):
    """Run `tft` with arguments; return what it printed, and its exit code."""
    monkeypatch.setattr(sys, "argv", ["/usr/bin/tft", *arguments])
    code = 0
    try:
        tf_transformer.cli.main()
    except SystemExit as exit:
        code = exit.code
    return *capsys.readouterr(), code


def test_help_lists_the_verbs_and_loads_no_framework():
    code = (
        "import sys; sys.argv[1:] = ['--help']; import tf_transformer.cli; "
        "tf_transformer.cli.main(); print({'tensorflow', 'keras', 'numpy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr == ""
    *lines, frameworks = result.stdout.splitlines()
    assert frameworks == "set()"
    verbs = ("train", "translate", "evaluate", "export", "complete", "classify", "serve", "page")
    verbs += ("prepare",)
    for verb in verbs:
        assert any(re.match(f"  {verb} +\\w", line) for line in lines)


@pytest.mark.parametrize("arguments", [[], ["-h"], ["help"]])
def test_without_a_verb_it_helps(arguments, monkeypatch, capsys):
    out, err, code = run(monkeypatch, capsys, *arguments)
    assert (err, code) == ("", 0)
    assert out.startswith("Usage: tft VERB")


def test_an_unknown_verb_names_the_nearest(monkeypatch, capsys):
    out, err, code = run(monkeypatch, capsys, "trian")
    assert (out, code) == ("", 2)
    assert "'trian' is not a verb of tft: did you mean train" in err
    assert err.count("\n") == 1


def test_each_program_has_a_recipe_that_runs_it():
    for verb, program in PROGRAMS.items():
        script = (CHECKOUT / "recipes" / program.recipe).read_text(encoding="utf-8")
        assert f'\nimport tf_transformer as tft\n\ntft.cli.run_as_script("{verb}")  # ' in script
        assert f"`tf_transformer/cli/{program.module}.py`" in script


def test_commands_are_shown_as_the_program_was_called(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["recipes/05_train_translator.py"])
    programs.show_commands((programs.called("translate"), ["--model_dir=a b"]))
    monkeypatch.setattr(sys, "argv", ["tft train"])
    programs.show_commands((programs.called("translate"), ["--model_dir=a b"]))
    assert capsys.readouterr().out == (
        "  python recipes/06_translate.py '--model_dir=a b'\n  tft translate '--model_dir=a b'\n"
    )
