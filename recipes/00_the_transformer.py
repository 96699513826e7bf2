# %% [markdown]
# # The Transformer, from scratch
#
# This page builds the whole of [*Attention Is All You Need*](https://arxiv.org/abs/1706.03762) in
# NumPy: what the paper says, a few lines of code, and the picture or number that they give. A ✓ was
# checked just before, mostly against the package's fast layers, whose tests import this page.

# %%
import tf_transformer as tft

n = 6000  # examples of the copy task; try 2000, with 5 epochs
epochs = 5  # passes over them; try 2, with 6000 examples
seed = 0  # of all weights and examples
tft.cli.take_flags(globals())  # a script takes these values as flags

import math

import keras
import numpy as np

pictures = tft.plots.Gallery("runs/the_transformer")
rng = np.random.default_rng(seed)
keras.utils.set_random_seed(seed)


def check(holds, claim, must=True):
    assert holds or not must, claim  # what little training may leave open need not hold
    print(f"{'✓' if holds else '✗'} {claim}")


def agree(ours, theirs, name, within=1e-5):
    """Check that this page computes what the package does."""
    off = np.abs(np.array(ours, float) - np.array(theirs, float)).max()
    check(off < within, f"{name} gives the same")


# %% [markdown]
# ## Where a word stands
# Attention sees a set of words, not a sequence. "In order for the model to make use of the order of
# the sequence, we must inject some information about the relative or absolute position of the
# tokens" (section 3.5). Each position gets a vector of sines and cosines:
#
# $$PE_{(pos, 2i)} = \sin\left(pos / 10000^{2i/d_{model}}\right) \qquad
# PE_{(pos, 2i+1)} = \cos\left(pos / 10000^{2i/d_{model}}\right)$$


# %%
def positional_encoding(length, d_model):
    """Return the vector of each position, `(length, d_model)`."""
    rates = 1 / 10000 ** (np.arange(0, d_model, 2) / d_model)
    angles = np.arange(length)[:, None] * rates  # (length, d_model / 2)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, d_model)


waves = positional_encoding(50, 64)
pictures.matrices("positions", {"One row for each position": waves}, x="feature", y="position")
agree(waves, tft.layers.sinusoids(np.arange(50), 64), "tft.layers.sinusoids")

# %% [markdown]
# ## Attention
# "An attention function can be described as mapping a query and a set of key-value pairs to an
# output" (section 3.2):
#
# $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\left(\frac{Q K^T}{\sqrt{d_k}}\right) V$$
#
# A query asks, a key says what it is about, and a value is the answer. The softmax turns the scores
# of a query, its products with the keys, into weights that sum to 1. The output is the weighted
# mean of the values. A mask is `True` where a query may look.


