# %% [markdown]
# # Since 2017
#
# The Transformer of *Attention Is All You Need* is still what is trained, but nearly every part of
# it has been tried otherwise. Here are the changes that lasted, one by one: the formula, what it
# does to numbers that one can look at, a picture, and what it is worth on TED talks, where that has
# been measured (`docs/since_2017.md` has the commands). Each is a field of the configuration:
#
#     python recipes/11_since_2017.py
#     python recipes/05_train_translator.py --preset=modern
#
# Each claim that is printed with a ✓ was checked just before. Rotary positions, which belong here
# too, are in recipe 04.

# %%
from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

from absl import flags

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/since_2017_pictures", "Where the pictures go.")
flags.DEFINE_string("results", "recipes/results/since_2017", "Folder of the ablation's results.")
flags.DEFINE_integer("seed", 0, "Seed of all weights and samples.")
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early("see what has been learned since 2017", "--seed=1")

# isort: split
import tf_transformer as tft
from tf_transformer.cli.command_line import claim
from tf_transformer.layers.normalization import make_norm
from tf_transformer.plots.drawing import COLOURS, SIGNED, dress, heat_map, new_figure, save_png

import json
import math
from pathlib import Path

import keras
import numpy as np
from keras import ops

# %% [markdown]
# ## What a change is worth
#
# All runs of the ablation take the same time: what makes a step slower has fewer steps. There is
# one run each, so that differences of some tenths of BLEU are noise.


# %%
def tell_worth(name):
    """Print what the ablation found of a change, if it has been run."""
    folder = Path(FLAGS.results)
    try:
        plain, changed = (
            json.loads((folder / f"{run}.json").read_text(encoding="utf-8"))["bleu"]
            for run in ("plain", name)
        )
    except FileNotFoundError:
        print("  worth: not measured here")
    else:
        print(f"  worth: {changed - plain:+.2f} BLEU ({plain:.2f} without, {changed:.2f} with it)")


# %% [markdown]
# ## RMS norm
#
#     LayerNorm(x) = g (x - mean(x)) / sqrt(variance(x) + ε) + b
#     RMSNorm(x)   = g x / sqrt(mean(x²) + ε)
#
# Zhang & Sennrich (2019): what helps is that all vectors become equally long. That their mean
# becomes 0 does not matter, and need not be computed. `normalization="rms_norm"`


# %%
def look_at_norms(folder, width=24):
    """Normalise one vector in both ways."""
    print("\nRMS norm")
    x = np.random.default_rng(FLAGS.seed).normal(2, 1.5, (1, 1, width)).astype("float32")
    found = {"x": x[0, 0]}
    for kind in ("layer_norm", "rms_norm"):
        found[kind] = np.array(make_norm(kind)(x))[0, 0]
    claim(abs(found["layer_norm"].mean()) < 1e-5, "a layer norm takes the mean away")
    by_hand = found["x"] / np.sqrt(np.mean(found["x"] ** 2))
    claim(np.abs(found["rms_norm"] - by_hand).max() < 1e-5, "an RMS norm only changes the length")
    tell_worth("rms_norm")

    figure = new_figure(12, 3.2)
    for axis, (title, y), colour in zip(
        figure.subplots(1, 3), found.items(), COLOURS, strict=False
    ):
        dress(axis, f"{title}: mean {abs(y.mean()):.2f}", "feature", "value").bar(
            range(width), y, color=colour
        )
    save_png(figure, folder / "norms.png")


# %% [markdown]
# ## Gates, and squares
#
#     relu2:  max(0, x W₁)² W₂
#     swiglu: (Swish(x V) ⊙ x W₁) W₂,  Swish(y) = y σ(y)
#
# Two ways to let a feed-forward network multiply. ReLU² (So et al. 2021) was found by a search over
# programs. In SwiGLU (Shazeer 2020) one product of the input opens and shuts another. A gate is a
# third matrix, so `d_ff` is 2/3 of what it would be. `activation="relu2"`, `activation="swiglu"`


