"""The commands on the pages can be typed: programs, flags, values and fields are there."""

import importlib
import re
import sys
import tomllib

import pytest

import tf_transformer as tft
from tests.pages import PAGES, ROOT, commands_of, relative, text_of
from tf_transformer.cli import command_line, program_flags
from tf_transformer.cli.programs import PROGRAMS

RECIPES = sorted((ROOT / "recipes").glob("*.py"))
COMMANDS = {path: commands_of(path) for path in [*PAGES, *RECIPES]}
COMMANDS = {relative(path): commands for path, commands in COMMANDS.items() if commands}
NOT_HERE = {  # what no test can try, and why
    "http.server": "is Python's own, and serves until it is stopped",
    "tensorboard": "is another's program, and serves until it is stopped",
    "saved_models/phrasebook-tiny-onnx/translate.py": "is a part of an export; no flags",
    "saved_models/phrasebook-tiny-ctranslate2/translate.py": "is tested in test_ctranslate2",
}
_VERBS = {program.recipe: verb for verb, program in PROGRAMS.items()}
_OF_THE_SHELL = ("<", "|", ">", "&&")


@pytest.fixture
def parse(recipe, monkeypatch, tmp_path):
    """Parses the arguments of a script as it does itself, and runs nothing; returns `Finished`."""
    run, take_flags = command_line.run, tft.cli.take_flags
    monkeypatch.chdir(ROOT)  # where the recipe files are

    def take_flags_alone(page):
        take_flags(page)
        sys.exit()

    def parse(script, arguments):
        if script in _VERBS:
            module = importlib.import_module(
                f"tf_transformer.cli.{PROGRAMS[_VERBS[script]].module}"
            )
            monkeypatch.setattr(module, "main", lambda *_: None)
        else:
            monkeypatch.setattr(tft.cli, "take_flags", take_flags_alone)
            monkeypatch.setattr(
                command_line, "run", lambda _, positional=False: run(lambda *_: None, positional)
            )
        return recipe(script.partition("_")[0], *arguments)

    return parse


def flags_of_benchmark(module):
    """Return the flags of a benchmark: its own, and those of the modules that it imports."""
    path = _path_of(module)
    text, found = path.read_text(encoding="utf-8"), _defined(path)
    others = re.findall(r"^from (benchmarks[\w.]*) import (.+)$", text, flags=re.MULTILINE)
    names = [f"{room}.{name}" for room, imported in others for name in imported.split(", ")]
    for name in {*names, *(room for room, _ in others)}:
        if name != module and _path_of(name).is_file():
            found |= flags_of_benchmark(name)
    return found


def _path_of(module):
    return ROOT / f"{module.replace('.', '/')}.py"


def _defined(path):
    text = path.read_text(encoding="utf-8")
    settings = re.findall(r"^(\w+) = .+?  # ", text.partition("take_flags(")[0], flags=re.MULTILINE)
    return {*settings, *re.findall(r'DEFINE_\w+\(\s*"(\w+)"', text)}


def check_benchmark(module, arguments):
    known = flags_of_benchmark(module)
    for argument in arguments:
        name = argument.removeprefix("--").partition("=")[0]
        assert argument.startswith("--"), argument
        assert {name, name.removeprefix("no")} & known, argument


def check_make(arguments):
    rules = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert {each for each in arguments if "=" not in each} <= set(rules)


def check_pip(arguments):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"(?:\.|tf-transformer)\[(.+?)\]", " ".join(arguments))
    assert arguments[0] == "install"
    assert set(extras) <= set(project["optional-dependencies"])


def check(parse, command):
    """Check one command, up to where the shell takes over."""
    end = min((command.index(each) for each in _OF_THE_SHELL if each in command), default=None)
    program, *arguments = command[:end]
    if program == "python" and arguments[0] != "-m":
        program, *arguments = arguments
    if {program, *arguments[:2]} & NOT_HERE.keys():
        return
    if program == "make":
        check_make(arguments)
    elif program == "pip":
        check_pip(arguments)
    elif program == "python" and arguments[1] == "pip":
        check_pip(arguments[2:])
    elif program == "python" and arguments[1].startswith("benchmarks"):
        check_benchmark(arguments[1], arguments[2:])
    else:
        if program == "tft":
            verb, *arguments = arguments or ["--help"]
            if verb.startswith("--"):
                return
            program = f"recipes/{PROGRAMS[verb].recipe}"
        assert (ROOT / program).is_file(), command
        finished = parse(program.removeprefix("recipes/"), arguments)
        assert (finished.code, finished.err) == (0, ""), command


@pytest.mark.parametrize("page", COMMANDS)
def test_the_commands_of_a_page_can_be_typed(page, parse):
    for command in COMMANDS[page]:
        check(parse, command)


def test_the_pages_with_commands_are_found():
    assert {"README.md", "docs/training.md", "docs/results.md"} <= COMMANDS.keys()
    assert sum(map(len, COMMANDS.values())) > 60


@pytest.mark.parametrize("path", [*PAGES, *RECIPES], ids=relative)
def test_every_flag_and_field_that_is_named_exists(path):
    text = text_of(path)
    scripts = [*RECIPES, *ROOT.glob("tf_transformer/cli/*.py"), *ROOT.glob("benchmarks/*.py")]
    known = {"version", "help"}.union(*(_defined(script) for script in scripts))
    for name in re.findall(r"`--([a-z]\w*)", text):
        assert {name, name.removeprefix("no")} & known, name
    fields = program_flags.fields()
    assert set(re.findall(r"--set[ =]([a-z]\w*)=", text)) <= fields


@pytest.mark.parametrize(
    "command",
    [
        ["python", "recipes/05_train_translator.py", "--run_dri=x"],
        ["python", "recipes/05_train_translator.py", "--set=lr=1"],
        ["python", "recipes/03_rnn_attention.py", "--epochs=many"],
        ["python", "recipes/04_inside_attention.py", "--run_dri=x"],
        ["python", "recipes/11_more.py"],
        ["python", "-m", "benchmarks.agreement", "--runs=x"],
        ["tft", "train", "sentence"],
        ["make", "tea"],
        ["pip", "install", ".[gpu]"],
    ],
    ids=" ".join,
)
def test_a_command_that_is_wrong_is_found(command, parse):
    with pytest.raises((AssertionError, ValueError)):
        check(parse, command)
