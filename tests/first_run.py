"""A new user's first run: recipe 05 on a file of their own, in a process of its own."""

import dataclasses
import itertools
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]

_SUBJECTS = [
    ("o gato", "the cat"),
    ("a menina", "the girl"),
    ("o pescador", "the fisherman"),
    ("a minha irmã", "my sister"),
]
_VERBS = [("vê", "sees"), ("compra", "buys"), ("não tem", "does not have"), ("pinta", "paints")]
_OBJECTS = [
    ("a porta azul.", "the blue door."),
    ("um livro.", "a book."),
    ("três pães?", "three loaves?"),
    ("o navio!", "the ship!"),
]
PAIRS = [
    tuple(" ".join(side) for side in zip(*parts, strict=True))
    for parts in itertools.product(_SUBJECTS, _VERBS, _OBJECTS)
]

SMALL = [
    "--preset=tiny",
    *("--set", "num_layers=1"),
    *("--set", "d_model=32"),
    *("--set", "d_ff=64"),
    *("--set", "max_length=40"),
    *("--set", "vocab_size=400"),
    *("--set", "learning_rate=0.01"),
    *("--set", "warmup_steps=30"),
    *("--set", "patience=0"),
    "--batch_tokens=128",
]
EPOCHS = 10


@dataclasses.dataclass(frozen=True)
class FirstRun:
    """Where it ran, and what it said.

    `home` holds `recipes` (a link), `mine.tsv`, `runs/first` and `saved_models/mine`.
    """

    home: Path
    arguments: list
    finished: subprocess.CompletedProcess

    @property
    def run_dir(self):
        return self.home / "runs" / "first"

    @property
    def model_dir(self):
        return self.home / "saved_models" / "mine"


def first_run_in(home):
    """Train in `home` and return the `FirstRun`."""
    (home / "recipes").symlink_to(CHECKOUT / "recipes", target_is_directory=True)
    write_pairs(home / "mine.tsv")
    arguments = [
        *("--dataset=mine.tsv", "--run_dir=runs/first", "--export_dir=saved_models/mine"),
        *SMALL,
        f"--epochs={EPOCHS}",
    ]
    finished = run_recipe("05_train_translator.py", *arguments, cwd=home)
    return FirstRun(home, arguments, finished)


def write_pairs(path):
    """Write `PAIRS` as a TSV file."""
    path.write_text("".join(f"{pt}\t{en}\n" for pt, en in PAIRS), encoding="utf-8")


def run_recipe(name, *arguments, **options):
    """Run a recipe as its users do; return the finished process, with its output as text."""
    return run([sys.executable, f"recipes/{name}", *arguments], **options)


def run(command, **options):
    """Run a command, with this checkout importable; return the finished process."""
    options = {"capture_output": True, "encoding": "utf-8", "check": False, **options}
    return subprocess.run(command, env=environment(), **options)


def environment():
    """Return the environment of a user who has installed this checkout."""
    hidden = ("TF_CPP_MIN_LOG_LEVEL", "XLA_FLAGS")  # of the tests
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
