# %% [markdown]
# # Since 2017
#
# People still train the Transformer of *Attention Is All You Need*, but they have tried to replace
# nearly every part of it. This page goes through the changes that lasted. Each has its formula, the
# picture or number that it gives, and a ✓ for what was checked just before: often a few lines of
# NumPy give the same as the package's layer. Each change is a field of the configuration, and the
# preset `modern` sets those that gained most in the same time: the last cell has the measurement.
#
# Rotary positions, which belong here too, are in [recipe 04](04_inside_attention.py). Run the cells
# in VS Code, Jupyter or Colab, or run the page as a script, which saves its pictures.

# %%
import tf_transformer as tft

seed = 0  # of all weights and samples; try 1
results = "recipes/results/since_2017"  # folder of measured results, for the table at the end
tft.cli.take_flags(globals())  # a script takes these values as flags

from tf_transformer.cli.table import print_table
from tf_transformer.layers.normalization import make_norm

import json
import math
from pathlib import Path

import keras
import numpy as np
from keras import ops

pictures = tft.plots.Gallery("runs/since_2017_pictures")
rng = np.random.default_rng(seed)
keras.utils.set_random_seed(seed)


def check(holds, claim):
    """Print a claim that has just been checked."""
    assert holds, claim
    print(f"✓ {claim}")


def distance(a, b):
    return np.abs(np.array(a, float) - np.array(b, float)).max()


# %% [markdown]
# ## RMS norm
#
# A layer norm takes the mean away, and then divides by what is left:
#
# $$\mathrm{LayerNorm}(x) = g \, \frac{x - \mathrm{mean}(x)}{\sqrt{\mathrm{variance}(x) + ε}} + b
# \qquad \mathrm{RMSNorm}(x) = g \, \frac{x}{\sqrt{\mathrm{mean}(x^2) + ε}}$$
#
# Zhang & Sennrich (2019) found that what helps is equal length. The mean may stay, and need not be
# computed. `normalization="rms_norm"`


# %%
def rms_norm(x, gain=1.0):
    """Return vectors of one length."""
    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)


x = rng.normal(2, 1.5, (1, 1, 16)).astype("float32")
layer_normed = np.array(make_norm("layer_norm")(x))
found = {"x": x, "layer norm": layer_normed, "RMS norm": rms_norm(x)}
panels = {f"{name}: mean {y.mean() + 0.0:.1f}": y[0, 0] for name, y in found.items()}
pictures.show("norms", tft.plots.bar_figure(panels, x="feature", y="value"))
check(distance(rms_norm(x), make_norm("rms_norm")(x)) < 1e-5, "the package's norm is the same")

# %% [markdown]
# ## Gates, and squares
#
# Two ways to let a feed-forward network multiply:
#
# $$\mathrm{relu2}(x) = \max(0, x W_1)^2 \, W_2 \qquad
# \mathrm{SwiGLU}(x) = (\mathrm{Swish}(x V) \odot x W_1) \, W_2, \quad
# \mathrm{Swish}(y) = y \, σ(y)$$
#
# ReLU² (So et al. 2021) was found by a search over programs. In SwiGLU (Shazeer 2020) one product
# of the input opens and shuts another. A gate is a third matrix, so `d_ff` is cut to 2/3.
# `activation="relu2"`, `activation="swiglu"`
#
# The first picture shows one hidden unit of one input, with all matrices 1. The second shows the
# gate: where it is shut (0 and below), little comes through, whatever its partner is.


# %%
def swish(y):
    return y / (1 + np.exp(-y))


def unit(activation, x):
    """Return what the package's layer gives if all its matrices are 1."""
    layer = tft.layers.FeedForward(1, 1, activation)
    layer.build((None, None, 1))
    for weight in layer.trainable_weights:
        weight.assign(np.full(weight.shape, float(weight.path.endswith("kernel"))))
    return np.array(layer(x[None, :, None]))[0, :, 0]


x = np.linspace(-3, 2, 21).astype("float32")
units = {
    "relu": np.maximum(0, x),
    "relu2": np.maximum(0, x) ** 2,
    "swiglu, with the same at both": swish(x) * x,
}
names = [f"{place:.0f}" if place % 1 == 0 else "" for place in x]
title = "A gate makes nearly a square, too"
pictures.lines("activations", units, title=title, x="x", y="what a unit gives", at=names)
gate, partner = np.mgrid[3:-4:-1, -3:4]
names = {"rows": [f"{y}" for y in gate[:, 0]], "columns": [f"{y}" for y in partner[0]]}
product = {"What a gate lets through": np.round(swish(gate) * partner, 1) + 0.0}  # no -0.0
pictures.matrices("gate", product, **names, numbers=".1f", x="x W₁", y="x V, the gate")
for name, ours in units.items():
    kind = name.split(",")[0]
    check(distance(ours, unit(kind, x)) < 1e-5, f'activation="{kind}" gives the same')

