"""An independent Transformer: NumPy in float64, written from the papers.

The package's layers are compared with it. It knows nothing of them but the names of their weights,
which `weights_of` reads into a nested dictionary of float64 arrays.
"""

import math

import keras
import numpy as np


def positional_encoding(length, d_model):
    """PE(pos, 2i) = sin(pos / 10000^(2i / d_model)), PE(pos, 2i + 1) = cos(the same)."""
    encoding = np.zeros((length, d_model))
    for position in range(length):
        for i in range(d_model // 2):
            angle = position / 10000 ** (2 * i / d_model)
            encoding[position, 2 * i] = math.sin(angle)
            encoding[position, 2 * i + 1] = math.cos(angle)
    return encoding


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


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def relu(x):
    return np.maximum(x, 0)


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def swish(x):
    return x / (1 + np.exp(-x))


ACTIVATIONS = {"relu": relu, "gelu": gelu, "relu2": lambda x: relu(x) ** 2}
GATES = {"swiglu": swish, "geglu": gelu}


def dense(w, x):
    return x @ w["kernel"] + w["bias"]


def layer_norm(w, x):
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return w["gamma"] * (x - mean) / np.sqrt(variance + 1e-6) + w["beta"]


def rms_norm(w, x):
    return w["scale"] * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)


def normalize(w, x):
    return rms_norm(w, x) if "scale" in w else layer_norm(w, x)


def attention(w, query, memory, mask, num_heads, rotary=False):
    """Return the output `(batch, query, d_model)` and weights `(batch, heads, query, memory)`."""
    width = query.shape[-1] // num_heads
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
    scores = np.einsum("bhqd,bhkd->bhqk", q, k) / math.sqrt(width)
    weights = softmax(np.where(mask, scores, -np.inf))
    heads = np.einsum("bhqk,bhkd->bhqd", weights, v)
    joined = np.concatenate([heads[:, h] for h in range(num_heads)], axis=-1)
    return dense(w["output_projection"], joined), weights


def feed_forward(w, x, activation="relu"):
    if activation in GATES:
        return dense(w["outer"], GATES[activation](dense(w["gate"], x)) * dense(w["inner"], x))
    return dense(w["outer"], ACTIVATIONS[activation](dense(w["inner"], x)))


def residual(w, x, sublayer, norm):
    if norm == "pre":
        return x + sublayer(normalize(w["layer_norm"], x))
    return normalize(w["layer_norm"], x + sublayer(x))


def encoder_layer(w, x, mask, num_heads, norm="pre", activation="relu", rotary=False):
    def attend(h):
        return attention(w["attention"], h, h, mask, num_heads, rotary)[0]

    x = residual(w["attention_residual"], x, attend, norm)
    return residual(
        w["feed_forward_residual"],
        x,
        lambda h: feed_forward(w["feed_forward"], h, activation),
        norm,
    )


def decoder_layer(
    w, x, memory, mask, memory_mask, num_heads, norm="pre", activation="relu", rotary=False
):
    def attend(h):
        return attention(w["attention"], h, h, mask, num_heads, rotary)[0]

    def attend_to_memory(h):
        return attention(w["cross_attention"], h, memory, memory_mask, num_heads)[0]

    x = residual(w["attention_residual"], x, attend, norm)
    x = residual(w["cross_attention_residual"], x, attend_to_memory, norm)
    return residual(
        w["feed_forward_residual"],
        x,
        lambda h: feed_forward(w["feed_forward"], h, activation),
        norm,
    )


def stack(layer, w, x, *args, norm="pre", **options):
    """Run `layer_0`, `layer_1`, … of `w`, and the last norm of a pre-norm stack."""
    for i in range(sum(name.startswith("layer_") for name in w)):
        x = layer(w[f"layer_{i}"], x, *args, norm=norm, **options)
    return normalize(w["final_norm"], x) if norm == "pre" else x


def embed(w, ids, positions):
    d_model = w["table"].shape[1]
    x = w["table"][ids] * math.sqrt(d_model)
    if positions == "sinusoidal":
        x = x + positional_encoding(ids.shape[1], d_model)
    if positions == "learned":
        x = x + w["position_table"][: ids.shape[1]]
    return x


def cap(logits, limit):
    return limit * np.tanh(logits / limit) if limit else logits


def transformer(w, config, source_ids, target_ids):
    """Return the logits `(batch, target_length, target_vocab_size)`."""
    options = {
        "num_heads": config.num_heads,
        "norm": config.norm,
        "activation": config.activation,
        "rotary": config.positions == "rotary",
    }
    tied = config.tie == "all"
    source_table = w["embedding" if tied else "source_embedding"]
    target_table = w["embedding" if tied else "target_embedding"]
    length = target_ids.shape[1]
    memory_mask = (source_ids != 0)[:, None, None, :]
    target_mask = (target_ids != 0)[:, None, None, :] & np.tri(length, dtype=bool)

    x = embed(source_table, source_ids, config.positions)
    memory = stack(encoder_layer, w["encoder"], x, memory_mask, **options)
    x = embed(target_table, target_ids, config.positions)
    x = stack(decoder_layer, w["decoder"], x, memory, target_mask, memory_mask, **options)
    table = w["output_projection"]["kernel"] if config.tie == "none" else target_table["table"].T
    return cap(x @ table, config.logit_cap)


def causal_lm(w, config, token_ids):
    """Return the logits `(batch, length, vocab_size)` of a decoder-only model."""
    mask = (token_ids != 0)[:, None, None, :] & np.tri(token_ids.shape[1], dtype=bool)
    x = embed(w["embedding"], token_ids, config.positions)
    x = stack(
        encoder_layer,
        w["decoder"],
        x,
        mask,
        num_heads=config.num_heads,
        norm=config.norm,
        activation=config.activation,
        rotary=config.positions == "rotary",
    )
    table = w["embedding"]["table"].T if config.tie else w["output_projection"]["kernel"]
    return cap(x @ table, config.logit_cap)


def classifier(w, config, token_ids):
    """Return the logits `(batch, num_classes)` of an encoder whose output is averaged."""
    real = token_ids != 0
    x = embed(w["embedding"], token_ids, config.positions)
    x = stack(
        encoder_layer,
        w["encoder"],
        x,
        real[:, None, None, :],
        num_heads=config.num_heads,
        norm=config.norm,
        activation=config.activation,
        rotary=config.positions == "rotary",
    )
    means = np.stack([row[seen].mean(axis=0) for row, seen in zip(x, real, strict=True)])
    return cap(dense(w["output_projection"], means), config.logit_cap)


def weights_of(layer):
    """Return a layer's weights as nested dictionaries of float64 arrays, named by their paths."""
    tree = {}
    for weight in layer.trainable_weights:
        *scopes, name = weight.path.split("/")[1:]
        branch = tree
        for scope in scopes:
            branch = branch.setdefault(scope, {})
        assert name not in branch, f"two weights are called {weight.path}"
        branch[name] = keras.ops.convert_to_numpy(weight).astype("float64")
    return tree


def randomize(layer, seed=0):
    """Give every weight of a layer random values (norms and biases too), and return the layer."""
    rng = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        offset = 1.0 if weight.path.endswith(("gamma", "scale")) else 0.0
        weight.assign(offset + 0.3 * rng.standard_normal(weight.shape))
    return layer
