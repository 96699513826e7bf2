"""Everything that can be chosen about a model and its training, in two frozen dataclasses."""

from __future__ import annotations

import dataclasses
import difflib
import json
import typing
from collections.abc import Iterable, Mapping

from tf_transformer.errors import UserError


def suggest(name: str, names: Iterable[str]) -> str:
    """Return the end of an error message: the nearest of `names`, or all of them."""
    names = sorted(names)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(names)}."


def require(condition: bool, message: str) -> None:
    """Raise `UserError(message)` unless `condition` holds."""
    if not condition:
        raise UserError(message)


class _Config:
    """What the two configurations share: checks of field types, and JSON there and back."""

    def __post_init__(self):
        for field, expected in typing.get_type_hints(type(self)).items():
            value = getattr(self, field)
            if expected is float and type(value) is int:  # 1 is a good way to write 1.0
                object.__setattr__(self, field, float(value))
            elif type(value) is not expected:
                raise UserError(f"{field}={value!r}: this field takes a {expected.__name__}.")
        self._check()

    def _check(self):
        """Raise `UserError` for values that cannot work."""

    def _check_choice(self, field, choices):
        value = getattr(self, field)
        require(value in choices, f"{field}={value!r} is unknown: {suggest(str(value), choices)}")

    def _check_range(self, fields, low, high=float("inf")):
        for field in fields.split():
            value = getattr(self, field)
            bounds = f"at least {low}" if high == float("inf") else f"from {low} to below {high}"
            require(low <= value < high, f"{field}={value}: the value must be {bounds}.")

    def _check_stack(self):
        """Check the fields that all Transformers have."""
        self._check_range("num_layers d_model num_heads d_ff", 1)
        self._check_range("max_length", 2)
        self._check_range("dropout attention_dropout feed_forward_dropout", 0, 1)
        self._check_choice("positions", ("sinusoidal", "learned", "rotary"))
        self._check_choice("norm", ("pre", "post"))
        self._check_choice("activation", ("relu", "gelu"))
        require(
            self.d_model % self.num_heads == 0,
            f"d_model={self.d_model} is not divisible by num_heads={self.num_heads}: "
            "each head is d_model / num_heads wide.",
        )
        width = self.d_model // self.num_heads if self.positions == "rotary" else self.d_model
        require(
            self.positions == "learned" or width % 2 == 0,
            f"positions={self.positions!r} rotates pairs: it wants an even width, not {width}.",
        )

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(field.name for field in dataclasses.fields(cls))

    @classmethod
    def from_dict(cls, values: Mapping) -> _Config:
        """Make a configuration from a mapping.

        Raises:
            UserError: for a name that is no field of this class, with the nearest names.
        """
        for name in values:
            require(
                name in cls.field_names(),
                f"{name!r} is no field of {cls.__name__}: {suggest(name, cls.field_names())}",
            )
        return cls(**values)

    def replace(self, **values) -> _Config:
        """Return a copy with other values in some fields.

        Raises:
            UserError: as `from_dict`.
        """
        return self.from_dict(self.to_dict() | values)

    def to_dict(self) -> dict:
        """Return the fields as a dictionary of plain Python values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, text: str) -> _Config:
        """Make a configuration from a JSON object.

        Raises:
            UserError: if `text` is not a JSON object of this class's fields.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(f"this {cls.__name__} is not valid JSON: {error}.") from error
        require(isinstance(values, dict), f"this {cls.__name__} is not a JSON object.")
        return cls.from_dict(values)

    def to_json(self) -> str:
        """Return the fields as a JSON object, one a line."""
        return json.dumps(self.to_dict(), indent=2)