# %% [markdown]
# ## Query-key norm
#
# $$\mathrm{softmax}\left(\frac{\mathrm{RMSNorm}(Q) \, \mathrm{RMSNorm}(K)^T}{\sqrt{d_k}}\right) V$$
#
# When weights grow, scores grow with their square. A softmax of large scores looks at one word,
# and learns no more. With both sides normalised (Henry et al. 2020) a score is at most √d_k times
# their learned scales, however large the weights are. High learning rates are then less of a risk.
# `qk_norm=True`


# %%
def sharpness(is_normed, x, times):
    """Return the mean of the largest attention weights, as queries and keys are doubled."""
    layer = tft.layers.MultiHeadAttention(x.shape[-1], num_heads=4, qk_norm=is_normed)
    layer.build(x.shape)
    found = []
    for _ in range(times):
        _, weights = layer(x, return_weights=True)
        found.append(float(np.mean(np.max(weights, axis=-1))))
        for kernel in (layer.query.kernel, layer.key.kernel):
            kernel.assign(2 * kernel)
    return found


x = rng.standard_normal((8, 16, 64)).astype("float32")
curves = {"as in 2017": sharpness(False, x, 7), "normalised": sharpness(True, x, 7)}
axes = {"x": "weights are multiplied by", "y": "largest attention weight"}
title = "Without the norm, a head ends by looking at one word"
pictures.lines("query_key_norm", curves, title=title, **axes, at=[2**i for i in range(7)])
check(curves["as in 2017"][-1] > 0.9, "without it, heads look at one word")
check(np.ptp(curves["normalised"]) < 1e-3, "with it, they look where they did before")

# %% [markdown]
# ## Shared heads
#
# $$head_i = \mathrm{Attention}(Q_i, K_{⌊i/g⌋}, V_{⌊i/g⌋})$$
#
# Each step of decoding reads all keys and values so far. If $g$ heads of queries share one of these
# (Ainslie et al. 2023), it reads $g$ times less, and long texts fit into memory. That is what
# sharing is for. At the same width the model has fewer weights, and is a little worse.
# `num_kv_heads=2`

