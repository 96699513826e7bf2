# %% [markdown]
# # Inside attention
#
# [Recipe 00](00_the_transformer.py) builds the Transformer. This page asks why it is built like
# that: why a position is a row of waves, what attention computes (every number of it), why scores
# are divided by √d, what several heads are for, and why there are residual connections and norms.
# The package's own layers answer. What has a ✓ was checked just before it was printed.

# %%
import tf_transformer as tft

steps = 600  # to train each model that is compared; try 200
layers = 32  # of the deep stacks; try 16
seed = 0  # of all weights and samples
tft.cli.take_flags(globals())  # a script takes these values as flags

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

pictures = tft.plots.Gallery("runs/inside_attention")
rng = np.random.default_rng(seed)
keras.utils.set_random_seed(seed)


def check(holds, claim, must=True):
    assert holds or not must, claim  # what little training may leave open need not hold
    print(f"{'✓' if holds else '✗'} {claim}")


def distance(a, b):
    return np.abs(np.array(a, float) - np.array(b, float)).max()


# %% [markdown]
# ## Positions are clocks
#
# A sinusoidal position is a row of pairs, a sine and a cosine each. Such a pair is a point on a
# circle: the hand of a clock, which turns by $\omega_i$ radians from one position to the next.
#
# $$PE_{(pos, 2i)} = \sin(\omega_i\, pos) \qquad PE_{(pos, 2i+1)} = \cos(\omega_i\, pos) \qquad
# \omega_i = 10000^{-2i/d_{model}}$$
#
# The fastest clock goes round every 6 positions, the slowest in some 54,000. Below are three of the
# 64 clocks of a model of width 128, each with its hand at positions 0 to 7. The fast one tells
# neighbours apart; the slow ones tell where in the text they stand.

# %%
width = 128
rates = 1 / 10000 ** (np.arange(0, width, 2) / width)  # (width / 2,)
pictures.show(
    "clocks", tft.plots.clocks_figure(rates[[0, 8, 16]], title="A position is a time of day")
)

# %% [markdown]
# All vectors have the same length, because every clock has a hand of length 1. The product of
# two of them is a sum of cosines of their *distance*, wherever they stand:
#
# $$PE_p \cdot PE_q = \sum_i \cos(\omega_i (p - q))$$
#
# And to move on by $k$ positions is to turn each hand by its own angle, the same from everywhere.
# "We hypothesized it would allow the model to easily learn to attend by relative positions, since
# for any fixed offset k, PE(pos+k) can be represented as a linear function of PE(pos)" (section
# 3.5). In the picture, the curve of each position is the same, moved.

# %%
waves = np.array(tft.layers.sinusoids(np.arange(128), width))  # (position, width)
products = waves @ waves.T
curves = {f"with position {p}": products[p] for p in (32, 64, 96)}
title = "Near positions are alike, wherever they are"
pictures.lines("products", curves, title=title, x="position", y="dot product", first=0)

lengths = np.linalg.norm(waves, axis=1)
check(distance(lengths, math.sqrt(width / 2)) < 1e-4, "each position's vector is √64 long")
spreads = [np.ptp(np.diagonal(products, offset)) for offset in range(127)]
check(max(spreads) < 1e-3, "the product of two depends on their distance alone")
back = tft.layers.rotate(waves[None, None, 5:], np.full(123, 5))[0, 0]
check(
    distance(back, waves[:-5]) < 1e-4, "one turn takes all vectors to those of 5 positions before"
)

# %% [markdown]
# ## Turn the words instead
#
# If a step is a turn, why add anything? Rotary embedding ([Su et al.
# 2021](https://arxiv.org/abs/2104.09864)) leaves the words alone, and turns each pair of features
# of queries and keys: of the query at position $m$ by the angle $m \omega_i$, of the key at $n$ by
# $n \omega_i$. A product of two turned hands knows only the difference of their angles:
#
# $$(R_m q) \cdot (R_n k) = q \cdot R_{n-m}\, k$$
#
# Where waves are added, products of words with positions come in, too. Below is one word, scored
# against itself at all distances. With rotary positions the picture consists of diagonals: one
# score for each distance. With waves, the same distance has other scores in other places.

