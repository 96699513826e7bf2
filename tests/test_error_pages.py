"""The book has a page for each error that users meet, headed by the words that they see."""

import re
import types
from pathlib import Path

import numpy as np
import pytest

import tf_transformer as tft
from tests.pages import ROOT
from tf_transformer import tasks
from tf_transformer.cli import newest
from tf_transformer.evaluation import Baselines
from tf_transformer.export import ModelCard
from tf_transformer.training.divergence import DivergenceGuard

FOLDER = ROOT / "docs" / "errors"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
ELSEWHERE = {  # what must be provoked in another process
    "operation_not_registered": "tests/export/test_fresh_process.py, in TensorFlow's words",
    "process_ended": "tests/training/test_together.py, in two processes",
    "run_in_use": "tests/training/test_run_lock.py",
}


def own_text(content):
    Path("mine.tsv").write_bytes(content)
    tft.load_corpus("mine.tsv")


def not_utf8():
    own_text("sim\tyes\nnão\tno\n".encode("latin-1"))


def number_of_columns():
    own_text(b"sim\tyes\nbom dia, good morning\n")


def columns_swapped():
    own_text(b"target\tsource\nyes\tsim\n")


def files_of_two_lengths():
    Path("train.pt").write_text("um\ndois\n")
    Path("train.en").write_text("one\n")
    tft.load_corpus("train.pt,train.en")


def vocabulary_too_small():
    tft.train_tokenizers(["um", "dois"], ["one", "two"], vocab_size=100)


def unknown_field():
    tft.preset("tiny", learning_rat=0.1)


def folder_not_empty():
    Path("runs/mine").mkdir(parents=True)
    Path("runs/mine/notes.txt").touch()
    tft.Run.create("runs/mine")


def diverged():
    optimizer = types.SimpleNamespace(learning_rate=0.1)
    guard = DivergenceGuard(None, types.SimpleNamespace(clip_norm=0.0))
    guard.set_model(types.SimpleNamespace(optimizer=optimizer))
    guard._stop("loss", float("nan"), 1234)


def not_clearly_better():
    baselines = Baselines({"copying the source": {"chrf": 21.5}}, "copying the source")
    card = types.SimpleNamespace(scores={"chrf": 22.0}, baselines=baselines)
    ModelCard.require_learned(card, export_anyway=False)


def no_model_yet():
    newest.load_model(None, kind="completer")


def no_saved_model():
    Path("saved_models/mine").mkdir(parents=True)
    tft.load("saved_models/mine")


def damaged_model():
    folder = Path("saved_models/mine/1")
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"not a model")
    tft.load("saved_models/mine")


def id_out_of_range():
    config, _ = tft.preset("tiny", source_vocab_size=100, target_vocab_size=100)
    tft.Transformer(config)((np.array([[5, 100]]), np.array([[1]])))


def text_of_another_type():
    tasks.text_surface.map_texts(str, tasks.text_surface._list_of_texts(["bom dia", 7]))


PROVOKED = [
    not_utf8,
    number_of_columns,
    columns_swapped,
    files_of_two_lengths,
    vocabulary_too_small,
    unknown_field,
    folder_not_empty,
    diverged,
    not_clearly_better,
    no_model_yet,
    no_saved_model,
    damaged_model,
    id_out_of_range,
    text_of_another_type,
]


@pytest.mark.parametrize("provoke", PROVOKED)
def test_a_page_has_the_words_of_its_error(provoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tft.UserError) as error:
        provoke()
    words = re.search(r"^```text\n(.+?)\n```", PAGES[provoke.__name__], re.DOTALL | re.MULTILINE)
    assert " ".join(words[1].split()) == str(error.value)


def test_each_page_is_provoked():
    assert set(PAGES) - {"index"} == {each.__name__ for each in PROVOKED} | ELSEWHERE.keys()


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"index"}))
def test_a_page_says_what_happened_and_what_to_do(page):
    title, *_ = PAGES[page].splitlines()
    assert title.startswith("# ")
    assert "\n## What happened\n" in PAGES[page]
    assert "\n## What to do\n" in PAGES[page]
    assert f"]({page}.md)" in PAGES["index"]