# %%
def look_at_activations(folder):
    """Draw what one hidden unit of each kind does."""
    print("\nGates, and squares")
    x = np.linspace(-3, 3, 61).astype("float32")
    units = {name: hidden_unit(name, x) for name in ("relu", "gelu", "relu2", "swiglu")}
    claim(np.allclose(units["relu2"], units["relu"] ** 2), "relu2 is the square of relu")
    claim(
        np.allclose(units["swiglu"], x * x / (1 + np.exp(-x)), atol=1e-5),
        "with the same input at both, a gate makes nearly a square of it, too",
    )
    tell_worth("relu2")
    tell_worth("swiglu")

    figure = new_figure(12, 4.4)
    left, right = figure.subplots(1, 2)
    dress(left, "One hidden unit, of one input", "x", "what it gives")
    for (name, y), colour in zip(units.items(), COLOURS, strict=False):
        left.plot(x, y, color=colour, linewidth=1.8, label=name)
    left.set_ylim(-0.5, 5)
    left.legend(frameon=False)
    gate = (x / (1 + np.exp(-x)))[:, None]
    image = heat_map(right, gate * x, cmap=SIGNED, origin="lower", extent=(-3, 3, -3, 3))
    dress(right, "SwiGLU: a gate lets its partner through, or not", "x W₁", "x V, the gate")
    right.set(xticks=range(-3, 4), yticks=range(-3, 4))
    figure.colorbar(image, ax=right, fraction=0.05, pad=0.02).outline.set_visible(False)
    save_png(figure, folder / "activations.png")


def hidden_unit(activation, x):
    """Return what the package's layer gives if all its matrices are 1."""
    layer = tft.layers.FeedForward(1, 1, activation)
    layer.build((None, None, 1))
    for weight in layer.trainable_weights:
        weight.assign(np.full(weight.shape, float(weight.path.endswith("kernel"))))
    return np.array(layer(x[None, :, None]))[0, :, 0]


# %% [markdown]
# ## Query-key norm
#
#     softmax(RMSNorm(Q) RMSNorm(K)ᵀ / √d_k) V
#
# Where weights grow, scores grow with their square, and a softmax of large scores looks at one
# word and learns no more. With both sides normalised (Henry et al. 2020) a score is at most √d_k
# times their learned scales, however large the weights. High learning rates are then less of a
# risk. `qk_norm=True`


# %%
def look_at_query_key_norm(folder, width=64, length=16):
    """Follow attention while the matrices of queries and keys grow."""
    print("\nQuery-key norm")
    keras.utils.set_random_seed(FLAGS.seed)
    x = np.random.default_rng(FLAGS.seed).standard_normal((8, length, width)).astype("float32")
    sizes, found = 2 ** np.arange(7), {}
    for is_normed in (False, True):
        layer = tft.layers.MultiHeadAttention(width, num_heads=4, qk_norm=is_normed)
        found[is_normed] = doubled(layer, x, len(sizes))
    claim(found[False][-1] > 0.9, "without it, heads look at one word when weights have grown")
    claim(np.ptp(found[True]) < 1e-3, "with it, they look at the same words as before")
    tell_worth("qk_norm")

    figure = new_figure(7, 4)
    axis = dress(
        figure.subplots(), "Attention while weights grow", "weights, times", "largest weight"
    )
    for is_normed, colour in zip(found, COLOURS, strict=False):
        label = "normalised" if is_normed else "as in 2017"
        axis.plot(sizes, found[is_normed], "o-", color=colour, label=label)
    axis.set_xscale("log", base=2)
    axis.set_ylim(0, 1)
    axis.legend(frameon=False, loc="center right")
    save_png(figure, folder / "query_key_norm.png")


def doubled(layer, x, times):
    """Return the mean of the largest attention weights, with matrices twice as large each time."""
    layer.build(x.shape)
    found = []
    for _ in range(times):
        _, weights = layer(x, return_weights=True)
        found.append(float(np.mean(np.max(weights, axis=-1))))
        for kernel in (layer.query.kernel, layer.key.kernel):
            kernel.assign(2 * kernel)
    return found