# %%
x = rng.standard_normal((2, 6, 64)).astype("float32")
kept = {}
for heads in (8, 4, 2, 1):
    layer = tft.layers.MultiHeadAttention(64, num_heads=8, num_kv_heads=heads)
    layer(x)
    kept[heads] = sum(math.prod(part.shape[1:]) // x.shape[1] for part in layer.keys_values(x))
bars = {"What a cache keeps of a token": list(kept.values())}
axes = {"names": list(kept), "x": "heads of keys and values", "y": "numbers"}
pictures.show("shared_heads", tft.plots.bar_figure(bars, **axes))
check(kept[8] == 8 * kept[1], "with one head for all, a cache is an eighth as large")

full = tft.layers.MultiHeadAttention(64, num_heads=8)
full(x)
for ours, theirs in zip(full.trainable_weights, layer.trainable_weights, strict=True):
    times = ours.shape[-1] // theirs.shape[-1]  # 8 for keys and values, 1 for the others
    ours.assign(ops.concatenate([theirs] * times, axis=-1))
check(distance(full(x), layer(x)) < 1e-5, "it is eight heads whose keys and values are the same")

# %% [markdown]
# ## Sublayers that begin at zero
#
# $$x + \mathrm{Sublayer}(x), \quad W^O = 0 \text{ and } W_2 = 0 \text{ at first}$$
#
# A stack of any depth then begins as the identity. Nothing grows on the way up, the gradient comes
# down unchanged, and each sublayer joins when it has something to say (Zhang et al. 2019).
# `zero_init=True`

# %%
x = rng.standard_normal((2, 8, 64)).astype("float32")
sizes = {}
for name, is_zero in (("as in 2017", False), ("from zero", True)):
    stack = tft.layers.Encoder(16, 64, num_heads=4, d_ff=256, zero_init=is_zero)
    states = [x]
    for layer in stack.layers:
        states.append(np.array(layer(states[-1])))
    sizes[name] = [float(np.sqrt(np.mean(state**2))) for state in states]
axes = {"x": "layer", "y": "size (root mean square)", "first": 0}
title = "Before training, each layer adds to the size, unless it begins at zero"
pictures.lines("zero_init", sizes, title=title, **axes)
check(distance(states[-1], x) == 0, "16 layers that begin at zero change nothing")
check(sizes["as in 2017"][-1] > 1.5 * sizes["as in 2017"][0], "otherwise vectors grow")

# %% [markdown]
# ## Capped logits
#
# $$c \tanh(logits / c)$$
#
# No token can be more certain than $c$ allows, so no single one can pull the whole model (Gemma
# Team 2024). Small logits stay what they are. The order stays, too: greedy search finds the same.
# `logit_cap=15.0`

# %%
cap = 15.0
shape = {"num_layers": 1, "d_model": 16, "num_heads": 2, "d_ff": 32}
logits = {}
for each in (0.0, cap):
    keras.utils.set_random_seed(seed)
    model = tft.CausalLM(tft.CausalLMConfig(20, **shape, logit_cap=each))
    model.embedding.table.assign(10 * model.embedding.table)  # as if trained for long
    logits[each] = np.array(model(np.arange(4, 12)[None])).ravel()
curves = {"without a cap": np.sort(logits[0.0]), f"capped at {cap:g}": np.sort(logits[cap])}
axes = {"x": "logits of a model, the smallest first", "y": "logit"}
pictures.lines("logit_cap", curves, title="Large logits are bent, small ones stay", **axes)
ours = cap * np.tanh(logits[0.0] / cap)
check(distance(ours, logits[cap]) < 1e-4, "logit_cap=15.0 gives the same")
check(np.abs(ours).max() < cap < np.abs(logits[0.0]).max(), "none is beyond 15")

# %% [markdown]
# ## A deep encoder, a shallow decoder
#
# The encoder reads a source once, all words at the same time. The decoder writes one word after the
# other, and each waits for all its layers. Layers are therefore moved from the decoder to the
# encoder (Kasai et al. 2021): the model is about as large, and a step takes half the work.
# `encoder_layers=6, decoder_layers=2`

# %%
counts = {}
for depths in ((4, 4), (6, 2), (7, 1)):
    fields = dict(zip(("encoder_layers", "decoder_layers"), depths, strict=True))
    model = tft.Transformer.from_preset("tutorial", vocab_size=1000, **fields)
    counts[depths] = [part.count_params() / 1e6 for part in (model.encoder, model.decoder)]
encoders, decoders = zip(*counts.values(), strict=True)
bars = {"encoder: once a sentence": encoders, "decoder: once a word": decoders}
axes = {"names": [f"{a} and {b}" for a, b in counts], "x": "layers", "y": "weights, millions"}
figure = tft.plots.bar_figure({"The part that each word waits for shrinks": bars}, **axes)
pictures.show("depths", figure)
halved = counts[6, 2][1] < 0.51 * counts[4, 4][1]
check(halved and sum(counts[6, 2]) < sum(counts[4, 4]), "6 and 2: no more weights, half a step")

# %% [markdown]
# ## Muon
#
# Adam scales each number of a gradient by itself. Muon (Jordan et al. 2024) treats a matrix as one
# thing. Its step is the momentum $M$ made nearly orthogonal, so that all directions move equally
# far, not only the few that dominate the gradient. Five times, from $X = M / ‖M‖$:
#
# $$A = X X^T \qquad X ← a X + (b A + c A^2) X$$
#
# The polynomial brings all singular values near 1, with matrix products alone. `optimizer="muon"`


# %%
def orthogonal(m, optimizer, steps):
    """Return a matrix with the same directions, and singular values near 1."""
    a, b, c = optimizer.muon_a, optimizer.muon_b, optimizer.muon_c
    x = m / np.linalg.norm(m)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x


muon = tft.optimizers.Muon(learning_rate=1.0)
m = rng.standard_normal((32, 64)) * np.geomspace(1, 0.01, 64)  # few directions dominate
after = {"M / ‖M‖": 0, "after 2 steps": 2, "after 5 steps": 5}
curves = {
    name: np.linalg.svd(orthogonal(m, muon, steps), compute_uv=False)
    for name, steps in after.items()
}
axes = {"x": "singular value, the largest first", "y": "size"}
title = "All directions of a matrix come to the same size"
pictures.lines("muon", curves, title=title, **axes)
weight = keras.Variable(np.zeros(m.shape, "float32"), name="kernel")
muon.apply([ops.convert_to_tensor(m, "float32")], [weight])
ours = -0.2 * math.sqrt(64) * orthogonal(m, muon, muon.ns_steps)
check(distance(ours, weight.numpy()) < 1e-3, "tft.optimizers.Muon makes the same step")

# %% [markdown]
# ## What each is worth
#
# `docs/since_2017.md` has the commands of an ablation on TED talks: one run without any change, one
# with each, and one with those of the preset `modern`. All take the same five minutes of one core,
# so a change that makes a step slower gets fewer steps. Two seeds without any change, `plain` and
# `plain_seed2`, show what is noise.

# %%
scores = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["bleu"]
    for path in sorted(Path(results).glob("*.json"))
}
if "plain" in scores:
    plain = scores["plain"]
    rows = [[name, f"{bleu:.2f}", f"{bleu - plain:+.2f}"] for name, bleu in scores.items()]
    print_table(["run", "BLEU", "gain"], rows)
else:
    print(f"No results in {results} yet: the commands of docs/since_2017.md write them.")

# %% [markdown]
# ## Three exercises
#
# 1. Put `normalization="rms_norm"` into the page's [first Transformer](00_the_transformer.py): its
#    `normalize` needs two lines changed. The ✓ of the logits tells whether you are right.
# 2. How large must the weights of queries and keys be before a head looks at one word with 99 %?
#    Change `sharpness` so that it stops there. Does the answer depend on the number of words?
# 3. Beat the spread of the last curve of Muon's picture (`np.ptp`). Do more steps help? Then try a,
#    b, c = 15/8, -10/8, 3/8, which Newton and Schulz would have taken, with 5 steps and with 8.
