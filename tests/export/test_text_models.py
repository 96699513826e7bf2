"""Language models and classifiers as SavedModels: they answer as they did before."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import MODERN, SMALL
from tf_transformer.config import (
    CausalLMConfig,
    ClassifierConfig,
    ClassifierTraining,
    CorpusFacts,
    LanguageModelTraining,
)
from tf_transformer.errors import UserError
from tf_transformer.export import ModelCard, export_saved_model, load_saved_model
from tf_transformer.models import CausalLM, TransformerClassifier
from tf_transformer.tasks import Completer, TextClassifier
from tf_transformer.text import Characters

TEXTS = ["the cat sat on the mat.", "a dog, not the cat, was there."]
PROMPTS = ["the", "", "a dog was there, on the mat", b"\xff", "❤"]
SHAPE = SMALL | MODERN | {"max_length": 12, "num_kv_heads": 1}
TOKENIZER = Characters.train(TEXTS, vocab_size=100)


def card(config, training):
    values = {
        "corpus": CorpusFacts("mine.txt", "CC0 1.0"),
        "split": "validation",
        "scores": {"loss": 1.23},
        "model_config": config,
        "training_config": training,
        "parameters": 4_321,
        "steps": 9_876,
    }
    return ModelCard(**values)


@pytest.fixture(scope="module")
def language_model(tmp_path_factory):
    """A completer, and where it is exported."""
    config = CausalLMConfig(vocab_size=TOKENIZER.vocab_size, **SHAPE)
    completer = Completer(reference.randomize(CausalLM(config)), TOKENIZER)
    directory = tmp_path_factory.mktemp("saved") / "language"
    about = card(config, LanguageModelTraining())
    export_saved_model(completer, directory, about, max_tokens=9, temperature=0.5)
    return completer, directory


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A text classifier, and where it is exported."""
    config = ClassifierConfig(vocab_size=TOKENIZER.vocab_size, num_classes=3, **SHAPE)
    model = reference.randomize(TransformerClassifier(config))
    classifier = TextClassifier(model, TOKENIZER, ["a", "b", "c"])
    directory = tmp_path_factory.mktemp("saved") / "classes"
    export_saved_model(classifier, directory, card(config, ClassifierTraining()))
    return classifier, directory


def assert_same(ours, theirs):
    assert set(ours) == set(theirs)
    for name, values in ours.items():
        if values.dtype == tf.float32:
            np.testing.assert_allclose(values, theirs[name], rtol=1e-4, atol=1e-5)
        else:
            np.testing.assert_array_equal(values, theirs[name])


def test_a_loaded_language_model_completes_as_before(language_model):
    completer, directory = language_model
    model = load_saved_model(directory)
    prompts = tf.constant(PROMPTS)
    expected = completer.complete(prompts, max_tokens=9, temperature=0.5)
    assert_same(model.signatures["serving_default"](prompts), expected)
    expected = completer.complete(prompts, 20, 3, 1.5, 5, 0.9)
    assert_same(model.complete(prompts, 20, 3, 1.5, 5, 0.9), expected)
    options = {"max_tokens": 20, "seed": 3, "temperature": 1.5, "top_k": 5, "top_p": 0.9}
    options = {name: tf.constant(value) for name, value in options.items()}
    assert_same(model.signatures["complete"](prompt=prompts, **options), expected)


@pytest.mark.parametrize("texts", [TEXTS, [], ["", b"\xff", "x" * 99]])
def test_a_loaded_classifier_answers_as_before(classifier, texts):
    text_classifier, directory = classifier
    texts = tf.constant(texts, tf.string)
    found = load_saved_model(directory).signatures["serving_default"](texts)
    assert_same(found, text_classifier.classify(texts))
    assert found["probabilities"].shape == (len(texts), 3)


def test_what_stands_beside_a_text_changes_nothing(classifier):
    text_classifier, _ = classifier
    texts = [*TEXTS, "", "a", "the mat, the mat"] * 3
    together = text_classifier.classify(tf.constant(texts))["probabilities"]
    for text, row in list(zip(texts, together, strict=True))[:5]:
        alone = text_classifier.classify(tf.constant([text]))["probabilities"][0]
        np.testing.assert_allclose(alone, row, atol=1e-5)


def test_the_card_says_what_the_model_is(language_model):
    _, directory = language_model
    text = (directory / "1" / "README.md").read_text(encoding="utf-8")
    for words in ("# Language model", "4,321 weights", "`mine.txt`", "CC0 1.0", '["completion"]'):
        assert words in text
    assert "| loss on `validation` | 1.23 |" in text
    assert '"d_model": 16' in text


FRESH_PROCESS = """
import json, sys
sys.modules["tf_transformer"] = None  # as if it were not installed
import tensorflow as tf, tensorflow_text
prompt = tf.constant(json.loads(sys.argv[2]))
found = tf.saved_model.load(sys.argv[1]).signatures["serving_default"](prompt)
print(json.dumps([text.decode() for text in found["completion"].numpy()]))
"""


@pytest.mark.long
def test_a_language_model_needs_tensorflow_and_its_text_operations_alone(language_model, tmp_path):
    completer, directory = language_model
    prompts = ["the", ""]
    command = [sys.executable, "-c", FRESH_PROCESS, str(directory / "1"), json.dumps(prompts)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    expected = completer.complete(tf.constant(prompts), max_tokens=9, temperature=0.5)
    assert json.loads(done.stdout) == [text.decode() for text in expected["completion"].numpy()]


def test_one_kind_of_model_is_not_taken_for_another(language_model, classifier, tmp_path):
    with pytest.raises(UserError, match="is a SavedModel, but no classifier of this package"):
        load_saved_model(language_model[1], kind="classifier")
    with pytest.raises(UserError, match="is a SavedModel, but no language model of this package"):
        load_saved_model(classifier[1], kind="completer")
    with pytest.raises(UserError, match="is not a directory"):
        load_saved_model(tmp_path / "missing")