# %%
def softmax(x):
    """Return weights that sum to 1, the larger the larger x is."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))  # less the largest, so that nothing overflows
    return e / e.sum(axis=-1, keepdims=True)


def attention(q, k, v, mask):
    """Return the output `(…, queries, width)` and the weights `(…, queries, keys)`."""
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])  # (…, queries, keys)
    weights = softmax(np.where(mask, scores, -np.inf))
    return weights @ v, weights


words = ["the", "cat", "sleeps"]
kinds = np.eye(3)  # a determiner, a noun, a verb
asks = np.array([[0, 2, 0], [1, 0, 2], [0, 4, 0]])  # a verb asks for a noun most
output, weights = attention(kinds @ asks, kinds, kinds, mask=True)
axes = {"rows": words, "columns": words, "x": "at whom", "y": "who looks"}
pictures.matrices("words", {"Where it looks": weights}, numbers=".2f", **axes)
check(words[weights[2].argmax()] == "cat", '"sleeps" looks at "cat" most')

# %% [markdown]
# ## Masks
# No position may look at padding (id 0), which fills up the shorter sentences of a batch. In the
# decoder none may look ahead, "to preserve the auto-regressive property" (section 3.2.3).


# %%
def padding_mask(ids):
    """Return `(batch, 1, 1, length)`: whether each token is a real one."""
    return (ids != 0)[:, None, None, :]


def causal_mask(length):
    """Return `(length, length)`: row i may look at columns 0 to i."""
    return np.tri(length, dtype=bool)


ids = np.array([[5, 6, 7, 0, 0], [5, 6, 7, 8, 9]])
both = padding_mask(ids) & causal_mask(5)  # (2, 1, 5, 5)
masks = {"causal": causal_mask(5), "causal, with padding": both[0, 0]}
pictures.matrices("masks", masks, x="looks at", y="position")
agree(both, tft.layers.padding_mask(ids) & tft.layers.causal_mask(5), "the package's mask")

# %% [markdown]
# ## Several heads
# "Multi-head attention allows the model to jointly attend to information from different
# representation subspaces at different positions" (section 3.2.2):
#
# $$\mathrm{MultiHead}(Q, K, V) = \mathrm{Concat}(head_1, …, head_h) W^O \qquad
# head_i = \mathrm{Attention}(Q W_i^Q, K W_i^K, V W_i^V)$$
#
# One matrix holds the projections of all heads side by side. `weights_of` reads the weights of a
# layer into dictionaries with the package's names, in double precision.


# %%
def dense(w, x):
    """Return x W + b."""
    return x @ w["kernel"] + w["bias"]


def multi_head(w, x, memory, mask, num_heads):
    """Return `(batch, length, d_model)` and the weights `(batch, heads, length, memory)`."""
    projections = dense(w["query"], x), dense(w["key"], memory), dense(w["value"], memory)
    q, k, v = (np.stack(np.split(y, num_heads, axis=-1), axis=1) for y in projections)
    heads, weights = attention(q, k, v, mask)  # (batch, heads, length, width)
    return dense(w["output_projection"], np.concatenate([*heads.swapaxes(0, 1)], -1)), weights


def weights_of(layer):
    """Return the weights of a Keras layer, as nested dictionaries named by their paths."""
    tree = {}
    for weight in layer.trainable_weights:
        *scopes, name = weight.path.split("/")[1:]
        branch = tree
        for scope in scopes:
            branch = branch.setdefault(scope, {})
        branch[name] = weight.numpy().astype("float64")
    return tree


x = rng.standard_normal((2, 5, 64))
layer = tft.layers.MultiHeadAttention(d_model=64, num_heads=4)
theirs = layer(x, x, attention_mask=padding_mask(ids))
ours, weights = multi_head(weights_of(layer), x, x, padding_mask(ids), num_heads=4)
agree(ours, theirs, "tft.layers.MultiHeadAttention")

# %% [markdown]
# ## Feed-forward networks, residual connections and norms
# "Two linear transformations with a ReLU activation in between", at each position by itself
# (section 3.3):
#
# $$\mathrm{FFN}(x) = \max(0, x W_1 + b_1) W_2 + b_2$$
#
# "We employ a residual connection around each of the two sub-layers, followed by layer
# normalization … the output of each sub-layer is LayerNorm(x + Sublayer(x))" (section 3.1). Deep
# stacks learn sooner with x + Sublayer(LayerNorm(x)), `norm="pre"`, which is the package's default.


# %%
def feed_forward(w, x):
    """Return `(batch, length, d_model)`."""
    return dense(w["outer"], np.maximum(dense(w["inner"], x), 0))


def normalize(w, x):
    """Return each vector with mean 0 and variance 1, times gamma, plus beta."""
    x = x - x.mean(axis=-1, keepdims=True)
    return w["gamma"] * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6) + w["beta"]


def residual(w, name, x, sublayer, norm):
    """Return the stream x, to which the sublayer of that name has added."""
    scale = w[f"{name}_residual"]["layer_norm"]
    if norm == "post":
        return normalize(scale, x + sublayer(w[name], x))
    return x + sublayer(w[name], normalize(scale, x))


# %% [markdown]
# ## Encoder and decoder
# The encoder is "a stack of N = 6 identical layers. Each layer has two sub-layers. The first is a
# multi-head self-attention mechanism, and the second is a simple, position-wise fully connected
# feed-forward network." The decoder has "a third sub-layer, which performs multi-head attention
# over the output of the encoder stack" (section 3.1). A pre-norm stack ends with one more norm.


# %%
def attend(mask, num_heads, memory=None):
    """Return a sublayer, attention to a memory; without one, of the words to each other."""
    return lambda w, h: multi_head(w, h, h if memory is None else memory, mask, num_heads)[0]


def encoder_layer(w, x, mask, num_heads, norm):
    """Return `(batch, length, d_model)`."""
    x = residual(w, "attention", x, attend(mask, num_heads), norm)
    return residual(w, "feed_forward", x, feed_forward, norm)


def decoder_layer(w, x, mask, num_heads, norm, memory, memory_mask):
    """Return `(batch, length, d_model)`."""
    x = residual(w, "attention", x, attend(mask, num_heads), norm)
    x = residual(w, "cross_attention", x, attend(memory_mask, num_heads, memory), norm)
    return residual(w, "feed_forward", x, feed_forward, norm)


def stack(layer, w, x, mask, num_heads, norm="pre", *memory):
    """Run `layer_0`, `layer_1`, … of `w`, one after the other."""
    for i in range(sum(name.startswith("layer_") for name in w)):
        x = layer(w[f"layer_{i}"], x, mask, num_heads, norm, *memory)
    return normalize(w["final_norm"], x) if norm == "pre" else x


# %% [markdown]
# ## The whole model
# "We share the same weight matrix between the two embedding layers and the pre-softmax linear
# transformation … In the embedding layers, we multiply those weights by √d_model" (section 3.4).
# This table turns ids into vectors, and in the end vectors into a score for each word, the logits.


# %%
def embed(table, ids):
    """Return the vector of each token and its position, `(batch, length, d_model)`."""
    d_model = table.shape[1]
    return table[ids] * math.sqrt(d_model) + positional_encoding(ids.shape[1], d_model)


def transformer(w, source_ids, target_ids, num_heads, norm="pre"):
    """Return the logits `(batch, target_length, vocabulary)`."""
    table, memory_mask = w["embedding"]["table"], padding_mask(source_ids)
    x = embed(table, source_ids)
    memory = stack(encoder_layer, w["encoder"], x, memory_mask, num_heads, norm)
    x, mask = embed(table, target_ids), padding_mask(target_ids) & causal_mask(target_ids.shape[1])
    x = stack(decoder_layer, w["decoder"], x, mask, num_heads, norm, memory, memory_mask)
    return x @ table.T


shape = {"num_layers": 2, "d_model": 64, "num_heads": 4, "d_ff": 256, "dropout": 0.0}
shape |= {"source_vocab_size": 20, "target_vocab_size": 20}
for norm in ("post", "pre"):  # the paper's, and that of most models since
    model = tft.Transformer(shape | {"norm": norm})
    theirs = model((ids, ids[:, :4]))
    ours = transformer(weights_of(model), ids, ids[:, :4], num_heads=4, norm=norm)
    agree(ours, theirs, f"tft.Transformer, norm={norm},", within=1e-4)

# %% [markdown]
# ## The loss and the learning rate
# "During training, we employed label smoothing of value ε = 0.1" (section 5.4): the right word
# should get the probability 1 - ε, and all words share ε. Padding has no loss. The rate grows
# "linearly for the first warmup_steps training steps", and then falls "proportionally to the
# inverse square root of the step number" (section 5.3):
#
# $$lrate = d_{model}^{-0.5} \cdot \min(step^{-0.5}, step \cdot warmup^{-1.5})$$


# %%
def smoothed_loss(target_ids, logits, smoothing=0.1):
    """Return the mean loss of the real tokens."""
    log_p = np.log(softmax(logits))
    right = np.take_along_axis(log_p, target_ids[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * right - smoothing * log_p.mean(axis=-1)
    return losses[target_ids != 0].mean()


def noam(step, d_model=512, warmup=4000):
    """Return the rate of a step; the first is step 1."""
    return d_model**-0.5 * np.minimum(step**-0.5, step * warmup**-1.5)


theirs = tft.losses.SmoothedCrossEntropy(0.1)(ids[:, 1:], theirs)
agree(smoothed_loss(ids[:, 1:], ours), theirs, "tft.losses.SmoothedCrossEntropy", within=1e-4)
steps = np.arange(1, 20001)
pictures.lines("noam", {"rate": noam(steps)}, title="It rises, then falls", x="step", y="rate")
theirs = tft.schedules.Noam(peak=(512 * 4000) ** -0.5, warmup_steps=4000)(steps - 1)
agree(noam(steps), theirs, "tft.schedules.Noam", within=1e-8)

# %% [markdown]
# ## Training: the copy task
# The smallest task that needs all of it: repeat what you read. The decoder reads `START a b c` and
# should answer `a b c END`. NumPy has no gradients: Keras's `fit` trains `tft.Transformer`, whose
# weights then go into the functions of this page.


# %%
def copy_examples(count, longest=10):
    """Return `((source_ids, target_in_ids), target_out_ids)`: sequences to be repeated."""
    source = np.zeros((count, longest + 1), "int32")
    for row in source:
        length = rng.integers(3, longest + 1)
        row[:length], row[length] = rng.integers(4, 20, length), tft.END
    before = np.where(source == tft.END, tft.PAD, source)[:, :-1]
    return (source, np.insert(before, 0, tft.START, axis=1)), source


adam = tft.optimizers.Adam(tft.schedules.Noam(peak=0.003, warmup_steps=100), beta_2=0.98)
model.compile(adam, tft.losses.SmoothedCrossEntropy(0.1), metrics=[tft.metrics.TokenAccuracy()])
history = model.fit(*copy_examples(n), batch_size=64, epochs=epochs, verbose=2).history
pictures.lines("copying", {"": history["accuracy"]}, title="Right symbols", x="epoch", y="share")

(source_ids, target_in_ids), target_ids = copy_examples(50)
w = weights_of(model)
ours = transformer(w, source_ids, target_in_ids, num_heads=4).argmax(axis=-1)
right = (ours == target_ids)[target_ids != 0].mean()
learned = n * epochs >= 30_000  # less training may end anywhere
check(right > 0.95, f"the NumPy model copies {right:.1%} of new symbols right", learned)

# %% [markdown]
# ## Greedy search
# To translate, the model reads its own words: greedy search takes the most probable at each step.


# %%
def greedy(w, source_ids, limit=12):
    """Return the ids of one row's translation, END included."""
    found = [tft.START]
    while found[-1] != tft.END and len(found) <= limit:
        logits = transformer(w, source_ids[None], np.array([found]), num_heads=4)
        found.append(int(logits[0, -1].argmax()))
    return found[1:]