# %%
word, places = rng.standard_normal(32).astype("float32"), np.arange(24)
turned = np.array(tft.layers.rotate(np.tile(word, (1, 1, 24, 1)), places))[0, 0]  # (position, 32)
waved = word + np.array(tft.layers.sinusoids(places, 32))
scores = {"Rotary": turned @ turned.T, "Waves added": waved @ waved.T}
title = "Rotary scores depend on the distance alone"
pictures.matrices("rotary", scores, x="position of the key", y="position of the query", title=title)


def unevenness(scores):
    """Return how much scores of one distance differ, beside how much all scores do."""
    return max(np.diagonal(scores, i).std() for i in range(-23, 24)) / scores.std()


check(distance(np.linalg.norm(turned, axis=1), np.linalg.norm(word)) < 1e-4, "turns keep lengths")
check(unevenness(scores["Rotary"]) < 1e-4, "rotary: a score depends on the distance alone")
check(unevenness(scores["Waves added"]) > 0.1, "waves added: it depends on the place, too")
layer = tft.layers.MultiHeadAttention(32, num_heads=4, rotary=True)
x = rng.standard_normal((1, 24, 32)).astype("float32")
layer.build(x.shape)
here, there = (
    layer.attend(x, *layer.keys_values(x, positions=p), positions=p)[1]
    for p in (places, places + 1000)
)
check(distance(here, there) < 1e-4, "a layer attends the same 1,000 positions further on")

# %% [markdown]
# ## Attention by hand
#
# Recipe 00 showed the weights of three words. Here is every number behind such weights. The
# features of a word say how much of a determiner, a noun and a verb it is; a fourth one just
# differs. $W_Q$ turns a word into what it asks for: a determiner asks for a noun, a noun for a
# determiner and a verb, a verb for a noun. $W_K$ turns it into what it says it is, $W_V$ into what
# it tells.
#
# $$Q = x W_Q \qquad K = x W_K \qquad V = x W_V \qquad
# \mathrm{Attention}(Q, K, V) = \mathrm{softmax}\left(\frac{Q K^T}{\sqrt{d_k}}\right) V$$

# %%
words, features = ["the", "cat", "sleeps"], ["det.", "noun", "verb", "other"]
x = np.array([[1, 0, 0, 0.5], [0, 1, 0, 1], [0, 0, 1, -1]])
asks = np.array([[0, 2, 0, 0], [1, 0, 2, 0], [0, 4, 0, 0], [0, 0, 0, 0]])  # W_Q
says = np.diag([1, 1, 1, 0])  # W_K
tells = np.eye(4)  # W_V

q, k, v = x @ asks, x @ says, x @ tells  # (3, 4)
vectors = {"words x": x, "queries x W_Q": q, "keys x W_K": k, "values x W_V": v}
title = "Each word asks, says what it is, and tells"
axes = {"rows": words, "columns": features}
pictures.matrices("vectors", vectors, numbers=".1f", title=title, **axes)

# %% [markdown]
# A row is a word that looks, a column a word that is looked at. Follow "sleeps" from left to right:
# its score for "cat", the score over √4, and the weight. The lines below the pictures spell it out.

# %%
scores = q @ k.T  # (3, 3)
scaled = scores / math.sqrt(4)
powers = np.exp(scaled)
weights = powers / powers.sum(axis=1, keepdims=True)
output = weights @ v  # (3, 4)
by_hand = {"scores q kᵀ": scores, "scaled q kᵀ / √4": scaled, "weights: softmax": weights}
title = "From scores to weights"
pictures.matrices("by_hand", by_hand, rows=words, columns=words, numbers=".2f", title=title)
pictures.matrices("output", {"output: weights · v": output}, numbers=".2f", **axes)

