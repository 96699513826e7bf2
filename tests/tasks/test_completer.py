"""Completions are what the model says, row by row, however long they grow."""

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import SMALL
from tf_transformer.config import CausalLMConfig
from tf_transformer.models import CausalLM
from tf_transformer.tasks import Completer
from tf_transformer.text import END, Characters, SentencePiece

TEXTS = ["the cat sat on the mat.", "a dog, not the cat, was there.", "mats are on sale."]
PROMPTS = ["the", "", "a dog was there, on the mat, not the cat", "m"]


def make(tokenizer, max_length=12):
    config = CausalLMConfig(
        vocab_size=tokenizer.vocab_size,
        **SMALL,
        positions="learned",
        tie=False,
        max_length=max_length,
    )
    model = reference.randomize(CausalLM(config))
    # Only END of the special ids is ever chosen: the others get a logit of about -16.
    model.decoder.final_norm.beta.assign(np.ones(16))
    kernel = 3 * np.array(model.output_projection.kernel)
    kernel[:, :3] = -1
    model.output_projection.kernel.assign(kernel)
    return model


@pytest.fixture(scope="module")
def completer():
    tokenizer = Characters.train(TEXTS, vocab_size=100)
    return Completer(make(tokenizer), tokenizer)


@pytest.fixture(scope="module")
def complete(completer):
    """The method as a graph, with all options tensors."""
    types = (tf.int32, tf.int32, tf.float32, tf.int32, tf.float32)
    signature = [tf.TensorSpec([None], tf.string), *(tf.TensorSpec([], dtype) for dtype in types)]
    function = tf.function(completer.complete, input_signature=signature, autograph=False)

    def run(prompts, max_tokens=8, seed=0, temperature=1.0, top_k=0, top_p=1.0):
        options = map(tf.constant, (max_tokens, seed, temperature, top_k, top_p))
        found = function(tf.constant(prompts, tf.string), *options)
        return {name: values.numpy() for name, values in found.items()}

    return run


@pytest.fixture(scope="module")
def whole_call(completer):
    """Calls the model as a graph: many short calls are slow without."""
    return tf.function(completer._model(), input_signature=[tf.TensorSpec([1, None], tf.int32)])


def greedy(completer, whole_call, prompt, max_tokens):
    """Return what a completion should be, and its log-probability, by whole calls of the model."""
    kept = completer.max_length * 3 // 4
    ids = completer.tokenizer.tokenize([prompt]).to_list()[0][-kept:] or [END]
    seen, added, total = len(ids), [], 0.0
    while len(added) < max_tokens and END not in added:
        logits = np.array(whole_call([ids[-seen:]]))[0, -1].astype("float64")
        token = int(logits.argmax())
        total += logits[token] - np.log(np.exp(logits).sum())
        ids.append(token)
        added.append(token)
        seen = kept if seen == completer.max_length else seen + 1
    text = completer.tokenizer.detokenize(tf.constant([added])).numpy()[0]
    return text, total, END in added


@pytest.mark.parametrize("max_tokens", [1, 8, 50])
def test_at_temperature_zero_they_are_what_whole_calls_find(
    completer, complete, whole_call, max_tokens
):
    found = complete(PROMPTS, max_tokens, temperature=0.0)
    expected = [greedy(completer, whole_call, prompt, max_tokens) for prompt in PROMPTS]
    assert found["completion"].tolist() == [text for text, _, _ in expected]
    np.testing.assert_allclose(found["score"], [total for _, total, _ in expected], rtol=1e-4)
    assert found["ended"].tolist() == [ended for _, _, ended in expected]


def test_completions_go_beyond_what_the_model_sees_at_once(complete):
    found = complete(PROMPTS, max_tokens=50, temperature=2.0)
    lengths = [len(text.decode()) for text in found["completion"]]
    assert max(lengths) > 30
    for length, ended in zip(lengths, found["ended"], strict=True):
        assert ended or length == 50


def test_what_stands_beside_a_row_changes_nothing(complete):
    together = complete(PROMPTS, seed=3)
    for i in range(1, len(PROMPTS)):
        fewer = complete(PROMPTS[:i], seed=3)
        assert fewer["completion"].tolist() == together["completion"][:i].tolist()
        np.testing.assert_allclose(fewer["score"], together["score"][:i], rtol=1e-4)


def test_the_seed_decides(complete):
    first, same, other = (complete(PROMPTS, seed=seed)["completion"] for seed in (1, 1, 2))
    assert first.tolist() == same.tolist() != other.tolist()


def test_equal_prompts_get_completions_of_their_own(complete):
    assert len(set(complete(["the"] * 20)["completion"])) > 10


def test_no_prompts_and_no_tokens(complete):
    assert complete([])["completion"].shape == (0,)
    found = complete(PROMPTS, max_tokens=0)
    assert found["completion"].tolist() == [b""] * len(PROMPTS)
    assert not found["score"].any()


def test_any_bytes_are_a_prompt(complete):
    for text in complete([b"\xff\xfe", b"\0", "日本", " " * 99])["completion"]:
        text.decode("utf-8")


def test_options_narrow_the_choice(complete):
    coldest = complete(PROMPTS, temperature=0.0)["completion"].tolist()
    for options in ({"top_k": 1}, {"top_p": 0.0}, {"temperature": 1e-4}):
        assert complete(PROMPTS, seed=7, **options)["completion"].tolist() == coldest


def test_spaces_between_subwords_are_kept():
    tokenizer = SentencePiece.train(TEXTS * 5, vocab_size=300)
    completer = Completer(make(tokenizer, max_length=40), tokenizer)
    prompt = "the cat"
    ids = tokenizer.tokenize([prompt])
    found = completer.complete(tf.constant([prompt]), max_tokens=6, temperature=0.0)
    added = []
    for _ in range(6):
        logits = completer._model()(np.array([[*ids.to_list()[0], *added]]))
        added.append(int(np.array(logits)[0, -1].argmax()))
    whole = tokenizer.detokenize(tf.concat([ids, tf.constant([added])], axis=1)).numpy()[0]
    assert prompt.encode() + found["completion"].numpy()[0] == whole
