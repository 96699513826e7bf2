"""Runs that earlier versions made open without being told what they are of."""

import json

import pytest

from tf_transformer.config import (
    CausalLMConfig,
    ClassifierConfig,
    ClassifierTraining,
    CorpusFacts,
    LanguageModelTraining,
    RNNConfig,
    TransformerConfig,
    TranslatorTraining,
)
from tf_transformer.errors import UserError
from tf_transformer.training import Run

# All trainings had the same fields, those for translation among them.
OLD_TRAINING = {
    "tokenizer": "sentencepiece",
    "vocab_size": 400,
    "joint_vocabulary": True,
    "text_form": "plain",
    "subword_sampling": 0.0,
    "batch_tokens": 640,
    "max_length": 40,
    "epochs": 12,
    "max_minutes": 0.0,
    "checkpoint_minutes": 5.0,
    "optimizer": "adam",
    "accumulate": 1,
    "learning_rate": 0.01,
    "warmup_steps": 40,
    "schedule": "cosine",
    "label_smoothing": 0.05,
    "clip_norm": 1.0,
    "ema": 0.0,
    "average_last": 0,
    "patience": 5,
    "bleu_sentences": 300,
    "precision": "float32",
    "xla": False,
    "seed": 1,
}
RATES = {"dropout": 0.1, "attention_dropout": 0.0, "feed_forward_dropout": 0.0}
STACK = {"num_layers": 1, "d_model": 32, "num_heads": 4, "d_ff": 64, **RATES}
STACK |= {"positions": "rotary", "norm": "pre", "activation": "gelu"}
PAIR = {"source_vocab_size": 400, "target_vocab_size": 400}
OF_TRANSLATION = {"joint_vocabulary", "text_form", "subword_sampling", "bleu_sentences"}
SHARED = {name: value for name, value in OLD_TRAINING.items() if name not in OF_TRANSLATION}

OLD_RUNS = {
    "transformer": (
        {"model_config": "TransformerConfig"},
        PAIR | STACK | {"tie": "all", "max_length": 40},
        OLD_TRAINING,
        TransformerConfig,
        TranslatorTraining(**OLD_TRAINING),
    ),
    "rnn": (
        {"model_config": "RNNConfig"},
        PAIR
        | {"num_layers": 1, "d_model": 32, "cell": "lstm", "attention": "multiplicative"}
        | {"dropout": 0.1, "tie": "all", "max_length": 40},
        OLD_TRAINING,
        RNNConfig,
        TranslatorTraining(**OLD_TRAINING),
    ),
    "language model": (
        {"model_config": "CausalLMConfig"},
        {"vocab_size": 90, **STACK, "max_length": 64, "tie": True},
        OLD_TRAINING | {"steps_per_epoch": 250},
        CausalLMConfig,
        LanguageModelTraining(**SHARED, steps_per_epoch=250),
    ),
    "classifier": (
        {"model_config": "ClassifierConfig"},
        {"vocab_size": 90, **STACK, "max_length": 64, "num_classes": 3, "word_dropout": 0.2},
        OLD_TRAINING,
        ClassifierConfig,
        ClassifierTraining(**SHARED),
    ),
}


def old_run(directory, name, kind, dataset="mine.tsv"):
    """Write what an earlier version wrote; return the run, and the configurations to expect."""
    _, model, training, model_class, training_config = OLD_RUNS[name]
    values = {"recipe": None, "dataset": dataset, **kind, "model": model, "training": training}
    (directory / "config.json").write_text(json.dumps(values))
    return Run.open(directory), model_class(**model), training_config


@pytest.mark.parametrize("name", OLD_RUNS)
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "by its fields"])
def test_an_old_run_of_each_kind_loads(name, is_named, tmp_path):
    run, model, training = old_run(tmp_path, name, OLD_RUNS[name][0] if is_named else {})
    assert run.load_config() == ("mine.tsv", model, training)
    assert run.task_name == model.task
    assert run.resume_config({"epochs": 20}) == ("mine.tsv", model, training.replace(epochs=20))
    assert Run.open(tmp_path).load_config() == ("mine.tsv", model, training.replace(epochs=20))


def test_a_run_of_what_is_not_a_model_is_refused(tmp_path):
    run, *_ = old_run(tmp_path, "transformer", {"model_config": "TranslatorTraining"})
    with pytest.raises(UserError, match=r"damaged: TranslatorTraining does not configure a model"):
        run.load_config()
    run, *_ = old_run(tmp_path, "transformer", {"model_config": "TransfomerConfig"})
    with pytest.raises(UserError, match=r"'TransfomerConfig' is unknown: did you mean Transformer"):
        run.load_config()


def test_an_old_run_asks_its_corpus_if_that_is_still_there(tmp_path):
    files = [tmp_path / "mine.pt", tmp_path / "mine.en"]
    for file in files:
        file.write_text("".join(f"{n}\n" for n in range(20)))
    dataset = ",".join(map(str, files))
    run, *_ = old_run(tmp_path, "transformer", {}, dataset)
    assert run.corpus == CorpusFacts(dataset, "unknown", "pt", "en", "plain", 18)
    files[0].unlink()
    assert run.corpus == CorpusFacts(dataset)


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("transformer", "lost.tsv"),
        ("transformer", "lost.pt,lost.en"),
        ("language model", "lost.txt"),
        ("classifier", "lost.tsv.gz"),
    ],
)
def test_what_an_old_run_says_of_a_lost_corpus_is_its_name(name, dataset, tmp_path):
    run, *_ = old_run(tmp_path, name, OLD_RUNS[name][0], dataset)
    assert run.corpus == CorpusFacts(dataset)


def test_an_old_language_model_and_classifier_ask_their_text_too(tmp_path):
    text = tmp_path / "mine.txt"
    text.write_text("a text\n")
    run, *_ = old_run(tmp_path, "language model", {}, str(text))
    assert run.corpus == CorpusFacts(str(text), size=1)
    table = tmp_path / "mine.tsv"
    table.write_text("".join(f"{('even', 'odd')[n % 2]}\tnumber {n}\n" for n in range(200)))
    run, *_ = old_run(tmp_path, "classifier", {}, str(table))
    assert run.corpus.classes == ("even", "odd")
