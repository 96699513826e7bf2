# %% [markdown]
# # Inside attention
#
# What the parts of a Transformer do, one by one: how a position is written into a vector, what the
# masks hide, what attention computes (every number of it), what several heads are for, and why
# there are residual connections and norms. All of it is done by the package's own layers. Each
# claim that is printed with a ✓ was checked just before, and a claim that fails ends the script.
#
#     python recipes/04_inside_attention.py
#
# It takes its sentences from the built-in phrasebook, from another corpus (`--dataset=…`) or from a
# file of yours (`--text_file=…`), and leaves its pictures in `--run_dir`.

# %%
from tf_transformer.cli import command_line, training_flags  # first: it quiets TensorFlow

from absl import flags

FLAGS = flags.FLAGS
training_flags.define_sentences()
flags.DEFINE_string("run_dir", "runs/inside_attention", "Where the pictures go.")
flags.DEFINE_integer("steps", 600, "Steps to train each model that is compared.", lower_bound=1)
flags.DEFINE_integer("layers", 32, "Layers of the deep stacks.", lower_bound=16)
flags.DEFINE_integer("seed", 0, "Seed of all weights and samples.")
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early(
        "look inside attention: every number printed, every claim checked",
        "--steps=600",
    )

# isort: split
import tf_transformer as tft
from tf_transformer.cli.command_line import claim
from tf_transformer.cli.table import print_table
from tf_transformer.data import load_sentences
from tf_transformer.errors import counted
from tf_transformer.files import write_json
from tf_transformer.layers import rotate, sinusoids
from tf_transformer.plots.drawing import (
    COLOURS,
    FAINT,
    INK,
    SHADES,
    SIGNED,
    dress,
    heat_map,
    new_figure,
    save_png,
)
from tf_transformer.text import Vocabulary, words_of

import itertools
import math
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown]
# ## Where a word stands
#
# Attention sees a set: without more it could not tell "dog bites man" from "man bites dog". So each
# position gets a vector of its own, which is added to the word's:
#
#     PE(pos, 2i)     = sin(pos / 10000^(2i / d_model))
#     PE(pos, 2i + 1) = cos(pos / 10000^(2i / d_model))
#
# *Attention Is All You Need*, section 3.5. It is a clock with many hands: the fastest goes round
# every 6 positions, the slowest in some 54,000. As each pair of features is a point on a circle,
# all vectors are equally long, and the dot product of two of them is a sum of cosines of their
# *distance*: cos(ω (p - q)). It says how far apart two words are, wherever they stand. And to move
# on by k positions is to turn each hand by its own angle, the same from everywhere: "we
# hypothesized it would allow the model to easily learn to attend by relative positions".


# %%
def look_at_positions(folder, length=128, width=128):
    """Draw the sinusoidal encoding, and check what makes it one of places."""
    print("\nWhere a word stands: sinusoids")
    waves = np.array(sinusoids(np.arange(length), width))  # (length, width)
    products = waves @ waves.T  # (length, length)
    spreads = [np.ptp(np.diagonal(products, distance)) for distance in range(length - 1)]
    lengths, half = np.linalg.norm(waves, axis=1), width // 2
    on_circle = np.abs(lengths - math.sqrt(half)).max() < 1e-4
    claim(on_circle, f"every position's vector is √{half} = {math.sqrt(half):.2f} long")
    claim(max(spreads) < 1e-3, "the product of two depends on their distance alone")
    claim((products.argmax(axis=1) == np.arange(length)).all(), "it is largest with itself")
    back = np.array(rotate(waves[None, None, 5:], np.full(length - 5, 5)))[0, 0]
    claim(
        np.abs(back - waves[:-5]).max() < 1e-4,
        "one and the same turn takes each position's vector to that of 5 positions before",
    )
    draw_positions(folder / "positions.png", waves, products)


