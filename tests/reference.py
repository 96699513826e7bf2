"""An independent Transformer: the functions of recipe 00, and what was invented since.

The package's layers are compared with it. It computes with NumPy in float64, and knows nothing of
the layers but the names of their weights, which `weights_of` reads into nested dictionaries.
"""

import ast
import functools
import math
import types
from pathlib import Path

import numpy as np

PAGE = Path(__file__).parents[1] / "recipes" / "00_the_transformer.py"


def definitions_of(path):
    """Return a module with the imports and the functions of a script, without what it runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    tree.body = [node for node in tree.body if isinstance(node, kinds)]
    module = types.ModuleType(path.stem)
    exec(compile(tree, path, "exec"), vars(module))
    return module


def new_page():
    """Return the functions of recipe 00, with norms of both kinds."""
    page = definitions_of(PAGE)
    layer_norm = page.normalize
    page.normalize = lambda w, x: rms_norm(w, x) if "scale" in w else layer_norm(w, x)
    return page


page = new_page()
positional_encoding, softmax, dense = page.positional_encoding, page.softmax, page.dense
normalize, weights_of = page.normalize, page.weights_of


def rms_norm(w, x):
    return w["scale"] * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)


def rotate(x, start=0):
    """Turn features (2i, 2i + 1), read as a complex number, by position · 10000^(-2i / width)."""
    rotated = np.zeros_like(x)  # (batch, heads, length, width)
    width = x.shape[-1]
    for position in range(x.shape[2]):
        for i in range(width // 2):
            pair = x[:, :, position, 2 * i] + 1j * x[:, :, position, 2 * i + 1]
            pair = pair * np.exp(1j * (start + position) * 10000 ** (-2 * i / width))
            rotated[:, :, position, 2 * i] = pair.real
            rotated[:, :, position, 2 * i + 1] = pair.imag
    return rotated


def relu(x):
    return np.maximum(x, 0)


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def swish(x):
    return x / (1 + np.exp(-x))


ACTIVATIONS = {"gelu": gelu, "relu2": lambda x: relu(x) ** 2}
GATES = {"swiglu": swish, "geglu": gelu}


def attention(w, query, memory, mask, num_heads, rotary=False):
    """`multi_head` of recipe 00, with normalised, turned queries and keys, and shared keys."""
    width = query.shape[-1] // num_heads
    if w["key"]["kernel"].shape[1] == num_heads * width and "query_norm" not in w and not rotary:
        return page.multi_head(w, query, memory, mask, num_heads)
    q, k, v = (
        np.stack(np.split(y, y.shape[-1] // width, axis=-1), axis=1)  # (b, heads, l, width)
        for y in (dense(w["query"], query), dense(w["key"], memory), dense(w["value"], memory))
    )
    if "query_norm" in w:
        q, k = rms_norm(w["query_norm"], q), rms_norm(w["key_norm"], k)
    if rotary:
        q, k = rotate(q), rotate(k)
    shared_by = num_heads // k.shape[1]
    k, v = np.stack([(k[:, h // shared_by], v[:, h // shared_by]) for h in range(num_heads)], 2)
    heads, weights = page.attention(q, k, v, mask)
    joined = np.concatenate([heads[:, h] for h in range(num_heads)], axis=-1)
    return dense(w["output_projection"], joined), weights


def feed_forward(w, x, activation="relu"):
    if activation == "relu":
        return page.feed_forward(w, x)
    if activation in GATES:
        return dense(w["outer"], GATES[activation](dense(w["gate"], x)) * dense(w["inner"], x))
    return dense(w["outer"], ACTIVATIONS[activation](dense(w["inner"], x)))


def residual(w, x, sublayer, norm):
    named = {"it_residual": w, "it": None}
    return page.residual(named, "it", x, lambda _, h: sublayer(h), norm)


@functools.cache
def page_with(activation, rotary):
    """Return recipe 00 with another activation, and perhaps rotary self-attention."""
    changed = new_page()

    def multi_head(w, x, memory, mask, num_heads):
        return attention(w, x, memory, mask, num_heads, rotary and x is memory)

    changed.multi_head = multi_head
    changed.feed_forward = lambda w, x: feed_forward(w, x, activation)
    return changed


def encoder_layer(w, x, mask, num_heads, norm="pre", activation="relu", rotary=False):
    return page_with(activation, rotary).encoder_layer(w, x, mask, num_heads, norm)


def decoder_layer(
    w, x, memory, mask, memory_mask, num_heads, norm="pre", activation="relu", rotary=False
):
    changed = page_with(activation, rotary)
    return changed.decoder_layer(w, x, mask, num_heads, norm, memory, memory_mask)


def stack(layer, w, x, *args, norm="pre", **options):
    """Run `layer_0`, `layer_1`, … of `w`, and the last norm of a pre-norm stack."""
    for i in range(sum(name.startswith("layer_") for name in w)):
        x = layer(w[f"layer_{i}"], x, *args, norm=norm, **options)
    return normalize(w["final_norm"], x) if norm == "pre" else x


def embed(w, ids, positions):
    if positions == "sinusoidal":
        return page.embed(w["table"], ids)
    x = w["table"][ids] * math.sqrt(w["table"].shape[1])
    return x + w["position_table"][: ids.shape[1]] if positions == "learned" else x


def cap(logits, limit):
    return limit * np.tanh(logits / limit) if limit else logits


def options_of(config):
    return {
        "num_heads": config.num_heads,
        "norm": config.norm,
        "activation": config.activation,
        "rotary": config.positions == "rotary",
    }


def transformer(w, config, source_ids, target_ids):
    """Return the logits `(batch, target_length, target_vocab_size)`."""
    options = options_of(config)
    tied = config.tie == "all"
    source_table = w["embedding" if tied else "source_embedding"]
    target_table = w["embedding" if tied else "target_embedding"]
    memory_mask = page.padding_mask(source_ids)
    target_mask = page.padding_mask(target_ids) & page.causal_mask(target_ids.shape[1])

    x = embed(source_table, source_ids, config.positions)
    memory = stack(encoder_layer, w["encoder"], x, memory_mask, **options)
    x = embed(target_table, target_ids, config.positions)
    x = stack(decoder_layer, w["decoder"], x, memory, target_mask, memory_mask, **options)
    table = w["output_projection"]["kernel"] if config.tie == "none" else target_table["table"].T
    return cap(x @ table, config.logit_cap)


def causal_lm(w, config, token_ids):
    """Return the logits `(batch, length, vocab_size)` of a decoder-only model."""
    mask = page.padding_mask(token_ids) & page.causal_mask(token_ids.shape[1])
    x = embed(w["embedding"], token_ids, config.positions)
    x = stack(encoder_layer, w["decoder"], x, mask, **options_of(config))
    table = w["embedding"]["table"].T if config.tie else w["output_projection"]["kernel"]
    return cap(x @ table, config.logit_cap)


def classifier(w, config, token_ids):
    """Return the logits `(batch, num_classes)` of an encoder whose output is averaged."""
    real = token_ids != 0
    x = embed(w["embedding"], token_ids, config.positions)
    x = stack(encoder_layer, w["encoder"], x, page.padding_mask(token_ids), **options_of(config))
    means = np.stack([row[seen].mean(axis=0) for row, seen in zip(x, real, strict=True)])
    return cap(dense(w["output_projection"], means), config.logit_cap)


def randomize(layer, seed=0):
    """Give every weight of a layer random values (norms and biases too), and return the layer."""
    rng = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        offset = 1.0 if weight.path.endswith(("gamma", "scale")) else 0.0
        weight.assign(offset + 0.3 * rng.standard_normal(weight.shape))
    return layer