terms = " + ".join(f"{a:g}·{b:g}" for a, b in zip(q[2], k[1], strict=True))
total = " + ".join(f"{p:.3f}" for p in powers[2])
mix = " + ".join(f"{w:.3f}·{b:g}" for w, b in zip(weights[2], v[:, 1], strict=True))
print('"sleeps" looks at "cat":')
print(f"  score   {terms} = {scores[2, 1]:g}")
print(f"  scaled  {scores[2, 1]:g} / √4 = {scaled[2, 1]:g}")
print(f"  weight  e^{scaled[2, 1]:g} / ({total}) = {weights[2, 1]:.3f}")
print(f"  how much of a noun comes out: {mix} = {output[2, 1]:.3f}")

layer = tft.layers.MultiHeadAttention(d_model=4, num_heads=1)
layer.build((None, None, 4))
for part, kernel in {
    "query": asks,
    "key": says,
    "value": tells,
    "output_projection": tells,
}.items():
    getattr(layer, part).set_weights([kernel, np.zeros(4)])
theirs = layer(x[None].astype("float32"), return_weights=True)
check(distance(theirs[0][0], output) < 1e-6, "tft.layers.MultiHeadAttention has the same output")
check(distance(theirs[1][0, 0], weights) < 1e-6, "and the same weights")

# %% [markdown]
# ## Why divide by √d
#
# "We suspect that for large values of d_k, the dot products grow large in magnitude, pushing the
# softmax function into regions where it has extremely small gradients" (section 3.2.1). The product
# of two random vectors is a sum of $d_k$ terms of variance 1: its deviation is $\sqrt{d_k}$. Below,
# one query looks at 16 random keys. The gradient is that of the largest weight with respect to its
# score, $w (1 - w)$. Without the division, the softmax of wide keys is all or nothing, and teaches
# little.

# %%
widths = (4, 16, 64, 256, 1024)
deviations, largest = [], {"q · k": [], "q · k / √d": []}
for d in widths:
    query = rng.standard_normal((500, 1, d), "float32")
    scores = (query @ rng.standard_normal((500, d, 16), "float32"))[:, 0]  # (sample, key)
    deviations.append(scores.std())
    for name, given in zip(largest, (scores, scores / math.sqrt(d)), strict=True):
        largest[name].append(np.array(ops.softmax(given)).max(axis=1))
panels = {
    "largest of 16 weights": {name: [w.mean() for w in ws] for name, ws in largest.items()},
    "its gradient": {name: [(w * (1 - w)).mean() for w in ws] for name, ws in largest.items()},
}
title = "Divided by √d, a softmax stays soft"
pictures.show("scale", tft.plots.panels_figure(panels, title, x="width of a key", at=widths))

check(distance(deviations / np.sqrt(widths), 1) < 0.05, "a score's deviation is √d, within 5%")
raw, divided = panels["its gradient"].values()
check(np.ptp(divided) < 0.05, "divided, the gradient is nearly the same for all widths")
check(divided[-1] > 4 * raw[-1], "undivided, it is less than a quarter of that at 1,024")

# %% [markdown]
# ## What several heads are for
#
# "Multi-head attention allows the model to jointly attend to information from different
# representation subspaces at different positions. With a single attention head, averaging inhibits
# this" (section 3.2.2). Try it: in a row of random letters, each letter has to find its four
# neighbours, the two before it and the two after. One layer has to fetch all four at once. Eight
# heads of 8 features can look at different places; one head of 64 features has one set of weights.
# Both have the same number of weights, and of multiplications.

# %%
offsets, letters, length = (-2, -1, 1, 2), " abcdefghijklmnopqrstuvwxyz", 12


def neighbours(ids):
    """Return the ids at each distance from each letter, `(…, 12, 4)`; 0 beyond the ends."""
    wide = np.pad(ids, ((0, 0), (2, 2)))
    return np.stack([wide[:, 2 + offset : 2 + offset + length] for offset in offsets], axis=-1)


