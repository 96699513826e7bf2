"""Samples are a task's answers to the same texts, epoch after epoch."""

import tensorflow as tf

from tf_transformer.data import Pairs
from tf_transformer.tensorboard import Samples
from tf_transformer.text.tags import TAGS


class Parrot:
    """Says what it hears."""

    def translate(self, text):
        return {"translation": tf.identity(text)}

    def weigh_beam(self, text, beam_size, alpha, tag):
        found = {"translations": tf.strings.upper(tag + text)[:, None]}
        return found | dict.fromkeys(("scores", "truncated"), found["translations"])

    def complete(self, text, max_tokens, temperature):
        return {"completion": tf.strings.substr(text, 0, max_tokens)}

    def classify(self, text):
        return {"label": tf.identity(text), "probability": 0.456 * tf.ones(tf.shape(text))}


def rows(samples, count=8):
    return samples.table(count).splitlines()


def test_translations_stand_beside_their_references_and_are_scored():
    samples = Samples.of_translator(Parrot(), Pairs(["a b c d", "e"], ["a b c d", "f"]))
    logs = {"loss": 1.0}
    samples.on_epoch_end(0, logs)
    assert set(logs) == {"loss", "val_bleu"}
    assert 50 < logs["val_bleu"] < 100
    assert samples.monitor == "val_bleu"
    assert rows(samples)[0] == "source | translation | reference"
    assert rows(samples)[2:] == ["a b c d | a b c d | a b c d", "e | e | f"]
    assert rows(samples, 1)[2:] == ["a b c d | a b c d | a b c d"]


def test_a_tag_asks_for_its_translation_and_is_not_shown():
    sources = [f"{TAGS[0]}a b", "c"]
    samples = Samples.of_translator(Parrot(), Pairs(sources, [f"{TAGS[0]}A B", "C"]))
    samples.on_epoch_end(0, {})
    assert rows(samples)[2:] == [f"a b | {TAGS[0]}A B | {TAGS[0]}A B", "c | C | C"]


def test_completions_stand_beside_their_prompts():
    samples = Samples.of_completer(Parrot(), ["abc", "defg"], max_tokens=2)
    samples.on_epoch_end(0, {})
    assert samples.monitor == "val_loss"
    assert rows(samples) == ["prompt | completion", "--- | ---", "abc | ab", "defg | de"]


def test_classes_stand_beside_what_is_right():
    samples = Samples.of_classifier(Parrot(), ["no", "yes"], ["no", "no"])
    samples.on_epoch_end(0, {})
    assert samples.monitor == "val_accuracy"
    assert rows(samples)[0] == "text | class | answer | probability"
    assert rows(samples)[2:] == ["no | no | no | 46%", "yes | no | yes | 46%"]