print("reads ", *source_ids[0][source_ids[0] != 0], "\nwrites", *greedy(w, source_ids[0]))
limits = np.full(10, 12, "int32")
theirs = np.array(tft.decoding.GreedySearch()(model, source_ids[:10], limits).ids)
same = [greedy(w, row) == [*a[a != 0]] for row, a in zip(source_ids[:10], theirs, strict=True)]
check(all(same), "tft.decoding.GreedySearch finds the same")

# %% [markdown]
# ## Beam search
# The best word now may lead to a poor sentence: keep several beginnings. "We used beam search with
# a beam size of 4 and length penalty α = 0.6" (section 6.1), which is fair to long sentences:
#
# $$score(y) = \frac{\log p(y)}{lp(y)} \qquad lp(y) = \left(\frac{5 + |y|}{6}\right)^\alpha$$


# %%
def beam_search(w, source_ids, beam_size=4, alpha=0.6, limit=12):
    """Return finished translations of one row, `[(score, ids)]`, the best first."""
    beam, finished = [(0.0, [tft.START])], []
    while beam and len(finished) < beam_size:
        sources = np.repeat(source_ids[None], len(beam), axis=0)
        logits = transformer(w, sources, np.array([found for _, found in beam]), num_heads=4)
        log_p = np.log(softmax(logits[:, -1]))  # (beam, vocabulary)
        ways_on = [
            (score + p, [*found, word])
            for (score, found), row in zip(beam, log_p, strict=True)
            for word, p in enumerate(row)
        ]
        beam = []
        for rank, (score, found) in enumerate(sorted(ways_on, reverse=True)[: 2 * beam_size]):
            length = len(found) - 1
            if found[-1] == tft.END or length == limit:
                if rank < beam_size:
                    finished.append((score / ((5 + length) / 6) ** alpha, found[1:]))
            elif len(beam) < beam_size:
                beam.append((score, found))
    return sorted(finished, reverse=True)


