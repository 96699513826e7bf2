"""How weights are moved: by Adam as in the paper, or by Muon; by one batch, or by several."""

import keras

from tf_transformer.training.schedules import Cosine, Noam
from tf_transformer.training.weight_averages import AveragedAdam, AveragedMuon

# Whatever is in neither stack: embeddings and the output projection.
_OUTSIDE_THE_STACKS = "^(?!.*/(encoder|decoder)/)"


def make_optimizer(config, d_model, steps_per_epoch):
    """Return the optimizer that a `TrainingConfig` asks for.

    One peak learning rate does for both: Muon's steps are scaled to the size of Adam's.

    Args:
        config: a `TrainingConfig`.
        d_model: width of the model.
        steps_per_epoch: batches in an epoch.

    Reference:
        Adam: *Attention Is All You Need*, section 5.3. Muon: Jordan et al. 2024, *Muon: An
        optimizer for hidden layers in neural networks*; its scale: Liu et al. 2025, *Muon is
        Scalable for LLM Training*, section 2.2.
    """
    schedule = _schedule(config, d_model, steps_per_epoch)
    options = {
        "global_clipnorm": config.clip_norm or None,
        "gradient_accumulation_steps": config.accumulate if config.accumulate > 1 else None,
        "epsilon": 1e-9,
    }
    if config.optimizer == "adam":
        optimizer, averaged = keras.optimizers.Adam, AveragedAdam
        options |= {"beta_1": 0.9, "beta_2": 0.98}
    else:
        optimizer, averaged = keras.optimizers.Muon, AveragedMuon
        options |= {
            "adam_beta_1": 0.9,
            "adam_beta_2": 0.98,
            "exclude_layers": [_OUTSIDE_THE_STACKS],
        }
        options |= {"weight_decay": None, "adam_weight_decay": None}  # as with Adam
    if config.ema:
        return averaged(schedule, decay=config.ema, **options)
    return optimizer(schedule, **options)


def _schedule(config, d_model, steps_per_epoch):
    peak = config.learning_rate or (d_model * config.warmup_steps) ** -0.5
    warmup = config.warmup_steps * config.accumulate  # Keras's schedules count batches
    if config.schedule == "noam":
        return Noam(peak, warmup)
    return Cosine(peak, warmup, config.epochs * steps_per_epoch)
