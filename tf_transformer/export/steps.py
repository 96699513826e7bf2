"""A translator as two graphs, for engines that search outside of the graph.

The encoder reads the sources. A step reads one more token of each translation, and gives the
logits of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import tensorflow as tf

from tf_transformer.layers import Cache, KeysValues, padding_mask
from tf_transformer.models import Memory, Transformer


class _GrowingCache(Cache):
    """A cache that new tokens make longer: not every engine can write into free slots."""

    def add(self, new: KeysValues) -> _GrowingCache:
        return self._replace(kept=self.kept.then(new))


def graphs(
    model: Transformer, attention: bool = False
) -> dict[str, tf.types.experimental.ConcreteFunction]:
    """Return the graphs `"encoder"` and `"step"` of a model, for any number of rows and any length.

    `save_onnx` describes their inputs and outputs, which have these names.

    Args:
        model: a `Transformer` that computes in float32.
        attention: whether the attention weights are outputs, too. Defaults to `False`.
    """
    return {"encoder": _encoder(model, attention), "step": _step(model, attention)}


def _encoder(model: Transformer, attention: bool) -> tf.types.experimental.ConcreteFunction:
    def encoder(source_ids: tf.Tensor) -> dict[str, tf.Tensor]:
        memory, _, *weights = model.encode(source_ids, return_weights=attention)
        outputs = _named("memory", model.decoder.keys_values(memory))
        if attention:
            outputs["encoder_attention"] = tf.stack(*weights, axis=1)
        return outputs

    return _concrete(encoder, [tf.TensorSpec([None, None], tf.int32, "source_ids")])


def _step(model: Transformer, attention: bool) -> tf.types.experimental.ConcreteFunction:
    config, layers = model.config, len(model.decoder.layers)
    heads, width = config.num_kv_heads or config.num_heads, config.d_model // config.num_heads

    def step(
        source_ids: tf.Tensor, token_ids: tf.Tensor, *tensors: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        kept = [KeysValues(*pair) for pair in zip(tensors[::2], tensors[1::2], strict=True)]
        memory, past = Memory(kept[:layers], padding_mask(source_ids)), kept[layers:]
        position = tf.shape(past[0].keys)[2]
        logits, *weights, cache = model.decode(
            token_ids,
            memory,
            _GrowingCache(past, position, tf.reshape(position, [1, 1])),
            attention_mask=None,
            return_weights=attention,
        )
        outputs = {"logits": logits[:, 0], **_named("present", cache.kept)}
        if attention:
            of_target, of_source = zip(*weights[0], strict=True)
            outputs["decoder_attention"] = tf.stack(of_target, axis=1)
            outputs["cross_attention"] = tf.stack(of_source, axis=1)
        return outputs

    names = [*_names("memory", layers), *_names("past", layers)]
    return _concrete(
        step,
        [
            tf.TensorSpec([None, None], tf.int32, "source_ids"),
            tf.TensorSpec([None, 1], tf.int32, "token_ids"),
            *(tf.TensorSpec([None, heads, None, width], tf.float32, name) for name in names),
        ],
    )


def _names(kind: str, layers: int) -> list[str]:
    return [f"{kind}_{part}_{i}" for i in range(layers) for part in KeysValues._fields]


def _named(kind: str, layers: Iterable[KeysValues]) -> dict[str, tf.Tensor]:
    tensors = tf.nest.flatten(list(layers))
    return dict(zip(_names(kind, len(tensors) // 2), tensors, strict=True))


def _concrete(
    function: Callable, signature: list[tf.TensorSpec]
) -> tf.types.experimental.ConcreteFunction:
    return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()
