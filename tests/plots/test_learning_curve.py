"""How a training went is drawn, whatever was trained."""

import numpy as np
import pytest

from tf_transformer.plots import learning_curve_figure, save_learning_curve


def logs_of(count, *names):
    """Return logs of so many epochs, with entries for both splits."""
    return [
        {"epoch": i, "step": 50 * i}
        | {prefix + name: 9.0 / i for name in ("loss", *names) for prefix in ("", "val_")}
        for i in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("names", "monitor", "title"),
    [
        (["accuracy", "perplexity", "bleu"], "val_bleu", "BLEU"),
        (["accuracy", "perplexity"], "val_loss", "perplexity"),
        (["accuracy"], "val_accuracy", "accuracy"),
        (["spearman"], "val_spearman", "spearman"),
    ],
)
def test_loss_and_the_score_of_a_task_are_drawn_with_the_best_model(names, monitor, title):
    epochs = logs_of(4, *names)
    loss, score = learning_curve_figure(epochs, epochs[2], monitor).axes
    assert [loss.get_ylabel(), score.get_ylabel()] == ["loss", title]
    assert loss.get_xlabel() == score.get_xlabel() == "step"
    named = [text.get_text() for text in loss.get_legend().texts]
    assert named == ["training", "validation", "best model: epoch 3, 3"]
    assert list(loss.lines[0].get_xdata()) == [50, 100, 150, 200]
    assert score.get_legend()


def test_a_model_without_a_score_has_one_panel():
    (loss,) = learning_curve_figure(logs_of(2), logs_of(2)[1]).axes
    assert loss.get_ylabel() == "loss"


@pytest.mark.parametrize("count", [1, 300])
def test_any_number_of_epochs_is_drawn_even_if_some_are_not_finite(count, tmp_path):
    epochs = logs_of(count, "perplexity")
    epochs[-1] |= {"loss": np.nan, "val_perplexity": np.inf}
    save_learning_curve(tmp_path / "curve.png", epochs, epochs[0])
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
