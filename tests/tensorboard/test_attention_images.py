"""Images of attention in the same texts, now and then."""

import time

import numpy as np
import pytest

from tf_transformer.config import CausalLMConfig
from tf_transformer.data import Pairs
from tf_transformer.models import CausalLM
from tf_transformer.tensorboard import AttentionImages
from tf_transformer.tensorboard import attention_images as module
from tf_transformer.text import Characters


def is_image(image):
    return image.shape[2] == 3 and image.dtype == "uint8" and np.std(image) > 10


def test_a_short_sentence_and_one_of_middling_length_are_drawn(trained):
    images = AttentionImages.of_pairs(trained.translator, trained.pairs).draw()
    lengths = sorted(map(len, trained.pairs.sources))
    pairs = [tuple(text.split(" → ")) for text in images]
    assert [len(source) for source, _ in pairs] == [lengths[8], lengths[16]]
    assert set(pairs) <= set(trained.pairs)
    first, second = images.values()
    assert is_image(first)
    assert is_image(second)
    assert second.shape != first.shape


@pytest.mark.parametrize("count", [1, 2])
def test_few_sentences_will_do(count, monkeypatch):
    images = AttentionImages.of_pairs(None, Pairs(["um", "dois"][:count], ["one", "two"][:count]))
    assert len(images._looks) == count


def test_a_model_of_single_texts_is_drawn_too_as_far_as_it_sees():
    tokenizer = Characters.train(["abcd"], vocab_size=9)
    shape = {"num_layers": 1, "d_model": 8, "num_heads": 2, "d_ff": 8, "max_length": 6}
    model = CausalLM(CausalLMConfig(vocab_size=tokenizer.vocab_size, **shape))
    images = AttentionImages.of_texts(model, tokenizer, ["abc", "abcdabcd" * 9, ""]).draw()
    assert list(images) == ["abc", "abcdabcd" * 9]
    assert all(map(is_image, images.values()))
    assert AttentionImages.of_texts(model, tokenizer, [""]).draw() == {}


def test_drawing_takes_a_twentieth_of_the_time_at_most(monkeypatch):
    images = AttentionImages({"um": lambda: "look"})
    times = [100, 103, 162.9, 163.1, 170, 171, 172]  # begins, ends, too early, and so on
    clock = iter(times)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(module, "_image", lambda *look: "".join(look))
    assert images.draw() == {"um": "look"}
    assert images.draw() == {}
    assert images.draw() == {"um": "look"}
    assert images.draw(at_once=True) == {"um": "look"}