def neighbour_model(num_heads, d_model=64):
    """Return a model of one attention layer: ids to logits of each letter's neighbours."""
    ids = keras.Input((length,), dtype="int32")
    embed = tft.layers.PositionalEmbedding(len(letters), d_model, name="embed")
    x = embed(ids)
    y = tft.layers.MultiHeadAttention(d_model, num_heads, name="attention")(x)
    guesses = [embed(keras.layers.Dense(d_model)(y), reverse=True) for _ in offsets]
    return keras.Model(ids, ops.stack(guesses, axis=2))  # (batch, 12, 4, letters)


rows, others = (rng.integers(1, len(letters), (n, length)) for n in (32 * steps, 500))
wanted = neighbours(others)
models, found = {1: neighbour_model(1), 8: neighbour_model(8)}, {}
for heads, model in models.items():
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(rows, neighbours(rows), batch_size=32, shuffle=False, verbose=0)
    guesses = model.predict(others, batch_size=100, verbose=0).argmax(axis=-1)
    found[heads] = ((guesses == wanted) & (wanted > 0)).sum((0, 1)) / (wanted > 0).sum((0, 1))
    print(f"heads: {heads}, neighbours found in new rows: {found[heads].mean():.1%}")
curves = {"one head": found[1], "eight heads": found[8]}
places = [f"{offset:+d}" for offset in offsets]
title = "One head must choose which neighbours to find"
pictures.lines("found", curves, title=title, x="distance", y="share that is found", at=places)

# %% [markdown]
# Where do they look in a new row? Each of the eight heads has chosen a distance, which stands above
# its picture: its weights are a diagonal. The one head gives its weight to several letters at once,
# and fetches a mixture.

# %%
maps = {}
for heads, model in models.items():
    x = model.get_layer("embed")(others[:1])
    _, weights = model.get_layer("attention")(x, return_weights=True)
    maps[heads] = np.array(weights)[0]  # (heads, looks, at)


def favourite(weights):
    """Return the distance that a head looks to most."""
    return max(range(-3, 4), key=lambda offset: np.diagonal(weights, offset).mean())


eight = {f"head {i}: {favourite(head):+d}": head for i, head in enumerate(maps[8], start=1)}
panels = {"one head": maps[1][0], **eight}
title = "One head mixes what eight keep apart"
row = [letters[i] for i in others[0]]
labels = {"rows": row, "columns": row, "x": "at whom", "y": "who looks"}
pictures.matrices("heads", panels, title=title, **labels)
check(len({model.count_params() for model in models.values()}) == 1, "equally many weights")
taken = {favourite(weights) for weights in maps[8]}
learned = steps >= 600  # less training may end anywhere
check(found[8].mean() > 0.9, "eight heads find more than 90% of the neighbours", learned)
check(found[1].mean() < 0.5, "one head finds less than half of them", learned)
check(taken.issuperset(offsets), "among the eight, there is a head for each distance", learned)

# %% [markdown]
# ## Why residual connections and norms
#
# A signal that shrinks by half in each layer is gone after thirty. Here are five ways to stack the
# very same sublayers, fresh from initialisation. Post-norm is the paper's, pre-norm that of most
# models since.


# %%
ways = {
    "neither": lambda x, sublayer, norm: sublayer(x),
    "norm alone": lambda x, sublayer, norm: sublayer(norm(x)),
    "residual alone": lambda x, sublayer, norm: x + sublayer(x),
    "post-norm": lambda x, sublayer, norm: norm(x + sublayer(x)),
    "pre-norm": lambda x, sublayer, norm: x + sublayer(norm(x)),
}


def step(way, layer, x):
    """Pass through one encoder layer, stacked in one of the five ways."""
    x = ways[way](x, layer.attention, layer.attention_residual.layer_norm)
    return ways[way](x, layer.feed_forward, layer.feed_forward_residual.layer_norm)


keras.utils.set_random_seed(seed)
x = tft.layers.PositionalEmbedding(len(letters), 64)(others[:8])  # (8, 12, 64)
stack = [tft.layers.EncoderLayer(d_model=64, num_heads=4, d_ff=256) for _ in range(layers)]
for layer in stack:
    layer.build(x.shape)