@dataclasses.dataclass(frozen=True)
class TransformerConfig(_Config):
    """The shape of a Transformer.

    Args:
        source_vocab_size: number of source token ids. Set from the tokenizer.
        target_vocab_size: number of target token ids. Set from the tokenizer.
        num_layers: layers in the encoder, and as many in the decoder.
        d_model: width of the residual stream; a multiple of `num_heads`.
        num_heads: attention heads, each `d_model / num_heads` wide.
        d_ff: width inside the feed-forward sublayers.
        dropout: rate after embeddings and sublayers.
        attention_dropout: rate on attention weights.
        feed_forward_dropout: rate on the hidden units of the feed-forward sublayers.
        positions: `"sinusoidal"`, `"learned"` or `"rotary"`.
        norm: `"pre"` (normalise what enters a sublayer: trains without care) or `"post"` (normalise
            the sum, as in the paper: wants a long warm-up).
        activation: of the feed-forward sublayers, `"relu"` or `"gelu"`.
        tie: which tables are one: `"none"`, `"target"` (target embedding and output projection)
            or `"all"` (the source embedding too; wants a joint vocabulary).
        max_length: most positions of either side, the limit of learned positions and of decoding.

    Raises:
        UserError: for values that cannot work.

    Reference:
        Vaswani et al. 2017, *Attention Is All You Need*, Table 3.
    """

    source_vocab_size: int = 8000
    target_vocab_size: int = 8000
    num_layers: int = 4
    d_model: int = 128
    num_heads: int = 8
    d_ff: int = 512
    dropout: float = 0.1
    attention_dropout: float = 0.0
    feed_forward_dropout: float = 0.0
    positions: str = "sinusoidal"
    norm: str = "pre"
    activation: str = "relu"
    tie: str = "all"
    max_length: int = 256

    title = "Transformer"  # what such a model is called

    def _check(self):
        self._check_range("source_vocab_size target_vocab_size", 5)  # 4 special ids and a token
        self._check_stack()
        self._check_choice("tie", ("none", "target", "all"))
        require(
            self.tie != "all" or self.source_vocab_size == self.target_vocab_size,
            f"tie='all' wants one vocabulary for both sides, not {self.source_vocab_size} source "
            f"and {self.target_vocab_size} target ids: set joint_vocabulary=true or tie=target.",
        )


@dataclasses.dataclass(frozen=True)
class TrainingConfig(_Config):
    """How a translation model is trained.

    Args:
        tokenizer: `"sentencepiece"`, `"wordpiece"` or `"characters"`.
        vocab_size: number of token ids, special ones included; of each side if not joint.
        joint_vocabulary: one vocabulary for both languages.
        text_form: how the text of the corpus is written: `"plain"`, as people write, `"treebank"`,
            in lower-cased words, or `"ted_hrlr"`; empty for what is known of the data set.
        subword_sampling: exponent of the probabilities by which the training text is split anew in
            each epoch; 0 for the best split in all epochs. 0.1 to 0.5 is usual: the less, the more
            at random, and the more tokens (at 0.2 some 40% more, at 0.5 some 6%).
        batch_tokens: padded positions of a batch on its longer side, at most.
        max_length: longest source or target to train on, in tokens; longer pairs are left out.
        epochs: passes over the training pairs, at most.
        max_minutes: stop training cleanly after this many minutes; 0 for no limit. Counted anew
            when the run is resumed.
        checkpoint_minutes: minutes between checkpoints within an epoch, the most that a run loses
            when it is killed; 0 for none but after each epoch.
        optimizer: `"adam"`, or `"muon"` for the matrices in the stacks (and Adam for the rest).
        accumulate: batches whose mean gradient makes one step of the optimizer.
        learning_rate: the peak rate; 0 for the paper's, `(d_model * warmup_steps) ** -0.5`.
        warmup_steps: steps of the optimizer until the peak.
        schedule: `"noam"` (inverse square root) or `"cosine"` (to zero at the last epoch's end).
        label_smoothing: probability given to all tokens alike.
        clip_norm: largest norm of the gradient of all weights together; 0 for no limit.
        ema: decay of a moving average of the weights, such as 0.999; 0 for none. What is validated,
            kept as the best and exported are the averages; training goes on from the weights.
        average_last: the same with the mean of the weights that so many last epochs ended with; 0
            for none.
        patience: stop after this many epochs without a better validation BLEU; 0 for never.
        bleu_sentences: validation sentences that are translated after each epoch.
        precision: `"float32"`, `"mixed_bfloat16"` or `"mixed_float16"`.
        xla: whether XLA compiles the steps, once for each shape of batch: training of TED talks is
            then 1.2 times as fast, after minutes; of one shape, 1.8 times, after seconds. `False`
            leaves it to Keras, which has XLA compile on JAX and on a GPU.
        seed: of weights, dropout and the order of the pairs.

    Raises:
        UserError: for values that cannot work.
    """

    tokenizer: str = "sentencepiece"
    vocab_size: int = 8000
    joint_vocabulary: bool = True
    text_form: str = ""
    subword_sampling: float = 0.0
    batch_tokens: int = 2048
    max_length: int = 128
    epochs: int = 20
    max_minutes: float = 0.0
    checkpoint_minutes: float = 5.0
    optimizer: str = "adam"
    accumulate: int = 1
    learning_rate: float = 0.0
    warmup_steps: int = 4000
    schedule: str = "noam"
    label_smoothing: float = 0.1
    clip_norm: float = 1.0
    ema: float = 0.0
    average_last: int = 0
    patience: int = 5
    bleu_sentences: int = 300
    precision: str = "float32"
    xla: bool = False
    seed: int = 1

    def _check(self):
        self._check_choice("tokenizer", ("sentencepiece", "wordpiece", "characters"))
        self._check_choice("text_form", ("", "plain", "treebank", "ted_hrlr"))
        self._check_choice("optimizer", ("adam", "muon"))
        self._check_choice("schedule", ("noam", "cosine"))
        self._check_choice("precision", ("float32", "mixed_bfloat16", "mixed_float16"))
        self._check_range("vocab_size", 5)
        self._check_range("batch_tokens max_length", 2)
        self._check_range("epochs accumulate warmup_steps bleu_sentences", 1)
        self._check_range("max_minutes checkpoint_minutes learning_rate clip_norm patience seed", 0)
        self._check_range("average_last subword_sampling", 0)
        self._check_range("label_smoothing ema", 0, 1)
        require(
            self.tokenizer == "sentencepiece" or not self.subword_sampling,
            f"subword_sampling={self.subword_sampling:g} wants tokenizer=sentencepiece: "
            f"{self.tokenizer} knows one way alone to split a text.",
        )
        require(
            not (self.ema and self.average_last),
            f"ema={self.ema:g} and average_last={self.average_last} are two ways to average the "
            "weights: set one of them to 0.",
        )
        require(
            self.max_length <= self.batch_tokens,
            f"max_length={self.max_length} is over batch_tokens={self.batch_tokens}: "
            "the longest sentence must fit into a batch.",
        )


