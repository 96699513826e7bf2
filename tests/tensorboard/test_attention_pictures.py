"""Pictures of attention in the same texts, now and then."""

import time

import numpy as np
import pytest

from tf_transformer.data import Pairs
from tf_transformer.language_model_config import CausalLMConfig
from tf_transformer.models import CausalLM
from tf_transformer.tensorboard import AttentionPictures, pictures_of_pairs, pictures_of_texts
from tf_transformer.tensorboard import attention_pictures as module
from tf_transformer.text import Characters


def is_picture(picture):
    return picture.shape[2] == 3 and picture.dtype == "uint8" and np.std(picture) > 10


def test_a_short_sentence_and_one_of_middling_length_are_drawn(trained):
    pictures = pictures_of_pairs(trained.translator, trained.pairs).draw()
    lengths = sorted(map(len, trained.pairs.sources))
    pairs = [tuple(text.split(" → ")) for text in pictures]
    assert [len(source) for source, _ in pairs] == [lengths[8], lengths[16]]
    assert set(pairs) <= set(trained.pairs)
    first, second = pictures.values()
    assert is_picture(first)
    assert is_picture(second)
    assert second.shape != first.shape


@pytest.mark.parametrize("count", [1, 2])
def test_few_sentences_will_do(count, monkeypatch):
    pictures = pictures_of_pairs(None, Pairs(["um", "dois"][:count], ["one", "two"][:count]))
    assert len(pictures._looks) == count


def test_a_model_of_single_texts_is_drawn_too_as_far_as_it_sees():
    tokenizer = Characters.train(["abcd"], vocab_size=9)
    shape = {"num_layers": 1, "d_model": 8, "num_heads": 2, "d_ff": 8, "max_length": 6}
    model = CausalLM(CausalLMConfig(vocab_size=tokenizer.vocab_size, **shape))
    pictures = pictures_of_texts(model, tokenizer, ["abc", "abcdabcd" * 9, ""]).draw()
    assert list(pictures) == ["abc", "abcdabcd" * 9]
    assert all(map(is_picture, pictures.values()))
    assert pictures_of_texts(model, tokenizer, [""]).draw() == {}


def test_drawing_takes_a_twentieth_of_the_time_at_most(monkeypatch):
    pictures = AttentionPictures({"um": lambda: "look"})
    clock = iter([100, 103, 162.9, 163.1, 170])  # begins, ends, too early, begins, ends
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(module, "_picture", lambda *look: "".join(look))
    assert pictures.draw() == {"um": "look"}
    assert pictures.draw() == {}
    assert pictures.draw() == {"um": "look"}