off = distance(step("pre-norm", stack[0], x), stack[0](x))
check(off < 1e-5, "tft.layers.EncoderLayer stacks its sublayers like this")

# %% [markdown]
# Three things are measured at each depth, for eight rows of letters: how large the numbers are, how
# alike the letters of a row have become (their mean cosine), and how large the gradient is that
# comes back from the top.
#
# An untrained head looks at all letters nearly alike, and thus makes them alike. With no way round
# it, all letters are one after a layer or two ([Dong et al.
# 2021](https://arxiv.org/abs/2103.03404)). Residual connections delay that, pre-norm for longest:
# what each layer adds becomes small beside what is there. But with residual connections alone,
# numbers and gradients grow without end. Norms keep both within reach, and their place matters:
# [Xiong et al. 2020](https://arxiv.org/abs/2002.04745) explain from such gradients why post-norm
# needs a warm-up.


# %%
def rms(values):
    """Return the root of the mean square, in float64, as these may be very small."""
    return float(np.sqrt(np.mean(np.array(values, "float64") ** 2)))


def likeness(states):
    """Return the mean cosine between two letters of a row."""
    states = np.array(states, "float64")  # (8, 12, 64)
    unit = states / np.maximum(np.linalg.norm(states, axis=-1, keepdims=True), 1e-300)
    cosines = unit @ unit.swapaxes(1, 2)  # (8, 12, 12)
    return float(cosines[:, *np.triu_indices(length, k=1)].mean())


quantities = ("size of the numbers", "likeness of the letters", "gradient (1 at the top)")
panels = {name: {} for name in quantities}
target = np.random.default_rng(seed).standard_normal(x.shape).astype("float32")
for way in ways:
    with tf.GradientTape() as tape:
        tape.watch(x)
        states = [x]
        for layer in stack:
            states.append(step(way, layer, states[-1]))
        score = ops.sum(states[-1] * target)
    slopes = [rms(gradient) for gradient in tape.gradient(score, states)]
    measured = (
        [rms(s) for s in states],
        [likeness(s) for s in states],
        np.divide(slopes, slopes[-1]),
    )
    for panel, values in zip(panels.values(), measured, strict=True):
        panel[way] = values
title = "What residual connections and norms do to a deep stack"
depths = tft.plots.panels_figure(panels, title, x="layer", first=0, log=quantities[::2])
pictures.show("depth", depths)

size, alike, slope = panels.values()
merged = {way: next((i for i, a in enumerate(alike[way]) if a > 0.95), "never") for way in ways}
print("layers until the letters of a row are one (mean cosine 0.95):", merged)
if layers >= 16:  # of fewer nothing is claimed
    check(size["neither"][-1] < 1e-3 * size["neither"][0], "with neither, the signal dies out")
    check(slope["neither"][0] < 1e-3, "and so does the gradient on its way back")
    rest = alike["residual alone"][-1], alike["post-norm"][-1]
    check(alike["pre-norm"][-1] < min(rest), "pre-norm: least alike")
    check(size["residual alone"][-1] > 2 * size["pre-norm"][-1], "residual alone: numbers grow")
    check(slope["post-norm"][0] < 0.5 * slope["pre-norm"][0], "post-norm: half the gradient")

# %% [markdown]
# ## Three exercises
#
# 1. Change one number of `asks`, such that "sleeps" gives more than 99% of its weight to "cat".
#    Check it in the picture. What is $w (1 - w)$ then, and what would the verb still learn?
# 2. Train models of 2 and of 4 heads, too. The number to beat is that of eight heads. How many does
#    it take to find four neighbours, and why?
# 3. Add a sixth way, `x + sublayer(x) / (2 * layers) ** 0.5`. It has no norm at all. Check that the
#    numbers at the top are less than three times those at the bottom.
#
# Go on with [a translator trained whole](05_train_translator.py), or see [what was found since
# 2017](11_since_2017.py).