def draw_positions(path, waves, products):
    length, width = waves.shape
    figure = new_figure(12, 4.6)
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    image = heat_map(left, np.hstack([waves[:, 0::2], waves[:, 1::2]]), cmap=SIGNED)
    dress(left, "A position is a row of waves, fast ones first", y="position").grid(False)
    left.set_xticks([0, width // 4, width // 2, 3 * width // 4, width - 1])
    left.set_xticklabels(["fast", "sines", "slow | fast", "cosines", "slow"])
    left.set_yticks(range(0, length, 16))
    left.axvline(width / 2 - 0.5, color=INK, linewidth=0.8)
    bar = figure.colorbar(image, ax=left, fraction=0.04, pad=0.02)
    bar.outline.set_visible(False)

    dress(right, "Dot product with one position: near ones are alike", "position", "dot product")
    for place, colour in zip((length // 4, length // 2, 3 * length // 4), COLOURS, strict=False):
        right.plot(products[place], color=colour, linewidth=1.6)
        right.plot(place, products[place, place], "o", color=colour, markersize=6)
        right.annotate(
            f"with {place}",
            (place, products[place, place]),
            textcoords="offset points",
            xytext=(0, 7),
            ha="center",
            color=colour,
        )
    right.set_ylim(top=1.12 * products.max())
    save_png(figure, path)


# %% [markdown]
# ## Rotary positions
#
# Since a step is a turn, why add anything? Rotary embedding (Su et al. 2021) leaves words as they
# are and turns queries and keys instead: features (2i, 2i + 1) of the query at position m by the
# angle m ω_i, of the key at n by n ω_i. A dot product of two turned arrows knows only the
# difference of their angles, so that the score of two words depends on what they are and how far
# apart they stand, exactly. Where waves are added, products of words with positions come in, and
# the same two words at the same distance get another score in another place.


# %%
def look_at_rotations(folder, length=24, width=32):
    """Draw what rotary positions do to features and to scores, and check both."""
    print("\nWhere a word stands: rotary")
    rng = np.random.default_rng(FLAGS.seed)
    word = rng.standard_normal(width).astype("float32")
    words = np.tile(word, (1, 1, length, 1))  # the same one everywhere
    places = np.arange(length)
    turned = np.array(rotate(words, places))[0, 0]  # (length, width)
    waved = words[0, 0] + np.array(sinusoids(places, width))  # (length, width)
    scores, added = turned @ turned.T, waved @ waved.T

    longer = np.abs(np.linalg.norm(turned, axis=1) - np.linalg.norm(word)).max()
    claim(longer < 1e-4, "turning a vector does not change its length")
    claim(unevenness(scores) < 1e-4, "rotary: scores depend on the distance alone")
    claim(unevenness(added) > 0.1, "waves that are added: the same distance, different scores")

    layer = tft.layers.MultiHeadAttention(width, num_heads=4, rotary=True)
    x = rng.standard_normal((1, length, width)).astype("float32")
    layer.build(x.shape)
    weights = []
    for start in (0, 1000):
        keys, values = layer.keys_values(x, positions=start + places)
        weights.append(np.array(layer.attend(x, keys, values, positions=start + places)[1]))
    difference = np.abs(weights[0] - weights[1]).max()
    claim(difference < 1e-4, "a layer attends the same 1,000 positions further on")
    draw_rotations(folder / "rotary.png", scores, added)


def unevenness(scores):
    """Return how much scores of one distance differ, beside how much all scores do."""
    size = len(scores)
    spreads = [np.diagonal(scores, distance).std() for distance in range(1 - size, size)]
    return max(spreads) / scores.std()


def draw_rotations(path, scores, added):
    figure = new_figure(12, 7.6)
    clocks, panels = figure.subplots(2, 3)
    for axis, rate, colour in zip(clocks, (0.8, 0.4, 0.2), COLOURS, strict=False):
        draw_clock(axis, rate, colour)
    clocks[1].set_title("Features of one query at positions 0 to 7", color=INK, fontsize=12, pad=14)
    for axis, values, title in (
        (panels[0], scores, "Rotary: a score for each distance"),
        (panels[1], added, "Waves added: by place, too"),
    ):
        heat_map(axis, values)
        dress(axis, title, "position of the key", "position of the query").grid(False)
        axis.set(xticks=range(0, len(values), 4), yticks=range(0, len(values), 4))

    last = dress(panels[2], "The same scores by distance", "distance", "score q · k")
    distances = np.subtract.outer(np.arange(len(scores)), np.arange(len(scores))).ravel()
    last.plot(distances, added.ravel(), ".", color=COLOURS[1], markersize=3, label="waves added")
    last.plot(distances, scores.ravel(), ".", color=COLOURS[0], markersize=6, label="rotary")
    last.legend(frameon=False, labelcolor=INK)
    save_png(figure, path)


def draw_clock(axis, rate, colour, count=8):
    """Draw where rotation takes a pair of features, position by position."""
    arrow = np.zeros((1, 1, count, 2), "float32")
    arrow[..., 0] = 1
    points = np.array(rotate(arrow, rate * np.arange(count)))[0, 0]
    turn = np.linspace(0, 2 * math.pi, 100)
    axis.plot(np.cos(turn), np.sin(turn), color=FAINT, linewidth=1)
    for place, (x, y) in enumerate(points):
        axis.plot([0, x], [0, y], color=colour, alpha=0.35, linewidth=1)
        axis.plot(x, y, "o", color=colour, markersize=15)
        axis.text(x, y, place, color="white", ha="center", va="center_baseline", fontsize=9)
    axis.text(0, -1.35, f"{rate:g} radians a position", color=colour, ha="center", va="center")
    axis.set(aspect="equal", xlim=(-1.25, 1.25), ylim=(-1.5, 1.2), xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


# %% [markdown]
# ## Attention by hand
#
# "An attention function can be described as mapping a query and a set of key-value pairs to an
# output":
#
#     Attention(Q, K, V) = softmax(Q K^T / √d_k) V
#
# Here are three words with four features each: how much of a determiner, a noun and a verb a word
# is, and a last one that just differs. The weights are chosen by hand so that every number can be
# followed with a pencil: a determiner asks for a noun, a noun asks for a determiner and a verb, a
# verb asks for a noun (its subject), and each word's key says what it is. The layer, given these
# weights, must find the same.

# %%
WORDS = ("the", "cat", "sleeps")
FEATURES = np.array([[1, 0, 0, 0.5], [0, 1, 0, 1], [0, 0, 1, -1]], "float32")
ASKS = np.array([[0, 2, 0, 0], [1, 0, 2, 0], [0, 4, 0, 0], [0, 0, 0, 0]], "float32")
IS = np.diag(np.array([1, 1, 1, 0], "float32"))
TELLS = np.eye(4, dtype="float32")


def attend_by_hand(folder):
    """Compute attention step by step, and compare with the layer."""
    print("\nAttention by hand")
    steps = by_hand(FEATURES)
    names = {
        "x": "the words",
        "q": "queries = x W_q: what each word asks for",
        "k": "keys = x W_k: what each word is",
        "v": "values = x W_v: what each word tells",
        "scores": "scores = q k^T",
        "scaled": f"scores / √{FEATURES.shape[1]}",
        "weights": "weights = softmax of each row",
        "output": "output = weights · values",
    }
    for name, title in names.items():
        square = name in ("scores", "scaled", "weights")
        print(f"\n  {title}")
        header = ["", *(WORDS if square else ("det.", "noun", "verb", "other"))]
        rows = zip(WORDS, steps[name], strict=True)
        print_table(header, [[word, *(f"{x:.3f}" for x in row)] for word, row in rows])
    explain_one_row(steps)

    output, weights = hand_made_layer()(FEATURES[None], return_weights=True)
    off = max(
        np.abs(output[0] - steps["output"]).max(), np.abs(weights[0] - steps["weights"]).max()
    )
    claim(off < 1e-6, f"the layer finds the same numbers (largest difference {off:.0e})")
    claim(WORDS[steps["weights"][2].argmax()] == "cat", '"sleeps" looks at "cat" most')
    sums = steps["weights"].sum(axis=1)
    claim(np.abs(sums - 1).max() < 1e-6, "each row of weights sums to 1")
    draw_by_hand(folder / "by_hand.png", steps)


def by_hand(x):
    """Return every step of attention among words `(3, 4)`."""
    steps = {"x": x, "q": x @ ASKS, "k": x @ IS, "v": x @ TELLS}
    steps["scores"] = steps["q"] @ steps["k"].T  # (3, 3)
    steps["scaled"] = steps["scores"] / math.sqrt(steps["k"].shape[1])
    powers = np.exp(steps["scaled"])
    steps["weights"] = powers / powers.sum(axis=1, keepdims=True)
    steps["output"] = steps["weights"] @ steps["v"]  # (3, 4)
    return steps


def explain_one_row(steps):
    """Print the numbers of the last word's row in full."""
    word, scaled, weights = WORDS[2], steps["scaled"][2], steps["weights"][2]
    powers = np.exp(scaled)
    terms = " + ".join(f"{a:g}·{b:g}" for a, b in zip(steps["q"][2], steps["k"][1], strict=True))
    mix = " + ".join(f"{w:.3f}·{v:g}" for w, v in zip(weights, steps["v"][:, 1], strict=True))
    total = " + ".join(f"{p:.3f}" for p in powers)
    print(f'\n  In full, how "{word}" attends to "cat":')
    print(f"    score   {terms} = {steps['scores'][2, 1]:g}")
    print(f"    scaled  {steps['scores'][2, 1]:g} / √4 = {scaled[1]:g}")
    print(f"    weight  e^{scaled[1]:g} / ({total}) = {powers[1]:.3f} / {powers.sum():.3f}", end="")
    print(f" = {weights[1]:.3f}")
    print(f"    and how much of a noun comes out: {mix} = {steps['output'][2, 1]:.3f}\n")


def hand_made_layer():
    """Return a layer of one head with the weights above."""
    layer = tft.layers.MultiHeadAttention(d_model=4, num_heads=1)
    layer.build((None, None, 4))
    kernels = (ASKS, IS, TELLS, np.eye(4))
    projections = (layer.query, layer.key, layer.value, layer.output_projection)
    for projection, kernel in zip(projections, kernels, strict=True):
        projection.set_weights([kernel, np.zeros(4)])
    return layer


def draw_by_hand(path, steps):
    figure = new_figure(13, 5.6)
    features = ["det.", "noun", "verb", "other"]
    titles = {
        "x": "words x",
        "q": "queries  x W$_q$: what each asks for",
        "k": "keys  x W$_k$: what each is",
        "v": "values  x W$_v$: what each tells",
        "scores": "scores  q kᵀ",
        "scaled": "scaled  q kᵀ / √4",
        "weights": "weights: softmax of each row",
        "output": "output: weights · v",
    }
    for axis, (name, title) in zip(figure.subplots(2, 4).flat, titles.items(), strict=True):
        columns = WORDS if name in ("scores", "scaled", "weights") else features
        options = {"vmin": 0, "vmax": 1.6} if name == "weights" else {"vmin": -6, "vmax": 6}
        options["cmap"] = SHADES if name == "weights" else SIGNED
        heat_map(axis, steps[name], WORDS, columns, title, numbers=".2f", **options)
        axis.tick_params(axis="x", rotation=0)
        axis.set_aspect("auto")
    save_png(figure, path)


# %% [markdown]
# ## Why divide by √d_k
#
# "We suspect that for large values of d_k, the dot products grow large in magnitude, pushing the
# softmax function into regions where it has extremely small gradients." A product of two random
# vectors is a sum of d_k terms of variance 1, so its deviation is √d_k: it can be measured. The
# gradient here is that of the largest weight by the scores, w (1 - w).


# %%
def look_at_scale(folder, keys=16, samples=500):
    """Measure scores, weights and gradients for narrow and wide keys, and draw them."""
    print("\nWhy divide by √d_k: one query and 16 keys at random")
    rng = np.random.default_rng(FLAGS.seed)
    widths, rows = (4, 16, 64, 256, 1024), []
    for width in widths:
        query = rng.standard_normal((samples, 1, width), "float32")
        scores = (query @ rng.standard_normal((samples, width, keys), "float32"))[:, 0]
        both = [np.array(ops.softmax(x)).max(axis=1) for x in (scores, scores / math.sqrt(width))]
        gradients = [(w * (1 - w)).mean() for w in both]
        rows.append([width, scores.std(), *(w.mean() for w in both), *gradients])
    header = ["d_k", "deviation", "largest weight", "scaled", "gradient", "scaled"]
    print_table(header, [[row[0], *(f"{x:.3f}" for x in row[1:])] for row in rows])
    values = np.array(rows)
    ratio = values[:, 1] / np.sqrt(widths)
    claim(np.abs(ratio - 1).max() < 0.05, "the deviation of a score is √d_k, within 5 %")
    claim(np.ptp(values[:, 5]) < 0.05, "scaled, gradients are the same for all widths, nearly")
    claim(values[-1, 5] > 4 * values[-1, 4], "unscaled, they are less than a quarter at 1,024")
    draw_scale(folder / "scale.png", values)


def draw_scale(path, values):
    figure = new_figure(10, 3.6)
    left, right = figure.subplots(1, 2)
    dress(left, "The largest of 16 weights", "d_k", "weight")
    dress(right, "Its gradient by the scores", "d_k", "w (1 - w)")
    for axis, column in ((left, 2), (right, 4)):
        for shift, name in enumerate(("q · k", "q · k / √d_k")):
            heights = values[:, column + shift]
            axis.plot(values[:, 0], heights, "o-", color=COLOURS[1 - shift], linewidth=1.6)
            axis.annotate(
                name,
                (values[2, 0], heights[2]),
                textcoords="offset points",
                xytext=(0, 9),
                color=COLOURS[1 - shift],
            )
        axis.set_xscale("log", base=4)
        axis.set_xticks(values[:, 0], [f"{width:,.0f}" for width in values[:, 0]])
        axis.minorticks_off()
        axis.set_ylim(0, 1.1 * values[:, column : column + 2].max() + 0.02)
    save_png(figure, path)


# %% [markdown]
# ## Masks
#
# Sentences of a batch are filled up with padding, and a decoder must not see what it is to say
# next. Both are done by masks, `True` where a query may attend: the scores of all else become so
# low that their weights are zero. What an output really depends on can be measured: the derivative
# of each position's output by each position's input, here of two encoder layers. Where the mask
# lets nothing through, it is zero. (The diagonal is not: the residual connections pass by.)


# %%
def look_at_masks(folder, words, others):
    """Show the masks of a short sentence beside a longer one, and what depends on what."""
    print("\nMasks")
    ids = as_ids([words, others], Vocabulary([words, others]))
    length = ids.shape[1]
    labels = [*words, *(length - len(words)) * ["[PAD]"]]
    print(f"  a batch of two: {' '.join(others)} / {' '.join(labels)}")
    embed = tft.layers.PositionalEmbedding(int(ids.max()) + 1, 32)
    encoder = tft.layers.Encoder(num_layers=2, d_model=32, num_heads=4, d_ff=64)
    x = embed(ids)  # (2, length, 32)
    padding = np.array(tft.layers.padding_mask(ids))
    causal = np.array(tft.layers.causal_mask(length))

    alone = encoder(x[:1, : len(words)])
    off = {
        mask is None: difference(encoder(x, attention_mask=mask)[:1, : len(words)], alone)
        for mask in (None, padding)
    }
    claim(off[False] < 1e-5, f"with its mask, padding changes nothing ({off[False]:.0e})")
    claim(off[True] > 1e-2, f"without, it changes the outputs by up to {off[True]:.2f}")
    changed = ops.concatenate([x[:, :-1], 1 + x[:, -1:]], axis=1)
    apart = encoder(changed, attention_mask=causal) - encoder(x, attention_mask=causal)
    claim(not np.any(apart[:, :-1]), "with a causal mask, another last word changes none before it")
    claim(np.any(apart[:, -1]), "but it does change its own output")

    masks = {"no mask": np.ones_like(causal), "padding": padding[:1], "causal": causal}
    masks["both"] = masks["padding"] & causal
    masks = {name: np.broadcast_to(mask, causal.shape)[0, 0] for name, mask in masks.items()}
    influence = tf.function(influence_of(encoder, x[:1]))
    influences = {name: influence(tf.constant(mask)).numpy() for name, mask in masks.items()}
    for name, mask in masks.items():
        step = mask | np.eye(length, dtype=bool)
        reached = step @ step  # in two layers
        same = ((influences[name] > 0) == reached).all()
        claim(same, f"{name}: an output depends on an input if, and only if, the masks let it")
    draw_masks(folder / "masks.png", masks, influences, labels)


def as_ids(rows, vocabulary):
    """Return rows of words as ids `(rows, length)`; 0 is padding."""
    ids = np.zeros((len(rows), max(map(len, rows))), "int32")
    for i, row in enumerate(rows):
        ids[i, : len(row)] = 1 + np.array(vocabulary.ids(row))
    return ids


def difference(x, y):
    return float(np.abs(np.array(x) - np.array(y)).max())


def influence_of(encoder, x):
    """Return what measures the derivatives of each output by each input, `(length, length)`."""

    def influence(mask):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = encoder(x, attention_mask=mask[None, None])
        jacobian = tape.jacobian(y, x)[0, :, :, 0]  # (out, d_model, in, d_model)
        return tf.sqrt(tf.reduce_sum(jacobian**2, axis=(1, 3)))

    return influence


def draw_masks(path, masks, influences, labels):
    figure = new_figure(13, 7.2)
    axes = figure.subplots(2, len(masks))
    top = max(values.max() for values in influences.values())
    for column, (name, mask) in enumerate(masks.items()):
        rows = labels if column == 0 else ()
        heat_map(axes[0, column], mask, rows, (), f"{name}: may attend", vmin=0, vmax=1.3)
        shown = np.where(influences[name] > 0, influences[name], np.nan)
        image = heat_map(
            axes[1, column], shown, rows, labels, "depends on", vmin=0, vmax=top, cmap="YlGnBu"
        )
        axes[1, column].set_facecolor("#f1f2f4")
        axes[1, column].set_xlabel("input", color=INK)
    for axis in axes[:, 0]:
        axis.set_ylabel("output", color=INK)
    bar = figure.colorbar(image, ax=axes[1], fraction=0.02, pad=0.01, label="size of derivative")
    bar.outline.set_visible(False)
    save_png(figure, path)


# %% [markdown]
# ## One head against eight
#
# "Multi-head attention allows the model to jointly attend to information from different
# representation subspaces at different positions. With a single attention head, averaging inhibits
# this." (Section 3.2.2.) That can be tried. Each word shall find out its four neighbours: the two
# words before it and the two after. One layer of attention must fetch all four at once. Eight heads
# of 8 features each can look at different places; one head of 64 features has a single set of
# weights, and gets a mixture of the four. Both have the same number of weights, and the same work.

# %%
OFFSETS = (-2, -1, 1, 2)
LENGTH = 12  # words of a sentence, at most
HEADS = (1, 8)
CLAIM_FROM = 600  # steps; after fewer nothing is claimed of what was learned


def compare_heads(folder, vocabulary, ids, others):
    """Train one head and eight at the same task; draw where they look and what they find."""
    print("\nOne head against eight: which words are the neighbours?")
    models = {heads: neighbour_model(len(vocabulary) + 1, heads) for heads in HEADS}
    counts = {model.count_params() for model in models.values()}
    claim(len(counts) == 1, f"both models have {counts.copy().pop():,} weights")
    found = {}
    for heads, model in models.items():
        train_neighbours(model, ids)
        found[heads] = accuracy(model, others)
    header = ["heads", *map(signed, OFFSETS), "mean"]
    rows = [[heads, *(f"{x:.1%}" for x in (*row, row.mean()))] for heads, row in found.items()]
    print(f"  neighbours found in {counted(len(others), 'other sentence')}, by their distance:")
    print_table(header, rows)

    sentence = max(others, key=lambda row: (row > 0).sum())
    words = [vocabulary.tokens[i - 1] for i in sentence if i]
    maps = {heads: attention_of(model, sentence, len(words)) for heads, model in models.items()}
    if FLAGS.steps >= CLAIM_FROM:
        one, eight = (found[heads].mean() for heads in HEADS)
        claim(eight > 0.8, "eight heads find more than 80 % of the neighbours")
        claim(eight - one > 0.15, "one head finds at least 15 % of them fewer")
        looks = {favourite(weights) for weights in maps[8]}
        claim(looks.issuperset(OFFSETS), "among the eight, there is a head for each distance")
    else:
        print(f"  (nothing is claimed of models that learned for less than {CLAIM_FROM} steps)")
    draw_heads(folder / "heads.png", maps, found, words)
    return {str(heads): row.tolist() for heads, row in found.items()}


def frequent_words_only(rows, vocabulary, most=4000):
    """Return sentences of 4 to LENGTH words, all of them in the vocabulary, as ids."""
    kept = [row for row in rows if 4 <= len(row) <= LENGTH]
    kept = [row for row in kept if all(word in vocabulary for word in row)][:most]
    if not kept:
        raise tft.UserError(f"no sentence has 4 to {LENGTH} words, all frequent: give more text.")
    ids = as_ids(kept, vocabulary)
    return np.pad(ids, ((0, 0), (0, LENGTH - ids.shape[1])))


def neighbours(ids):
    """Return the ids at each distance from each word, 0 where there is none."""
    reach = max(OFFSETS)
    wide = np.pad(ids, ((0, 0), (reach, reach)))
    found = [wide[:, reach + offset : reach + offset + LENGTH] for offset in OFFSETS]
    return np.stack(found, axis=-1) * (ids > 0)[..., None]  # (sentences, LENGTH, offsets)


def neighbour_model(vocab_size, num_heads, d_model=64):
    """Return a model of one attention layer: ids to logits of each word's neighbours."""
    ids = keras.Input((LENGTH,), dtype="int32")
    embed = tft.layers.PositionalEmbedding(vocab_size, d_model)
    attention = tft.layers.MultiHeadAttention(d_model, num_heads, name="attention")
    x = embed(ids)
    y = attention(x, attention_mask=tft.layers.padding_mask(ids))  # (batch, LENGTH, d_model)
    guesses = [embed(keras.layers.Dense(d_model)(y), reverse=True) for _ in OFFSETS]
    return keras.Model(ids, ops.stack(guesses, axis=2))  # (batch, LENGTH, offsets, vocab_size)


def train_neighbours(model, ids, batch=32):
    rng = np.random.default_rng(FLAGS.seed)
    rows = ids[rng.integers(len(ids), size=(FLAGS.steps, batch))].reshape(-1, LENGTH)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    rate = keras.optimizers.schedules.CosineDecay(0.01, FLAGS.steps)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(rows, neighbours(rows), batch_size=batch, shuffle=False, verbose=0)


def accuracy(model, ids):
    """Return the share of neighbours that are found, for each distance."""
    ids = ids[:500]
    wanted = neighbours(ids)
    guesses = model.predict(ids, batch_size=100, verbose=0).argmax(axis=-1)
    return ((guesses == wanted) & (wanted > 0)).sum((0, 1)) / (wanted > 0).sum((0, 1))


def attention_of(model, sentence, length):
    """Return the weights of each head on one sentence, `(heads, length, length)`."""
    parts = {type(layer): layer for layer in model.layers}
    x = parts[tft.layers.PositionalEmbedding](sentence[None])
    mask = tft.layers.padding_mask(sentence[None])
    _, weights = parts[tft.layers.MultiHeadAttention](x, attention_mask=mask, return_weights=True)
    return np.array(weights)[0, :, :length, :length]


def favourite(weights):
    """Return the distance that a head looks to most."""
    means = {offset: np.diagonal(weights, offset).mean() for offset in range(-3, 4)}
    return max(means, key=means.get)


def signed(distance):
    return f"{distance:+d}".replace("-", "−")


def draw_heads(path, maps, found, words):
    figure = new_figure(15, 5)
    left, middle, right = figure.subfigures(1, 3, width_ratios=[1.3, 2, 1])
    axis = left.subplots()
    heat_map(axis, maps[1][0], words, words, "one head: a mixture", vmin=0, vmax=1)
    axis.set_ylabel("who looks", color=INK)
    axis.set_xlabel("at whom", color=INK)
    grid = middle.subplots(2, 4)
    for number, (axis, weights) in enumerate(zip(grid.flat, maps[8], strict=True), start=1):
        image = heat_map(axis, weights, vmin=0, vmax=1)
        axis.set_title(f"head {number}: {signed(favourite(weights))}", color=INK, fontsize=10)
    middle.suptitle("eight heads, and the distance each looks to most", color=INK, fontsize=11)
    bar = middle.colorbar(image, ax=grid, fraction=0.03, pad=0.02)
    bar.set_label("attention weight", color=INK)
    bar.outline.set_visible(False)

    axis = dress(right.subplots(), "neighbours found", "distance", "")
    places = np.arange(len(OFFSETS))
    for i, row in enumerate(found.values()):
        colour, shift = COLOURS[1 - i], 0.4 * i - 0.2
        axis.bar(places + shift, 100 * row, 0.38, color=colour)
        for place, share in zip(places, row, strict=True):
            axis.text(
                *(place + shift, 100 * share + 1),
                f"{100 * share:.0f}",
                ha="center",
                fontsize=9,
                color=colour,
            )
    axis.set_xticks(places, map(signed, OFFSETS))
    axis.set(ylim=(0, 118), yticks=range(0, 101, 25), ylabel="%")
    axis.legend(["1 head", "8 heads"], frameon=False, loc="upper center", ncols=2, fontsize=9)
    save_png(figure, path)


# %% [markdown]
# ## Residual connections and norms
#
# A Transformer is deep, and a signal that shrinks by half in each layer is gone after thirty. Five
# ways to stack the very same sublayers, fresh from initialisation, tell what keeps it alive:
#
#     neither          Sublayer(x)
#     norm alone       Sublayer(LayerNorm(x))
#     residual alone   x + Sublayer(x)
#     post-norm        LayerNorm(x + Sublayer(x))     Attention Is All You Need
#     pre-norm         x + Sublayer(LayerNorm(x))     most models since
#
# Three things are measured at each depth, with real sentences: how large the numbers are; how alike
# the words of a sentence have become (a mean of cosines); and the gradient that comes back from the
# top. An untrained head looks at all words nearly alike, and so makes them alike; with no way round
# it, all are one after a layer or two (Dong et al. 2021). Residual connections put that off, and
# pre-norm longest, as what is added becomes small beside what is there. But with residual
# connections alone, numbers and gradients grow without end; norms keep both within reach. And it
# matters where they stand: in pre-norm the first layer gets more gradient than the last, in
# post-norm less than half as much as in pre-norm. Xiong et al. (2020) explain from such differences
# why post-norm must be trained with a warm-up.


# %%
def step(way, layer, x, mask):
    """Pass through one encoder layer, stacked in one of five ways."""
    sublayers = (
        (layer.attention_residual, lambda h: layer.attention(h, attention_mask=mask)),
        (layer.feed_forward_residual, layer.feed_forward),
    )
    for residual, sublayer in sublayers:
        norm = residual.layer_norm
        if way == "neither":
            x = sublayer(x)
        elif way == "norm alone":
            x = sublayer(norm(x))
        elif way == "residual alone":
            x = x + sublayer(x)
        elif way == "post-norm":
            x = norm(x + sublayer(x))
        else:
            x = x + sublayer(norm(x))
    return x


WAYS = ("neither", "norm alone", "residual alone", "post-norm", "pre-norm")


def look_at_depth(folder, rows):
    """Follow signal and gradient of sentences through a deep stack, built in five ways."""
    print(f"\nResidual connections and norms: {FLAGS.layers} layers, untrained")
    keras.utils.set_random_seed(FLAGS.seed)
    vocabulary = Vocabulary(rows)
    ids = as_ids(rows, vocabulary)
    x = tft.layers.PositionalEmbedding(len(vocabulary) + 1, 64)(ids)  # (sentences, length, 64)
    mask = np.array(tft.layers.padding_mask(ids))
    layers = [
        tft.layers.EncoderLayer(d_model=64, num_heads=4, d_ff=256) for _ in range(FLAGS.layers)
    ]
    for layer in layers:
        layer.build(x.shape)
    same = difference(step("pre-norm", layers[0], x, mask), layers[0](x, attention_mask=mask))
    claim(same < 1e-6, "this is how the package's own layer stacks them")
    measured = {way: follow(way, layers, x, mask) for way in WAYS}
    header = ["", "size at the top", "likeness of words", "gradient at the bottom / at the top"]
    print_table(
        header,
        [
            [way, f"{m['size'][-1]:.2g}", f"{m['alike'][-1]:.3f}", f"{m['gradient'][0]:.2g}"]
            for way, m in measured.items()
        ],
    )
    check_depth(measured)
    draw_depth(folder / "depth.png", measured)
    return {way: {name: values[-1] for name, values in m.items()} for way, m in measured.items()}


def follow(way, layers, x, mask):
    """Return sizes, likenesses and gradients at each depth, the input first."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        states = [x]
        for layer in layers:
            states.append(step(way, layer, states[-1], mask))
        target = np.random.default_rng(FLAGS.seed).standard_normal(x.shape).astype("float32")
        score = ops.sum(states[-1] * target * mask[:, 0, 0, :, None])
    gradients = tape.gradient(score, states)
    real = mask[:, 0, 0]
    sizes = [rms(np.array(state)[real]) for state in states]
    slopes = [rms(np.array(gradient)[real]) for gradient in gradients]
    return {
        "size": sizes,
        "alike": [likeness(np.array(state), real) for state in states],
        "gradient": [slope / slopes[-1] for slope in slopes],
    }


def rms(values):
    """Return the root of the mean square, in float64, as these may be very small."""
    return float(np.sqrt(np.mean(values.astype("float64") ** 2)))


def likeness(states, real):
    """Return the mean cosine between two words of a sentence."""
    means = []
    for state, is_word in zip(states.astype("float64"), real, strict=True):
        lengths = np.linalg.norm(state[is_word], axis=1, keepdims=True)
        unit = state[is_word] / np.maximum(lengths, 1e-300)
        pairs = itertools.combinations(unit, 2)
        means.append(np.mean([a @ b for a, b in pairs]))
    return float(np.mean(means))


def check_depth(measured):
    """Check what the picture shows."""
    sizes, alike, gradients = (
        {way: measured[way][name] for way in WAYS} for name in ("size", "alike", "gradient")
    )
    claim(sizes["neither"][-1] < 1e-3 * sizes["neither"][0], "with neither, the signal dies out")
    claim(gradients["neither"][0] < 1e-3, "and so does the gradient on its way back")
    never = math.inf
    merged = {way: next((i for i, x in enumerate(alike[way]) if x > 0.95), never) for way in WAYS}
    print("  layers until the words of a sentence are one (mean cosine 0.95):")
    print_table(WAYS, [["never" if merged[way] == never else merged[way] for way in WAYS]])
    without, with_it = WAYS[:2], WAYS[2:]
    claim(
        max(merged[way] for way in without) < min(merged[way] for way in with_it),
        "without residual connections, they become one sooner",
    )
    claim(
        alike["pre-norm"][-1] == min(values[-1] for values in alike.values()),
        "pre-norm keeps them apart longest",
    )
    grows = sizes["residual alone"][-1] / sizes["pre-norm"][-1]
    claim(grows > 2, f"residual connections alone: the numbers grow, {grows:.0f} times pre-norm's")
    claim(abs(sizes["post-norm"][-1] - 1) < 0.01, "post-norm: each layer's output has size 1")
    claim(
        1 < gradients["pre-norm"][0] < 30,
        "pre-norm: the first layer gets more gradient than the last, but not out of all measure",
    )
    claim(
        gradients["post-norm"][0] < 0.5 * gradients["pre-norm"][0],
        "post-norm: it gets less than half as much of it",
    )


def draw_depth(path, measured):
    figure = new_figure(14, 4.6)
    axes = figure.subplots(1, 3)
    titles = {
        "size": ("Size of the numbers", "root mean square"),
        "alike": ("Likeness of the words of a sentence", "mean cosine"),
        "gradient": ("Gradient on its way back", "beside that at the top"),
    }
    for axis, (name, (title, unit)) in zip(axes, titles.items(), strict=True):
        dress(axis, title, "depth, in layers", unit)
        for way, colour in zip(WAYS, COLOURS, strict=False):
            axis.plot(measured[way][name], color=colour, linewidth=2, label=way)
        if name != "alike":
            axis.set_yscale("log")
    axes[1].set_ylim(top=1.03)
    axes[0].axhline(1, color=FAINT, linewidth=0.8)
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False
    )
    save_png(figure, path)


# %% [markdown]
# ## All together


# %%
def of_length(rows, least, most, count):
    """Return the first sentences of so many words."""
    found = [row for row in rows if least <= len(row) <= most][:count]
    if len(found) < count:
        raise tft.UserError(
            f"{counted(len(found), 'sentence')} of {least} to {most} words, and {count} are "
            "needed: give more text, a sentence a line."
        )
    return found


def main():
    tft.Run.require_free(FLAGS.run_dir)
    text = load_sentences(FLAGS.dataset, FLAGS.data_dir, FLAGS.text_file)
    train, held_out = ([words_of(line) for line in lines] for lines in text)
    (short,), (long,) = of_length(train, 4, 5, count=1), of_length(train, 7, 8, count=1)
    several = of_length(train, 6, 10, count=8)
    vocabulary = Vocabulary(train, size=1000)
    ids, others = (frequent_words_only(rows, vocabulary) for rows in (train, held_out))

    run = tft.Run.create(FLAGS.run_dir)
    folder = Path(run.directory)
    keras.utils.set_random_seed(FLAGS.seed)
    look_at_positions(folder)
    look_at_rotations(folder)
    attend_by_hand(folder)
    look_at_scale(folder)
    look_at_masks(folder, short, long)
    neighbours_found = compare_heads(folder, vocabulary, ids, others)
    depth = look_at_depth(folder, several)
    write_json(run.metrics_path, {"neighbours_found": neighbours_found, "depth": depth})
    pictures = sorted(folder.glob("*.png"))
    tft.tensorboard.write_images(run.log_dir, pictures)
    print(f"\nThe pictures are in {folder}, and in TensorBoard:")
    print(*(f"  {path.name}" for path in pictures), sep="\n")


if __name__ == "__main__":
    command_line.run(main)
