"""An independent recurrent translator: NumPy in float64, written from the papers, a word at a time.

As `tests.reference`, it knows nothing of the package but the names of the weights.
"""

import math

import numpy as np

from tests.reference import dense, softmax


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(w, x, state):
    """One step, with the reset gate after the matrix product; the state is `(h,)`."""
    (h,) = state
    from_input, from_state = (
        x @ w["kernel"] + w["bias"][0],
        h @ w["recurrent_kernel"] + w["bias"][1],
    )
    z, r, new = np.split(from_input, 3)
    z_h, r_h, new_h = np.split(from_state, 3)
    z, r = sigmoid(z + z_h), sigmoid(r + r_h)
    return (z * h + (1 - z) * np.tanh(new + r * new_h),)


def lstm(w, x, state):
    """One step; the state is `(h, c)`."""
    h, c = state
    i, f, new, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
    return sigmoid(o) * np.tanh(c), c


STEPS = {"gru": (gru, 1), "lstm": (lstm, 2)}  # and how many vectors make a state


def run(w, cell, xs, state):
    """Return the `h` after each of the rows of `xs`."""
    step, _ = STEPS[cell]
    found = []
    for x in xs:
        state = step(w[f"{cell}_cell"], x, state)
        found.append(state[0])
    return np.array(found)


def encode(w, config, xs):
    """Return the annotations of a text, `(length, d_model)`."""
    zeros = (np.zeros(config.d_model // 2),) * STEPS[config.cell][1]
    for i in range(config.num_layers):
        forward = run(w[f"forward_{i}"], config.cell, xs, zeros)
        backward = run(w[f"backward_{i}"], config.cell, xs[::-1], zeros)[::-1]
        xs = np.concatenate([forward, backward], axis=-1)
    return xs


def look(w, kind, query, memory):
    """Return what a single query sees of the memory, and the weights."""
    if kind == "additive":
        hidden = np.tanh(query @ w["query"]["kernel"] + dense(w["key"], memory))
        weights = softmax(hidden @ w["score"]["kernel"][:, 0])
    else:
        weights = softmax(memory @ w["key"]["kernel"] @ query)
    return weights @ memory, weights


def translate(w, config, source_ids, target_ids):
    """Return the logits `(target_length, vocab)` and weights `(target_length, source_length)` of
    one pair without padding."""
    tied = config.tie == "all"
    source_table, target_table = (
        w["embedding" if tied else f"{side}_embedding"]["table"] for side in ("source", "target")
    )
    scale = math.sqrt(config.d_model)
    memory = encode(w["encoder"], config, source_table[source_ids] * scale)
    decoder, count = w["decoder"], STEPS[config.cell][1]
    first = np.tanh(dense(decoder["first_state"], memory[0, config.d_model // 2 :]))
    states = np.split(first, config.num_layers * count)

    xs = target_table[target_ids] * scale
    for i in range(config.num_layers):
        xs = run(decoder[f"layer_{i}"], config.cell, xs, states[count * i : count * (i + 1)])
    logits, seen = [], []
    for x in xs:
        context, weights = look(decoder["attention"], config.attention, x, memory)
        x = np.tanh(dense(decoder["combine"], np.concatenate([context, x])))
        if config.tie == "none":
            logits.append(x @ w["output_projection"]["kernel"])
        else:
            logits.append(target_table @ x)
        seen.append(weights)
    return np.array(logits), np.array(seen)
