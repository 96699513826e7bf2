"""Compiling a model: its optimizer and schedule, its loss and its metrics."""

from __future__ import annotations

import re

import keras

from tf_transformer.config import TrainingConfig
from tf_transformer.losses import SmoothedCrossEntropy
from tf_transformer.metrics import Perplexity, TokenAccuracy, TokenLoss
from tf_transformer.optimizers import Adam, AveragedAdam, AveragedMuon, Muon
from tf_transformer.schedules import Cosine, Noam

# Layers outside the stacks: embeddings and the output projection.
_OUTSIDE_THE_STACKS = "^(?!.*/(encoder|decoder)/)"


def compile_model(model: keras.Model, config: TrainingConfig, steps_per_epoch: int) -> None:
    """Compile a model of tokens with its optimizer, the smoothed loss and metrics per token.

    Args:
        model: a `Transformer`, or any model that returns logits `(batch, length, vocab)`.
        config: configuration of its training.
        steps_per_epoch: batches in an epoch.

    Example:
        ```python
        import tf_transformer as tft

        model = tft.Transformer({"num_layers": 1, "d_model": 16, "num_heads": 2})
        config = tft.config.TranslatorTraining(learning_rate=0.001)
        tft.training.compile_model(model, config, steps_per_epoch=100)
        ```

    Reference:
        *Attention Is All You Need*, section 5.
    """
    model.compile(
        optimizer=optimizer_for(model, config, steps_per_epoch),
        loss=SmoothedCrossEntropy(config.label_smoothing),
        metrics=[TokenLoss(config.label_smoothing), Perplexity(), TokenAccuracy()],
        jit_compile=config.xla or "auto",
    )


def optimizer_for(
    model: keras.Model, config: TrainingConfig, steps_per_epoch: int
) -> keras.optimizers.Optimizer:
    """Return a model's optimizer, which decays nothing but the matrices in the stacks.

    Args:
        model: a model with a `config`, whose weights exist.
        config: configuration of its training.
        steps_per_epoch: batches in an epoch.
    """
    optimizer = make_optimizer(config, model.config.d_model, steps_per_epoch)
    optimizer.exclude_from_weight_decay(
        [weight for weight in model.trainable_weights if not _is_matrix_of_a_stack(weight)]
    )
    return optimizer


def make_optimizer(
    config: TrainingConfig, d_model: int, steps_per_epoch: int
) -> keras.optimizers.Optimizer:
    """Return the optimizer that a `TrainingConfig` asks for.

    Muon's steps are scaled to the size of Adam's. The weights that it leaves to Adam (embeddings,
    the output projection and all vectors) learn best at `adam_lr_ratio` times Muon's rate.

    Args:
        config: configuration of the training.
        d_model: width of the model.
        steps_per_epoch: batches in an epoch.

    Reference:
        Adam: *Attention Is All You Need*, section 5.3. Muon: Jordan et al. 2024, *Muon: An
        optimizer for hidden layers in neural networks*; its scale: Liu et al. 2025, *Muon is
        Scalable for LLM Training*, section 2.2. Weight decay: Loshchilov & Hutter 2019, *Decoupled
        Weight Decay Regularization*.
    """
    schedule = _schedule(config, d_model, steps_per_epoch)
    options = {
        "global_clipnorm": config.clip_norm or None,
        "gradient_accumulation_steps": config.accumulate if config.accumulate > 1 else None,
        "epsilon": 1e-9,
        "weight_decay": config.weight_decay or None,
    }
    if config.optimizer == "adam":
        optimizer, averaged = Adam, AveragedAdam
        options |= {"beta_1": 0.9, "beta_2": 0.98}
    else:
        optimizer, averaged = Muon, AveragedMuon
        options |= {
            "adam_beta_1": 0.9,
            "adam_beta_2": 0.98,
            "adam_lr_ratio": config.adam_lr_ratio,
            "products": "bfloat16" if config.precision == "mixed_bfloat16" else "float32",
            "exclude_layers": [_OUTSIDE_THE_STACKS],
            "adam_weight_decay": None,
        }
    if config.ema:
        return averaged(schedule, decay=config.ema, **options)
    return optimizer(schedule, **options)


def _is_matrix_of_a_stack(weight: keras.Variable) -> bool:
    return len(weight.shape) == 2 and not re.search(_OUTSIDE_THE_STACKS, weight.path)


def _schedule(config: TrainingConfig, d_model: int, steps_per_epoch: int) -> Noam | Cosine:
    peak = config.learning_rate or (d_model * config.warmup_steps) ** -0.5
    warmup = config.warmup_steps * config.accumulate  # Keras's schedules count batches
    if config.schedule == "noam":
        return Noam(peak, warmup)
    return Cosine(peak, warmup, config.epochs * steps_per_epoch)
