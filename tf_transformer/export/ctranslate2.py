"""Export to CTranslate2, a fast C++ engine that runs without TensorFlow."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from tf_transformer.errors import UserError, require, suggest
from tf_transformer.export.engine_files import (
    Description,
    import_package,
    require_exportable,
    settings,
    write_files,
)
from tf_transformer.export.line_translator import SPECIAL_NAMES
from tf_transformer.export.model_card import ModelCard
from tf_transformer.files import replacing
from tf_transformer.layers import sinusoids
from tf_transformer.models import Transformer
from tf_transformer.text import Tokenizer

_DESCRIPTION = Description(
    name="CTranslate2",
    link="https://opennmt.net/CTranslate2",
    package="ctranslate2",
    extra="ctranslate2",
    module="tf_transformer.export.ctranslate2_script",
    sources="Sources are the tokenizer's pieces, to which CTranslate2 adds the end token.",
    advice="`min_decoding_length=1` prevents empty translations.",
)

# CTranslate2's GELU is exact, as in Keras. It has no squared ReLU.
_ACTIVATIONS = {"relu": "RELU", "gelu": "GELU", "swiglu": "SWISH", "geglu": "GELU"}
_EXPRESSIBLE = {
    "positions": ("sinusoidal", "learned", "rotary"),
    "norm": ("pre", "post"),
    "activation": tuple(_ACTIVATIONS),
    "normalization": ("layer_norm", "rms_norm"),
}


def export_ctranslate2(
    model: Transformer,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    export_dir: str | os.PathLike,
    card: ModelCard | None = None,
    quantization: str = "float32",
) -> Path:
    """Export a model for CTranslate2, a C++ engine for Transformers.

    The directory holds the model (`model.bin`, `config.json` and vocabularies), the tokenizers
    (`tokenizer/`, which `load_tokenizers` reads), `README.md`, and `translate.py`, a script that
    translates lines and needs only ctranslate2 and sentencepiece (only ctranslate2 for WordPiece).

    Args:
        model: a `Transformer`.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        export_dir: a new directory for the model, which must not exist yet.
        card: a `ModelCard` whose facts go into `README.md`. Defaults to none.
        quantization: type of the stored weights: `"float32"`, `"int8"`, or another type of
            CTranslate2. Defaults to `"float32"`.

    Returns:
        The path of the directory.

    Raises:
        UserError: if the model is not a Transformer, if ctranslate2 is missing, if `export_dir`
            exists, if the tokenizers are not the model's, or if the quantization is unknown.

    Example:
        ```python
        import tf_transformer as tft

        sources, targets = ["bom dia.", "obrigado!"], ["good morning.", "thank you!"]
        tokenizers = tft.train_tokenizers(sources, targets, "wordpiece", vocab_size=50)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        model = tft.Transformer(tft.TransformerConfig(*sizes, num_layers=1))
        tft.export.export_ctranslate2(model, *tokenizers, "saved_models/pt_en-ctranslate2")
        ```
    """
    if not isinstance(model, Transformer):
        raise UserError(
            f"CTranslate2 runs Transformers, not {type(model).__name__}: choose format=saved_model."
        )
    specs = import_package(_DESCRIPTION, "ctranslate2.specs")
    directory = Path(export_dir)
    _check(specs, model, source_tokenizer, target_tokenizer, directory, quantization)
    spec = _transformer(specs, model)
    spec.register_source_vocabulary(_vocabulary(source_tokenizer))
    spec.register_target_vocabulary(_vocabulary(target_tokenizer))
    for name, value in settings(model, source_tokenizer, target_tokenizer, card).items():
        spec.config.add_attribute(name, value)  # for `translate.py`
    spec.validate()
    spec.optimize(quantization)
    with replacing(directory) as path:
        path.mkdir()
        spec.save(str(path))
        write_files(
            path, _DESCRIPTION, model, source_tokenizer, target_tokenizer, card, quantization
        )
    return directory


def _check(
    specs: ModuleType,
    model: Transformer,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    directory: Path,
    quantization: str,
) -> None:
    require_exportable(model, source_tokenizer, target_tokenizer, directory)
    config, types = model.config, specs.model_spec.ACCEPTED_MODEL_TYPES
    require(
        quantization in types,
        f"quantization={quantization!r} is unknown: {suggest(quantization, types)}",
    )
    for field, known in _EXPRESSIBLE.items():
        value = getattr(config, field)
        require(
            value in known,
            f"{field}={value!r} is not in CTranslate2's specification of a Transformer, "
            f"which has {', '.join(known)}.",
        )


def _vocabulary(tokenizer: Tokenizer) -> list[str]:
    """Return the names of all ids, in order."""
    labels = tokenizer.tokens(np.arange(tokenizer.vocab_size)).numpy()
    return [*SPECIAL_NAMES, *(label.decode() for label in labels[len(SPECIAL_NAMES) :])]


# The weights, layer by layer


def _transformer(specs: ModuleType, model: Transformer) -> Any:
    config, options = model.config, _options(specs, model)
    spec = specs.TransformerSpec(
        specs.TransformerEncoderSpec(len(model.encoder.layers), **options),
        specs.TransformerDecoderSpec(len(model.decoder.layers), **options),
    )
    _stack(spec.encoder, spec.encoder.embeddings[0], model.encoder, model.source_embedding)
    _stack(spec.decoder, spec.decoder.embeddings, model.decoder, model.target_embedding)
    for layer_spec, layer in zip(spec.decoder.layer, model.decoder.layers, strict=True):
        _cross_attention(layer_spec.attention, layer.cross_attention)
        _norm(layer_spec.attention.layer_norm, layer.cross_attention_residual.layer_norm)
    if model.output_projection:
        spec.decoder.projection.weight = _array(model.output_projection.kernel).T
    else:
        spec.decoder.projection.weight = _array(model.target_embedding.table)
    if config.logit_cap:
        spec.decoder.final_logit_softcapping = np.float32(config.logit_cap)

    spec.config.layer_norm_epsilon = model.encoder.layers[0].attention_residual.layer_norm.epsilon
    spec.config.add_source_eos = True
    return spec


def _options(specs: ModuleType, model: Transformer) -> dict[str, Any]:
    """Return the common arguments of encoder and decoder specifications."""
    config = model.config
    options = {
        "num_heads": config.num_heads,
        "pre_norm": config.norm == "pre",
        "activation": specs.common_spec.Activation[_ACTIVATIONS[config.activation]],
        "ffn_glu": config.activation in ("swiglu", "geglu"),
        "rms_norm": config.normalization == "rms_norm",
        "qk_norm": config.qk_norm,
        "num_heads_kv": config.num_kv_heads or None,
    }
    if config.positions == "rotary":
        options["rotary_dim"] = config.d_model // config.num_heads
    return options


def _stack(
    spec: Any, embedding_spec: Any, stack: keras.layers.Layer, embedding: keras.layers.Layer
) -> None:
    """Fill in the common parts of encoder and decoder."""
    embedding_spec.weight = _array(embedding.table)
    if embedding.positions != "rotary":
        spec.position_encodings.encodings = _position_table(embedding)
    for layer_spec, layer in zip(spec.layer, stack.layers, strict=True):
        _self_attention(layer_spec.self_attention, layer.attention)
        _norm(layer_spec.self_attention.layer_norm, layer.attention_residual.layer_norm)
        _feed_forward(layer_spec.ffn, layer.feed_forward)
        _norm(layer_spec.ffn.layer_norm, layer.feed_forward_residual.layer_norm)
    if stack.final_norm:
        _norm(spec.layer_norm, stack.final_norm)


def _position_table(embedding: keras.layers.Layer) -> np.ndarray:
    if embedding.positions == "learned":
        return _array(embedding.position_table)
    return _array(sinusoids(np.arange(embedding.max_length), embedding.d_model))


def _self_attention(spec: Any, attention: keras.layers.Layer) -> None:
    _dense(spec.linear[0], attention.query, attention.key, attention.value)
    _dense(spec.linear[1], attention.output_projection)
    if attention.query_norm:
        _norm(spec.q_norm, attention.query_norm)
        _norm(spec.k_norm, attention.key_norm)


def _cross_attention(spec: Any, attention: keras.layers.Layer) -> None:
    _dense(spec.linear[0], attention.query)
    _dense(spec.linear[1], attention.key, attention.value)
    _dense(spec.linear[2], attention.output_projection)
    for name in ("q_norm", "k_norm"):  # here, only self-attention has these
        spec.__dict__.pop(name, None)


def _feed_forward(spec: Any, feed_forward: keras.layers.Layer) -> None:
    if feed_forward.gate:
        _dense(spec.linear_0, feed_forward.gate)
        _dense(spec.linear_0_noact, feed_forward.inner)
    else:
        _dense(spec.linear_0, feed_forward.inner)
    _dense(spec.linear_1, feed_forward.outer)


def _dense(spec: Any, *layers: keras.layers.Layer) -> None:
    """Fill in one projection that replaces all `layers`."""
    spec.weight = np.concatenate([_array(layer.kernel).T for layer in layers])
    spec.bias = np.concatenate([_array(layer.bias) for layer in layers])


def _norm(spec: Any, norm: keras.layers.Layer) -> None:
    if isinstance(norm, keras.layers.RMSNormalization):
        spec.gamma = _array(norm.scale)
    else:
        spec.gamma = _array(norm.gamma)
        spec.beta = _array(norm.beta)


def _array(tensor: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor).astype("float32")