for score, found in beam_search(w, source_ids[0]):
    print(f"{score:7.3f} ", *found)
best = [beam_search(w, row)[0][0] for row in source_ids[:5]]
theirs = tft.decoding.BeamSearch(4, 0.6)(model, source_ids[:5], limits[:5])
agree(best, theirs.scores[:, 0], "tft.decoding.BeamSearch", within=1e-3)

# %% [markdown]
# ## Where it looks
# The last layer looks at the symbol that it copies. Nobody told it to.

# %%
length = (source_ids[0] != 0).sum()
cross = np.array(model.attention_weights(source_ids[:1], target_in_ids[:1])["cross"])
heads = cross[0, -1, :, :length, :length]  # (heads, target, source)
names = [str(symbol) for symbol in source_ids[0, : length - 1]] + ["END"]
panels = {f"head {i}": head for i, head in enumerate(heads, start=1)}
names = {"rows": names, "columns": names, "x": "reads", "y": "writes"}
pictures.matrices("heads", panels, title="It looks at what it copies", **names)
share = max(np.diagonal(head).mean() for head in heads)
check(share > 0.3, f"a head gives {share:.0%} of its attention to that symbol", learned)

# %% [markdown]
# ## Three exercises
# 1. Make the model reverse its input. Check: the last picture shows the other diagonal.
# 2. Leave out `positional_encoding` in `embed`. Guess which ✓ fails first, and run the page.
# 3. Put `"positions": "rotary"` into `shape`, and mend `embed` and `multi_head` until all ✓ are
#    back. [Recipe 04](04_inside_attention.py) has the formula; only self-attention turns words.
#
# Go on with [text into ids](01_tokenize.py).
