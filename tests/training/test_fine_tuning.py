"""A training that begins from another run's model has its weights, its words and its licence."""

import json

import numpy as np
import pytest

import tf_transformer as tft
from tests.first_run import write_pairs
from tf_transformer import api
from tf_transformer.begin import resume_run, start_run
from tf_transformer.errors import UserError
from tf_transformer.training import Run

PLAN = {"max_length": 40, "batch_tokens": 128, "epochs": 1}


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    path = tmp_path_factory.mktemp("fine") / "mine.tsv"
    write_pairs(path)
    return str(path)


def start(mine, base, directory, **fields):
    return start_run(directory, mine, "tiny", PLAN | fields, init_from=str(base))


def test_it_begins_with_the_weights_and_the_vocabulary_of_the_other(mine, first_run, tmp_path):
    run, corpus = start(mine, first_run.run_dir, tmp_path / "run", epochs=1, learning_rate=1e-9)
    base = Run.open(first_run.run_dir)
    vocabularies = [(each.tokenizer_dir / "tokenizer.vocab").read_text() for each in (run, base)]
    assert vocabularies[0] == vocabularies[1]
    api.train_run(run, corpus)
    for ours, theirs in zip(run.model().get_weights(), base.model().get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.long
def test_it_goes_on_from_its_own_checkpoint(mine, first_run, tmp_path):
    directory = tmp_path / "run"
    api.train_run(*start(mine, first_run.run_dir, directory))
    before = Run.open(directory).model().get_weights()
    api.train_run(*resume_run(directory, {}))  # all epochs are done
    for a, b in zip(Run.open(directory).model().get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    config = json.loads((directory / "config.json").read_text())
    assert config["init_from"] == str(first_run.run_dir)
    assert "preset" not in config
    assert config["corpus"]["license"] == "unknown; of the model that it started from: unknown"


def test_what_has_weights_stays_and_dropout_may_change(mine, first_run, tmp_path):
    with pytest.raises(UserError, match="d_model cannot be changed"):
        start(mine, first_run.run_dir, tmp_path / "run", d_model=64)
    with pytest.raises(UserError, match="vocab_size cannot be changed"):
        start(mine, first_run.run_dir, tmp_path / "run", vocab_size=64)
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="max_length=50 is over 40"):
        start(mine, first_run.run_dir, tmp_path / "run", max_length=50)
    run, _ = start(mine, first_run.run_dir, tmp_path / "run", dropout=0.3)
    _, model, _ = run.load_config()
    assert (model.dropout, model.d_model) == (0.3, 32)


def test_a_corpus_of_other_languages_or_another_form_is_refused(mine, first_run, tmp_path):
    with pytest.raises(UserError, match=r"treebank.*knows.*choose another dataset"):
        start(mine, first_run.run_dir, tmp_path / "run", text_form="treebank")


def test_a_model_of_another_kind_or_none_at_all_is_refused(mine, tmp_path):
    run = Run.create(tmp_path / "letters")
    run.save_config("x.txt", tft.CausalLMConfig(vocab_size=9), tft.config.LanguageModelTraining())
    with pytest.raises(UserError, match="start from a Transformer that translates"):
        start(mine, tmp_path / "letters", tmp_path / "run")
    with pytest.raises(UserError, match=r"holds no run to start from"):
        start(mine, tmp_path / "nothing", tmp_path / "run")
