"""Runs and exports of release 0.1.0 load, answer, export and train on as they did.

`saved/0.1.0.tar.xz` holds a small run, its export, and what both answered, made by that release.
"""

import copy
import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.conftest import PAIRS
from tf_transformer.data import BucketedBatches, Pairs, tokenize_pairs
from tf_transformer.models import Transformer
from tf_transformer.tasks import Translator
from tf_transformer.training import Run, train_translator

ARCHIVE = Path(__file__).parent / "saved" / "0.1.0.tar.xz"


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    directory = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(directory, filter="data")
    return directory


@pytest.fixture(scope="module")
def expected(old):
    return json.loads((old / "expected.json").read_text(encoding="utf-8"))


def assert_answers(translator, expected):
    """Check greedy and beam search on all texts."""
    texts = expected["texts"]
    greedy = translator(texts, details=True)
    assert [answer["translation"] for answer in greedy] == expected["translation"]
    np.testing.assert_allclose([each["score"] for each in greedy], expected["score"], atol=1e-3)
    beam = translator(texts, beam_size=4, alpha=0.6, details=True)
    assert [answer["translations"][0] for answer in beam] == [
        row[0] for row in expected["translations"]
    ]
    np.testing.assert_allclose([each["scores"] for each in beam], expected["scores"], atol=1e-3)


def test_an_old_export_answers_as_it_did(old, expected):
    assert_answers(tft.load(old / "export"), expected)


def test_an_old_export_attends_and_embeds_as_it_did(old, expected):
    model = tft.load_saved_model(old / "export")
    text = tf.constant(expected["texts"][:1])
    attention = np.ravel(model.signatures["attend"](text)["attention"])
    np.testing.assert_allclose(attention[:40], expected["attention"], atol=1e-4)
    embedding = model.signatures["embed"](text)["embedding"][0]
    np.testing.assert_allclose(embedding, expected["embedding"], atol=1e-4)


def test_an_old_run_answers_as_it_did_but_loses_no_sentence_in_small_letters(old, expected):
    # Of the two sentences of "bom dia. obrigado!", which were taken for one, it lost the first.
    found = copy.deepcopy(expected)
    place = found["texts"].index("bom dia. obrigado!")
    found["translation"][place] = "good morning. thank you!"
    found["translations"][place][0] = "good morning. thank you!"
    translator = tft.load(old / "run")
    answer = translator("bom dia. obrigado!", beam_size=4, details=True)
    found["score"][place] = translator("bom dia. obrigado!", details=True)["score"]
    found["scores"][place] = answer["scores"]
    assert_answers(translator, found)


@pytest.mark.long
def test_an_old_run_is_exported(old, expected, tmp_path):
    path = tft.load(old / "run").export(tmp_path / "model")
    assert "conftest" in (path / "README.md").read_text(encoding="utf-8")
    found = dict(zip(expected["texts"], expected["translation"], strict=True))
    found["bom dia. obrigado!"] = "good morning. thank you!"
    assert tft.load(path)(list(found)) == list(found.values())


def test_an_old_run_trains_on_from_where_it_stood(old, tmp_path, capsys):
    shutil.copytree(old / "run", tmp_path / "run")
    run = Run.open(tmp_path / "run")
    _, model_config, config = run.resume_config({"epochs": 13})
    sources, targets = map(list, zip(*PAIRS, strict=True))
    pairs, tokenizers = Pairs(sources, targets), run.tokenizers()
    often = tokenize_pairs(Pairs(24 * sources, 24 * targets), *tokenizers)
    model = Transformer(model_config)
    checkpoints = train_translator(
        model,
        config,
        BucketedBatches(often, config.batch_tokens),
        BucketedBatches(tokenize_pairs(pairs, *tokenizers), config.batch_tokens),
        run=run,
        translator=Translator(model, *tokenizers),
        sample=pairs,
    )
    assert "Resumed after step 264" in capsys.readouterr().out
    assert [logs["epoch"] for logs in checkpoints.epochs] == list(range(1, 14))
    assert checkpoints.epochs[-1]["val_accuracy"] == 1.0
