"""The base of all models of token ids: a configuration, embeddings, logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
from keras import ops

from tf_transformer.config import ModelConfig, preset_shape
from tf_transformer.errors import require
from tf_transformer.layers import (
    Cache,
    Dense,
    LayerOptions,
    PositionalEmbedding,
    causal_mask,
    padding_mask,
)
from tf_transformer.layers.checks import require_token_ids
from tf_transformer.layers.quantization import dtype_config
from tf_transformer.layers.types import Tensor


class TokenModel(keras.Model):
    """A Keras model that is built from a configuration and takes token ids.

    It has all its weights from the start, because no shape depends on the data. The `call` of a
    subclass takes `training`, so that Keras's `fit` sets it, and gives it to its layers: on JAX,
    `fit` calls `call` itself, and layers would inherit nothing.

    Args:
        config: an instance of `config_class`, or its dictionary.
        **kwargs: arguments of any Keras model, such as `name` and `dtype` (`"mixed_bfloat16"`, …).

    Raises:
        UserError: if `config` is something else, or a call does not get token ids.

    Example:
        ```python
        from tf_transformer.models import CausalLM, TokenModel

        model = CausalLM.from_preset("tiny", vocab_size=100)
        isinstance(model, TokenModel)
        model.config.d_model  # 128
        ```

    Reference:
        Press & Wolf 2017, *Using the Output Embedding to Improve Language Models* (tied tables).
    """

    config_class: ClassVar[type[ModelConfig]]

    def __init__(
        self, config: ModelConfig | Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self._check_arguments(config, kwargs)
        super().__init__(**kwargs)
        if not isinstance(config, self.config_class):
            config = self.config_class.from_dict(config)
        self.config = config

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        if args:
            self._check_inputs(args[0])
        return super().__call__(*args, **kwargs)

    @classmethod
    def _check_arguments(cls, config: object, kwargs: Mapping[str, Any]) -> None:
        """Raise `UserError` unless the arguments are a configuration and those of Keras."""
        expected = cls.config_class.__name__
        fields = [name for name in kwargs if name in cls.config_class.field_names()]
        require(
            not fields,
            f"{cls.__name__}({', '.join(fields)}=…): fields belong in a configuration: "
            f"{cls.__name__}({expected}({', '.join(fields)}=…)).",
        )
        require(
            isinstance(config, cls.config_class | Mapping),
            f"{cls.__name__} takes a {expected} or its dictionary, not a value of type "
            f"{type(config).__name__}: see {cls.__name__}.from_preset too.",
        )

    def _check_inputs(self, token_ids: object) -> None:
        """Raise `UserError` unless the model is called with token ids."""
        require_token_ids("token_ids", token_ids)

    @classmethod
    def from_preset(
        cls,
        name: str,
        *,
        vocab_size: int | None = None,
        dtype: str | None = None,
        **fields: Any,
    ) -> TokenModel:
        """Make a new model of a preset's shape.

        Args:
            name: of the preset, such as `"tiny"` or `"base"`: see `tf_transformer.PRESETS`.
            vocab_size: number of token ids (on each side, if there are two). Defaults to the
                configuration's.
            dtype: dtype policy, such as `"mixed_bfloat16"`. Defaults to Keras's own.
            **fields: fields of the configuration that differ from the preset.

        Raises:
            UserError: for an unknown preset or field (with the nearest names), or a bad value.

        Example:
            ```python
            from tf_transformer.models import Transformer

            model = Transformer.from_preset("tiny", vocab_size=4000)
            ```
        """
        shape = preset_shape(name, cls.config_class)
        if vocab_size is not None:
            names = [field for field in cls.config_class.field_names() if "vocab_size" in field]
            shape |= dict.fromkeys(names, vocab_size)
        return cls(cls.config_class.from_dict(shape | fields), dtype=dtype)

    def _embedding(
        self, vocab_size: int, name: str = "embedding", positions: str | None = None
    ) -> PositionalEmbedding:
        config = self.config
        return PositionalEmbedding(
            vocab_size,
            config.d_model,
            positions or config.positions,
            config.max_length,
            config.dropout,
            name=name,
            dtype=self.dtype_policy,
        )

    def _projection(self, vocab_size: int) -> Dense:
        return Dense(vocab_size, use_bias=False, name="output_projection", dtype=self.dtype_policy)

    def _stack_options(self, num_layers: int = 0) -> dict[str, Any]:
        """Return the options of a stack of layers of this model's shape.

        Args:
            num_layers: in the stack; 0 means the configuration's. Defaults to 0.
        """
        fields = self.config.to_dict()
        options = {name: fields[name] for name in LayerOptions.names() if name in fields}
        return options | {
            "num_layers": num_layers or self.config.num_layers,
            "rotary": self.config.positions == "rotary",
            "dtype": self.dtype_policy,
        }

    def _empty_cache(self, batch: Tensor | int, slots: Tensor | int) -> Cache:
        """Return the empty cache of the decoder."""
        config = self.config
        heads, width = config.num_kv_heads or config.num_heads, config.d_model // config.num_heads
        shape = (batch, heads, slots, width)
        return Cache.empty(len(self.decoder.layers), shape, self.compute_dtype)

    def _logits(self, x: Tensor, embedding: PositionalEmbedding) -> Tensor:
        """Return logits from the output projection, or from the embedding's table if it is tied."""
        logits = self.output_projection(x) if self.output_projection else embedding(x, reverse=True)
        return self._capped(ops.cast(logits, "float32"))  # loss and search need every digit

    def _capped(self, logits: Tensor) -> Tensor:
        """Return logits within their limit, if there is one: `cap tanh(logits / cap)`."""
        cap = self.config.logit_cap
        return cap * ops.tanh(logits / cap) if cap else logits

    @staticmethod
    def _causal_padding_mask(token_ids: Tensor) -> Tensor:
        """Let each position attend to the real tokens up to and including itself."""
        length = ops.shape(token_ids)[1]
        return ops.logical_and(padding_mask(token_ids), causal_mask(length))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | dtype_config(self) | {"config": self.config.to_dict()}


def model_class(config: ModelConfig) -> type[TokenModel]:
    """Return the model class of a configuration.

    Example:
        ```python
        import tf_transformer as tft

        tft.models.model_class(tft.CausalLMConfig())  # tft.CausalLM
        ```
    """
    classes: list[type[TokenModel]] = [TokenModel]
    for each in classes:
        classes.extend(each.__subclasses__())
    return next(each for each in classes[1:] if getattr(each, "config_class", None) is type(config))
