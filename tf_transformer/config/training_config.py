"""The base of the configurations of all trainings."""

from __future__ import annotations

import dataclasses
from typing import Literal

from tf_transformer.config.config import Config
from tf_transformer.config.field_types import Amount, Count, Length, Rate, Size, VocabularySize
from tf_transformer.errors import require

TokenizerKind = Literal["sentencepiece", "wordpiece", "characters"]
OptimizerKind = Literal["adam", "muon"]
ScheduleKind = Literal["noam", "cosine"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16", "auto"]


@dataclasses.dataclass(frozen=True)
class TrainingConfig(Config):
    """How a model is trained: the base of the configurations of all trainings.

    Args:
        tokenizer: `"sentencepiece"`, `"wordpiece"` or `"characters"`.
        vocab_size: number of token ids, special ones included.
        batch_tokens: most padded positions of a batch, on its longer side.
        max_length: longest text to train on, in tokens.
        epochs: most epochs, each of `passes` passes over the training data. The model is validated
            after each.
        passes: passes over the training data in an epoch; more than 1 if there is little data.
        steps_per_epoch: batches of an epoch, in place of passes, if there is very much data; each
            epoch goes on where the one before ended. 0 means whole passes.
        max_minutes: stop training cleanly after this many minutes; 0 means no limit. Resuming the
            run starts the count again.
        checkpoint_minutes: minutes between checkpoints within an epoch, the most that a killed run
            loses; 0 means checkpoints only after epochs.
        checkpoint_share: largest share of the time that writing checkpoints may take: if they take
            longer, there are fewer. 1 means no limit.
        optimizer: `"adam"`, or `"muon"` for the matrices in the stacks (and Adam for the rest).
        accumulate: number of batches whose mean gradient makes one optimizer step.
        learning_rate: the peak rate; 0 means the paper's, `(d_model * warmup_steps) ** -0.5`.
        adam_lr_ratio: with Muon, Adam's rate for embeddings and all vectors, as a multiple of
            `learning_rate`.
        warmup_steps: steps of the optimizer until the peak.
        schedule: `"noam"` (inverse square root) or `"cosine"` (to zero at the end of the last
            epoch).
        label_smoothing: probability shared equally by all tokens.
        clip_norm: largest norm of the gradient of all weights together; 0 means no limit.
        weight_decay: how fast the matrices in the stacks shrink: each step takes the rate times
            this share off them. It helps when the data are read many times; 0 means none.
        ema: decay of a moving average of the weights, such as 0.999; 0 means none. The averages are
            validated, kept as the best model and exported; training continues from the weights.
        average_last: the same with the mean of the weights at the ends of this many last epochs; 0
            means none.
        patience: stop after this many epochs without a better validation; 0 means never.
        precision: `"float32"`, `"mixed_bfloat16"` or `"mixed_float16"`; `"auto"` takes the faster
            of the first two on the machine where the run starts.
        xla: whether XLA compiles the steps, once for each shape of batch. TED talks then train 1.2
            times as fast, after minutes of compiling; batches of one shape 1.8 times as fast, after
            seconds. `False` leaves the choice to Keras, which uses XLA on JAX and on a GPU.
        seed: seed of weights, dropout and the order of the data.

    Raises:
        UserError: for values that cannot work.
    """

    tokenizer: TokenizerKind = "sentencepiece"
    vocab_size: VocabularySize = 8000
    batch_tokens: Length = 2048
    max_length: Length = 128
    epochs: Size = 20
    max_minutes: Amount = 0.0
    checkpoint_minutes: Amount = 5.0
    checkpoint_share: Amount = 0.03
    optimizer: OptimizerKind = "adam"
    accumulate: Size = 1
    learning_rate: Amount = 0.0
    adam_lr_ratio: Amount = 1.0
    warmup_steps: Size = 4000
    schedule: ScheduleKind = "noam"
    label_smoothing: Rate = 0.1
    clip_norm: Amount = 1.0
    weight_decay: Amount = 0.0
    ema: Rate = 0.0
    average_last: Count = 0
    patience: Count = 5
    precision: Precision = "float32"
    xla: bool = False
    seed: Count = 1
    passes: Size = 1
    steps_per_epoch: Count = 0

    def _check(self) -> None:
        super()._check()
        require(
            not (self.ema and self.average_last),
            f"ema={self.ema:g} and average_last={self.average_last} are two ways to average the "
            "weights: set one of them to 0.",
        )
        require(
            self.passes == 1 or not self.steps_per_epoch,
            f"passes={self.passes} and steps_per_epoch={self.steps_per_epoch} both say how long an "
            "epoch is: set steps_per_epoch=0, or leave passes out.",
        )
        require(
            self.max_length <= self.batch_tokens,
            f"max_length={self.max_length} is over batch_tokens={self.batch_tokens}: "
            "the longest sentence must fit into a batch.",
        )
