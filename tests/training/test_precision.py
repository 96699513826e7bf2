"""`precision="auto"` takes bfloat16 where its products are clearly faster, and keeps the choice."""

import keras
import pytest

import tf_transformer as tft
from tf_transformer.training import precision
from tf_transformer.training.precision import bfloat16_gain, with_precision

AUTO = tft.config.TranslatorTraining(precision="auto")


@pytest.mark.parametrize(
    ("gain", "chosen"), [(2.0, "mixed_bfloat16"), (1.1, "float32"), (0.2, "float32")]
)
def test_bfloat16_is_taken_where_it_is_clearly_faster(gain, chosen, monkeypatch, capsys):
    monkeypatch.setattr(precision, "bfloat16_gain", lambda: gain)
    assert with_precision(AUTO) == AUTO.replace(precision=chosen)
    assert chosen in capsys.readouterr().out


@pytest.mark.parametrize("chosen", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_precision_that_the_user_chose_stays(chosen, monkeypatch, capsys):
    monkeypatch.setattr(precision, "bfloat16_gain", lambda: pytest.fail("it was measured"))
    assert with_precision(AUTO.replace(precision=chosen)).precision == chosen
    assert capsys.readouterr().out == ""


def test_what_is_measured_is_the_ratio_of_two_products(monkeypatch):
    seconds = {"float32": 0.4, "bfloat16": 0.1}
    clock = iter(range(1000))
    now = [0.0]

    def product(dtype):
        def multiply():
            now[0] += seconds[dtype] + 0.01 * next(clock)  # each is slower: the first counts

        return multiply

    monkeypatch.setattr(precision, "_product", product)
    monkeypatch.setattr(precision.time, "perf_counter", lambda: now[0])
    assert bfloat16_gain() == pytest.approx(0.4 / 0.11)


def test_a_model_of_the_chosen_precision_can_be_made():
    chosen = with_precision(AUTO).precision
    model = tft.TransformerClassifier.from_preset("tiny", vocab_size=300, dtype=chosen)
    assert model.dtype_policy == keras.DTypePolicy(chosen)