# %% [markdown]
# ## Shared heads
#
#     head i of the queries attends by head ⌊i / g⌋ of keys and values
#
# Each step of decoding reads all keys and values so far. If g heads of queries share one of these
# (Ainslie et al. 2023), it reads g times less, and long texts fit into memory. That is what it is
# for: a model of the same width has fewer weights by it, and is a little worse.
# `num_kv_heads=2`


# %%
def look_at_shared_heads(folder, width=64, heads=8):
    """Count what a cache holds, and check that sharing is nothing but that."""
    print("\nShared heads")
    keras.utils.set_random_seed(FLAGS.seed)
    x = np.random.default_rng(FLAGS.seed).standard_normal((2, 6, width)).astype("float32")
    kept = {}
    for count in (8, 4, 2, 1):
        layer = tft.layers.MultiHeadAttention(width, heads, num_kv_heads=count)
        layer(x)
        kept[count] = sum(math.prod(part.shape[1:]) // x.shape[1] for part in layer.keys_values(x))
    claim(kept[8] == 8 * kept[1], "with one head for all, a cache is an eighth as large")
    full = tft.layers.MultiHeadAttention(width, heads)
    full(x)
    for ours, theirs in zip(full.trainable_weights, layer.trainable_weights, strict=True):
        times = ours.shape[-1] // theirs.shape[-1]
        ours.assign(ops.concatenate([theirs] * times, axis=-1))
    same = np.abs(np.array(full(x)) - np.array(layer(x))).max()
    claim(same < 1e-5, "it is a layer of eight heads whose keys and values are all the same")
    tell_worth("kv_heads")

    figure = new_figure(6, 3.4)
    axis = dress(
        figure.subplots(), "What is kept of a token", "heads of keys and values", "numbers"
    )
    axis.bar(range(len(kept)), kept.values(), color=COLOURS[0], width=0.6)
    axis.set_xticks(range(len(kept)), kept)
    save_png(figure, folder / "shared_heads.png")


# %% [markdown]
# ## Sublayers that begin at zero
#
#     x + Sublayer(x),  with W^O = 0 and W₂ = 0 at first
#
# A stack of any depth then begins as the identity: nothing grows on the way up, the gradient comes
# down unchanged, and each sublayer joins when it has something to say (Zhang et al. 2019).
# `zero_init=True`


# %%
def look_at_zero_init(folder, depth=16, width=64):
    """Follow the size of vectors through an untrained stack."""
    print("\nSublayers that begin at zero")
    keras.utils.set_random_seed(FLAGS.seed)
    x = np.random.default_rng(FLAGS.seed).standard_normal((2, 8, width)).astype("float32")
    sizes = {}
    for is_zero in (False, True):
        stack = tft.layers.Encoder(depth, width, num_heads=4, d_ff=256, zero_init=is_zero)
        states = [x]
        for layer in stack.layers:
            states.append(np.array(layer(states[-1])))
        sizes[is_zero] = [float(np.sqrt(np.mean(state**2))) for state in states]
    claim(np.abs(states[-1] - x).max() == 0, f"{depth} layers that begin at zero change nothing")
    claim(sizes[False][-1] > 1.5 * sizes[False][0], "otherwise each layer adds to the size")
    tell_worth("zero_init")

    figure = new_figure(7, 3.6)
    axis = dress(figure.subplots(), "Before training", "layer", "size (root mean square)")
    for is_zero, colour in zip(sizes, COLOURS, strict=False):
        axis.plot(sizes[is_zero], color=colour, label="from zero" if is_zero else "as in 2017")
    axis.legend(frameon=False)
    save_png(figure, folder / "zero_init.png")


# %% [markdown]
# ## Capped logits
#
#     c tanh(logits / c)
#
# No token can be more certain than c allows, so that no single one can pull the whole model (Gemma
# Team 2024). Small logits stay what they are, and the order stays: greedy search finds the same.
# `logit_cap=15.0`


# %%
def look_at_logit_cap(folder, cap=15.0):
    """Draw logits before and after."""
    print("\nCapped logits")
    shape = {"num_layers": 1, "d_model": 16, "num_heads": 2, "d_ff": 32}
    models = []
    for each in (0.0, cap):
        keras.utils.set_random_seed(FLAGS.seed)
        models.append(tft.CausalLM(tft.CausalLMConfig(20, **shape, logit_cap=each)))
        table = models[-1].embedding.table
        table.assign(10 * table)  # as if trained for long
    free, capped = (np.array(model(np.arange(4, 12)[None])).ravel() for model in models)
    claim(np.allclose(capped, cap * np.tanh(free / cap), atol=1e-4), "the model caps its logits")
    claim(np.abs(capped).max() < cap < np.abs(free).max(), f"none is beyond {cap:g}")
    tell_worth("logit_cap")

    figure = new_figure(6, 3.8)
    axis = dress(figure.subplots(), "Logits of a model", "without a cap", f"capped at {cap:g}")
    axis.plot(free, capped, ".", color=COLOURS[0])
    axis.axline((0, 0), slope=1, color=COLOURS[1], linewidth=1)
    save_png(figure, folder / "logit_cap.png")


# %% [markdown]
# ## A deep encoder, a shallow decoder
#
# The encoder reads a source once, for all words at the same time. The decoder writes one word after
# the other, and each waits for all its layers. So layers are moved from the decoder to the encoder
# (Kasai et al. 2021): the model is as large, and as good or better, and a step takes half the work.
# `encoder_layers=6, decoder_layers=2`


# %%
def look_at_depths(folder):
    """Count the weights that each step of decoding multiplies by."""
    print("\nA deep encoder, a shallow decoder")
    depths = {"4 and 4": (4, 4), "6 and 2": (6, 2), "7 and 1": (7, 1)}
    counts = {}
    for name, (encoder, decoder) in depths.items():
        fields = {"encoder_layers": encoder, "decoder_layers": decoder}
        model = tft.Transformer.from_preset("tutorial", vocab_size=1000, **fields)
        counts[name] = [stack.count_params() / 1e6 for stack in (model.encoder, model.decoder)]
    claim(
        counts["6 and 2"][1] < 0.51 * counts["4 and 4"][1]
        and sum(counts["6 and 2"]) < sum(counts["4 and 4"]),
        "6 and 2 layers are no more weights than 4 and 4, and half as many for each step",
    )
    tell_worth("deep_shallow")

    figure = new_figure(7, 3.4)
    axis = dress(figure.subplots(), "Weights, in millions", "layers of encoder and decoder", "")
    encoder, decoder = zip(*counts.values(), strict=True)
    places = range(len(counts))
    axis.bar(places, encoder, 0.6, color=COLOURS[0], label="encoder: once a sentence")
    axis.bar(places, decoder, 0.6, encoder, color=COLOURS[1], label="decoder: once a word")
    axis.set_xticks(places, counts)
    axis.set_ylim(top=1.35 * max(map(sum, counts.values())))
    axis.legend(frameon=False, loc="upper right")
    save_png(figure, folder / "depths.png")


# %% [markdown]
# ## All together


# %%
def main():
    tft.Run.require_free(FLAGS.run_dir)
    run = tft.Run.create(FLAGS.run_dir)
    folder = Path(run.directory)
    look_at_norms(folder)
    look_at_activations(folder)
    look_at_query_key_norm(folder)
    look_at_shared_heads(folder)
    look_at_zero_init(folder)
    look_at_logit_cap(folder)
    look_at_depths(folder)
    print("\nAll together: --preset=modern")
    tell_worth("modern")
    pictures = sorted(folder.glob("*.png"))
    tft.tensorboard.write_images(run.log_dir, pictures)
    print(f"\nThe pictures are in {folder}, and in TensorBoard:")
    print(*(f"  {path.name}" for path in pictures), sep="\n")


if __name__ == "__main__":
    command_line.run(main)