# name: (fields of TransformerConfig, fields of TrainingConfig)
PRESETS: dict[str, tuple[dict, dict]] = {
    # The quick start: minutes on two cores. Too few epochs to overfit, so nothing is dropped out.
    "tiny": (
        {"num_layers": 2, "d_model": 128, "num_heads": 4, "d_ff": 512, "dropout": 0.0},
        {"vocab_size": 4000, "epochs": 3}
        | {"schedule": "cosine", "learning_rate": 0.003, "warmup_steps": 200},
    ),
    # The size of TensorFlow's tutorial: an hour on two cores.
    "tutorial": (
        {"num_layers": 4, "d_model": 128, "num_heads": 8, "d_ff": 512},
        {"vocab_size": 8000, "warmup_steps": 1500, "epochs": 20},
    ),
    # Table 3 of the paper, rows "base" and "big". They want a GPU and millions of pairs.
    "base": (
        {"num_layers": 6, "d_model": 512, "num_heads": 8, "d_ff": 2048, "norm": "post"},
        {"vocab_size": 32000, "batch_tokens": 25000, "epochs": 30},
    ),
    "big": (
        {"num_layers": 6, "d_model": 1024, "num_heads": 16, "d_ff": 4096, "norm": "post"}
        | {"dropout": 0.3},
        {"vocab_size": 32000, "batch_tokens": 25000, "epochs": 60},
    ),
}


def make_configs(fields: Mapping[type[_Config], Mapping], overrides: Mapping) -> list[_Config]:
    """Make configurations, each field set in all that have it.

    Args:
        fields: what is chosen for each class of configuration.
        overrides: fields of any of them, to set in place of these.

    Raises:
        UserError: for an unknown field (with the nearest names), or a bad value.
    """
    known = {field for config in fields for field in config.field_names()}
    for field in overrides:
        require(field in known, f"{field!r} is no configuration field: {suggest(field, known)}")
    return [
        config(**values | {f: v for f, v in overrides.items() if f in config.field_names()})
        for config, values in fields.items()
    ]


def preset(name: str, **overrides) -> tuple[TransformerConfig, TrainingConfig]:
    """Return the two configurations of a preset.

    Args:
        name: one of `PRESETS`.
        **overrides: fields of either configuration, to set in place of the preset's.

    Returns:
        `(TransformerConfig, TrainingConfig)`.

    Raises:
        UserError: for an unknown preset or field (with the nearest names), or a bad value.
    """
    require(name in PRESETS, f"preset {name!r} is unknown: {suggest(name, PRESETS)}")
    classes = (TransformerConfig, TrainingConfig)
    plan = zip(classes, PRESETS[name], strict=True)
    model, training = make_configs({cls: dict(fields) for cls, fields in plan}, overrides)
    require(
        model.tie != "all" or training.joint_vocabulary,
        "tie='all' wants one vocabulary for both sides: set joint_vocabulary=true or tie=target.",
    )
    return model, training
