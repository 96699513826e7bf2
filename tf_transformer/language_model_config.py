"""Everything that can be chosen about a language model and its training.

The defaults are those of nanoGPT's small setting for a CPU, which takes minutes.
"""

from __future__ import annotations

import dataclasses

from tf_transformer.config import TrainingConfig, require
from tf_transformer.stack_config import StackConfig


@dataclasses.dataclass(frozen=True)
class CausalLMConfig(StackConfig):
    """The shape of a `CausalLM`.

    Args:
        tie: whether embedding and output projection are one table. Defaults to `True`.
        **fields: those of `StackConfig`. `max_length` is the length of a block of training text,
            and how far back the model sees.

    Raises:
        UserError: for values that cannot work.

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners* (GPT-2); Su et
        al. 2021, *RoFormer* (rotary positions).
    """

    tie: bool = True


@dataclasses.dataclass(frozen=True)
class LanguageModelTraining(TrainingConfig):
    """How a language model is trained: a `TrainingConfig` with other defaults, and one more field.

    An epoch is `steps_per_epoch` batches of blocks: the text is read on and on, whatever the
    epochs. The best model is that of the least validation loss.

    Args:
        steps_per_epoch: batches between two validations; 0 for one pass over the text.
        **fields: those of `TrainingConfig`. `batch_tokens` is the tokens of all blocks of a batch,
            `max_length` those of a block. `joint_vocabulary`, `text_form`, `subword_sampling` and
            `bleu_sentences` are for translation alone.

    Raises:
        UserError: for values that cannot work.
    """

    tokenizer: str = "characters"
    batch_tokens: int = 768
    max_length: int = 64
    epochs: int = 8
    steps_per_epoch: int = 250
    learning_rate: float = 0.002
    warmup_steps: int = 100
    schedule: str = "cosine"
    label_smoothing: float = 0.0
    patience: int = 0
    xla: bool = True  # all batches have one shape

    def _check(self):
        super()._check()
        self._check_range("steps_per_epoch", 0)
        require(
            self.text_form in ("", "plain") and not self.subword_sampling,
            "text_form and subword_sampling are for translation alone.",
        )
