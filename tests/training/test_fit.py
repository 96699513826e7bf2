"""Models other than translators train by the same rules: they learn, resume, and show it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.small import SMALL
from tests.training.tiny_run import curve, state
from tf_transformer.config import (
    CausalLMConfig,
    ClassifierConfig,
    ClassifierTraining,
    LanguageModelTraining,
)
from tf_transformer.data import BlockBatches, LabelledBatches, LabelledTexts, tokenize_documents
from tf_transformer.models import CausalLM, TransformerClassifier
from tf_transformer.tasks import Completer, TextClassifier
from tf_transformer.tensorboard import Samples
from tf_transformer.text import Characters
from tf_transformer.training import Run, fit, load_model, train_classifier

TEXT = "the cat sat on the mat, and the dog sat on the cat. " * 12
LANGUAGE = Characters.train([TEXT], vocab_size=99)
SHAPE = SMALL | {"max_length": 12}
PLAN = LanguageModelTraining(
    batch_tokens=48, max_length=12, epochs=3, steps_per_epoch=10, learning_rate=0.02, warmup_steps=5
)


def new_language_model():
    keras.utils.set_random_seed(7)
    return CausalLM(CausalLMConfig(vocab_size=LANGUAGE.vocab_size, dropout=0.1, **SHAPE))


def train_language_model(directory, completer, max_minutes=0.0):
    stream = tokenize_documents([TEXT], LANGUAGE)
    samples = Samples.of_completer(completer, ["the ", ""], max_tokens=5)
    plan = PLAN.replace(max_minutes=max_minutes)
    return fit(
        completer._model(),
        plan,
        BlockBatches(stream, 12, 48, plan.steps_per_epoch),
        BlockBatches(stream[:100], 12, 48),
        run=Run(directory),
        samples=samples,
    )


@pytest.fixture(scope="module")
def language_model(tmp_path_factory):
    model, directory = new_language_model(), tmp_path_factory.mktemp("language_model")
    return model, train_language_model(directory, Completer(model, LANGUAGE)), directory


def test_a_language_model_learns(language_model):
    model, checkpoints, _ = language_model
    first, _, last = checkpoints.epochs
    assert last["val_loss"] < first["val_loss"] - 0.1
    assert last["val_loss"] == pytest.approx(np.log(last["val_perplexity"]), rel=1e-4)
    assert load_model(checkpoints.best).config == model.config


def test_the_least_loss_is_best(language_model):
    _, checkpoints, _ = language_model
    best = min(checkpoints.epochs, key=lambda logs: logs["val_loss"])
    assert checkpoints.best.name == f"step-{best['step']:07d}.keras"


@pytest.mark.long
def test_a_language_model_that_was_stopped_goes_on_as_if_it_had_not_been(language_model, tmp_path):
    model, checkpoints, _ = language_model
    resumed = new_language_model()  # the same one is resumed: compiling takes longest
    completer = Completer(resumed, LANGUAGE)
    train_language_model(tmp_path, completer, max_minutes=1e-9)  # one step
    again = train_language_model(tmp_path, completer)
    for ours, theirs in zip(state(resumed), state(model), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert curve(again) == curve(checkpoints)


def events(directory, split):
    accumulator = EventAccumulator(str(Run(directory).log_dir / split), {"tensors": 0})
    accumulator.Reload()
    return {
        tag: [tf.make_ndarray(event.tensor_proto) for event in accumulator.Tensors(tag)]
        for tag in accumulator.Tags()["tensors"]
    }


def test_tensorboard_shows_completions(language_model):
    _, checkpoints, directory = language_model
    found = events(directory, "validation")
    losses = [logs["val_loss"] for logs in checkpoints.epochs]
    np.testing.assert_allclose(np.ravel(found["loss"]), losses, rtol=1e-5)
    tables = [table.item().decode().splitlines() for table in found["completions"]]
    assert [len(table) for table in tables] == [4, 4, 4]
    assert tables[0][0] == "prompt | completion"
    assert tables[0][2].startswith("the&#160; | ")


TEXTS = LabelledTexts(
    [f"{a} {b} {c}" for a in "abcdef" for b in ("good", "bad") for c in "uvwxyz"],
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1] * 6,
)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    directory = tmp_path_factory.mktemp("classifier")
    keras.utils.set_random_seed(7)
    tokenizer = Characters.train(TEXTS.texts, vocab_size=99)
    config = ClassifierConfig(vocab_size=tokenizer.vocab_size, **SHAPE)
    model = TransformerClassifier(config)
    plan = ClassifierTraining(batch_tokens=256, max_length=12, epochs=8, learning_rate=0.02)
    plan = plan.replace(warmup_steps=5, ema=0.8)
    batches = LabelledBatches(TEXTS, tokenizer, 2, 12, 256)
    names = ("yes", "no")
    samples = Samples.of_classifier(
        TextClassifier(model, tokenizer, names), TEXTS.texts[:3], ["yes"] * 3
    )
    checkpoints = train_classifier(
        model, plan, batches, batches, run=Run(directory), samples=samples
    )
    return checkpoints, directory, tokenizer


def test_a_classifier_learns(classifier):
    checkpoints, _, tokenizer = classifier
    best = min(checkpoints.epochs, key=lambda logs: logs["val_loss"])
    assert best["val_accuracy"] > 0.95
    assert best["val_loss"] < checkpoints.epochs[0]["val_loss"]
    found = TextClassifier(load_model(checkpoints.best), tokenizer, ("yes", "no")).classify(
        tf.constant(["a good u", "f bad z", "", "c good w" * 9])
    )
    assert found["label"].numpy().tolist()[:2] == [b"yes", b"no"]
    np.testing.assert_allclose(tf.reduce_sum(found["probabilities"], axis=1), 1, rtol=1e-5)


def test_of_the_best_accuracy_the_least_loss_is_best(classifier):
    checkpoints, _, _ = classifier
    accuracy = max(logs["val_accuracy"] for logs in checkpoints.epochs)
    equals = [logs for logs in checkpoints.epochs if logs["val_accuracy"] == accuracy]
    best = min(equals, key=lambda logs: logs["val_loss"])
    assert checkpoints.monitor == "val_accuracy"
    assert checkpoints.best.name == f"step-{best['step']:07d}.keras"


def test_tensorboard_shows_what_a_classifier_says(classifier):
    _, directory, _ = classifier
    assert {"loss", "accuracy", "learning_rate"} <= set(events(directory, "train"))
    table = events(directory, "validation")["classes"][-1].item().decode().splitlines()
    assert table[0] == "text | class | answer | probability"
    assert table[2].startswith("a good u | yes | ")
