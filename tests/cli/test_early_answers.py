"""Help and mistakes on a command line are answered before TensorFlow is imported."""

import json
import subprocess
import sys

import pytest

from tests.first_run import CHECKOUT, environment
from tf_transformer.cli.programs import PROGRAMS

# Each command runs in a fork of a process that has imported little.
_RUN = """
import contextlib, io, json, os, runpy, sys

def answer(argv):
    sys.argv[:] = argv
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            if argv[0] == "tft":
                import tf_transformer.cli
                tf_transformer.cli.main()
            else:
                runpy.run_path(argv[0], run_name="__main__")
        except SystemExit as exit:
            code = exit.code
    heavy = sorted({"tensorflow", "keras", "torch", "jax"} & set(sys.modules))
    return [code or 0, out.getvalue(), err.getvalue(), heavy]

for argv in json.load(sys.stdin):
    read, write = os.pipe()
    if not os.fork():
        with os.fdopen(write, "w") as pipe:
            json.dump(answer(argv), pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        print(pipe.read(), flush=True)
    os.wait()
"""

RECIPES = [program.recipe for program in PROGRAMS.values()]
SCRIPTS = [
    *("00_the_transformer.py", "01_tokenize.py", "02_word2vec.py", "03_rnn_attention.py"),
    *("04_inside_attention.py", "11_since_2017.py", "why_is_it_wrong.py", "compare_runs.py"),
    "train_on_ray.py",
]
COMMANDS = [[script] for script in RECIPES + SCRIPTS] + [["tft", verb] for verb in PROGRAMS]
HELP = [[*command, "--help"] for command in COMMANDS]
UNKNOWN = [[*command, "--run_dri=x"] for command in COMMANDS]
MISTAKEN_FIELDS = [
    [command, *rest]
    for command in ("05_train_translator.py", "09_language_model.py", "10_classify.py")
    for rest in (["--set=lr=1"], ["--set=epochs=many"], ["--epochs=2", "--set=epochs=3"])
]
MISTAKEN_FIELDS += [["05_train_translator.py", "--config=mine.toml"]]
MISTAKEN_DATASETS = [
    ["05_train_translator.py", "--dataset=mine.tsv*x + phrasebook"],
    ["tft", "train", "--dataset=mine.tsv*x + phrasebook", "--directions=both"],
]
MISTAKEN_VALUES = [["01_tokenize.py", "--lines=many"], ["compare_runs.py", "--against=days"]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "mine.toml").write_text("lr = 1\n")
    commands = HELP + UNKNOWN + MISTAKEN_FIELDS + MISTAKEN_DATASETS + MISTAKEN_VALUES
    paths = [
        [command if command == "tft" else str(CHECKOUT / "recipes" / command), *rest]
        for command, *rest in commands
    ]
    finished = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(paths),
        capture_output=True,
        encoding="utf-8",
        cwd=home,
        env=environment(),
        check=True,
    )
    found = map(json.loads, finished.stdout.splitlines())
    return dict(zip(map(" ".join, commands), found, strict=True))


@pytest.mark.parametrize("command", map(" ".join, HELP))
def test_help_says_what_it_does_with_an_example_and_sentences(answers, command):
    code, out, err, heavy = answers[command]
    assert (code, err, heavy) == (0, "", [])
    what, blank, usage, example, *flags = out.splitlines()
    assert what[0].isupper()
    assert what.endswith((".", "?"))
    assert (blank, usage[:7], example[:9]) == ("", "Usage: ", "Example: ")
    assert flags
    assert all(line.endswith(".") for line in flags if line)
    assert "verbosity" not in out  # absl's own flags are not the program's


@pytest.mark.parametrize("command", map(" ".join, UNKNOWN))
def test_an_unknown_flag_is_answered_in_a_line(answers, command):
    code, out, err, heavy = answers[command]
    assert (code, out, heavy) == (2, "", [])
    assert err.startswith("error: Unknown command line flag 'run_dri': ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", map(" ".join, MISTAKEN_VALUES))
def test_a_mistaken_value_is_answered_in_a_line(answers, command):
    code, out, err, heavy = answers[command]
    assert (code, out, heavy) == (2, "", [])
    assert err.startswith("error: flag --")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", map(" ".join, MISTAKEN_FIELDS))
def test_a_mistaken_field_is_answered_in_a_line(answers, command):
    code, out, err, heavy = answers[command]
    assert (code, out, heavy) == (2, "", [])
    assert err.count("\n") == 1
    if "lr" in command or "toml" in command:
        assert "did you mean learning_rate?" in err
    else:
        assert "epochs" in err


@pytest.mark.parametrize("command", map(" ".join, MISTAKEN_DATASETS))
def test_a_mistaken_weight_is_answered_in_a_line(answers, command):
    code, out, err, heavy = answers[command]
    assert (code, out, heavy) == (2, "", [])
    assert 'mine.tsv*x is no file, and "x" is no weight' in err
    assert err.count("\n") == 1
