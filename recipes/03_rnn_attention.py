# %% [markdown]
# # Recurrent networks with attention
#
# This is what the Transformer replaced. One recurrent network reads the source, in both directions.
# Another writes the translation, a word at a time. At first a single vector passed from one to the
# other, however long the sentence: "A potential issue with this encoder–decoder approach is that a
# neural network needs to be able to compress all the necessary information of a source sentence
# into a fixed-length vector" ([Bahdanau, Cho & Bengio 2015](https://arxiv.org/abs/1409.0473),
# section 1). Attention removed that bottleneck. Before each word, the writer looks back at
# everything that was read.
#
# This page trains such a network and a Transformer on the same batches, and then shows what each
# looks at. It takes a few minutes on two cores.

# %%
import tf_transformer as tft

models = ["additive", "transformer"]  # what to train; there is multiplicative, too
pairs = 12_000  # sentence pairs to learn from, 0 for all; try 3_000
epochs = 3  # passes over them; try 6
d_model = 192  # width of the recurrent networks; even
cell = "gru"  # their cell: gru or lstm
dataset = "phrasebook"  # the text: or a file of yours, or a set of TensorFlow Datasets
data_dir = ""  # where TensorFlow Datasets keeps its sets; empty for its own folder
max_minutes = 0.0  # stop each training after so many minutes; 0 for no limit
seed = 1  # of all weights and of the order of the pairs
run_dir = "runs/rnn_attention"  # where each run and the pictures go
export_dir = ""  # where a SavedModel of each goes; empty for nowhere
tft.cli.take_flags(globals())  # a script takes these values as flags

import json

import numpy as np
import tensorflow as tf

# %% [markdown]
# ## Two ways to weigh
#
# The source has an annotation $h_j$ for each of its words. When the writer is in state $s_t$, each
# annotation gets a score, a softmax turns the scores into weights, and the weighted mean of the
# annotations is the context $c_t$ of the next word:
#
# $$c_t = \sum_j \alpha_{tj} h_j \qquad \alpha_t = \mathrm{softmax}(e_t)$$
#
# The two classic models differ in the score alone:
#
# $$\text{additive (Bahdanau et al.)}\quad e_{tj} = v^T \tanh(W s_t + U h_j) \qquad
# \text{multiplicative (Luong et al.)}\quad e_{tj} = s_t^T W h_j$$
#
# The first is a small network, which computes a vector for each pair of words. The second is one
# matrix product for all pairs. Here are both, for one state and three annotations.


# %%
def check(holds, claim):
    """Print a claim that has just been checked."""
    assert holds, claim
    print(f"✓ {claim}")


def additive(w, state, annotations):
    """Return a score for each annotation, `(length,)`."""
    keys = annotations @ w["key"]["kernel"] + w["key"]["bias"]  # (length, d)
    return np.tanh(state @ w["query"]["kernel"] + keys) @ w["score"]["kernel"][:, 0]


def multiplicative(w, state, annotations):
    """Return a score for each annotation, `(length,)`."""
    return annotations @ w["key"]["kernel"] @ state


def context(score, w, state, annotations):
    """Return the weighted mean of the annotations, `(d,)`, and the weights, `(length,)`."""
    powers = np.exp(score(w, state, annotations))
    weights = powers / powers.sum()
    return weights @ annotations, weights


rng = np.random.default_rng(seed)
state, annotations = rng.standard_normal(8), rng.standard_normal((3, 8))
layers = {
    additive: tft.layers.AdditiveAttention(d_model=8),
    multiplicative: tft.layers.MultiplicativeAttention(d_model=8),
}
for score, layer in layers.items():
    theirs = np.array(layer(state[None, None], annotations[None]))[0, 0]
    w = {}
    for weight in layer.weights:
        _, scope, name = weight.path.split("/")
        w.setdefault(scope, {})[name] = weight.numpy().astype("float64")
    ours, weights = context(score, w, state, annotations)
    print(score.__name__, "attention, the three weights:", weights.round(3))
    check(np.abs(ours - theirs).max() < 1e-5, f"{type(layer).__name__} gives the same context")

# %% [markdown]
# ## From here to the Transformer
#
# The multiplicative score won, because it is a matrix product. Divide it by $\sqrt{d}$, give it
# several heads, let the words of one sentence look at each other too, and leave the recurrence out:
# the result is the Transformer.
#
# Both recurrent models here use Luong's order: $s_t$ is the state after the previous word was read.
# All states of a training batch are then computed first, and all words look at once. Bahdanau's
# state also takes in what was seen before.
#
# ## Training
#
# Vocabulary, batches, loss, optimizer, search and scores are the same for all models. A model only
# has to encode a source, take a step from one word to the next, and keep something between steps. A
# Transformer keeps the keys and values of all words so far, a recurrent network its state, which
# never grows. `tft.train` takes the configuration of either.

# %%
known = ("additive", "multiplicative", "transformer")
for name in models:
    if name not in known:
        raise tft.UserError(f"models={name}: choose from {', '.join(known)}.")
if not models:
    raise tft.UserError(f"models is empty: choose from {', '.join(known)}.")
shapes = {
    name: tft.RNNConfig(attention=name, cell=cell, d_model=d_model) if name != known[-1] else None
    for name in models
}
plan = {"epochs": epochs, "max_pairs": pairs, "max_minutes": max_minutes, "seed": seed}
folder = tft.training.free_directory(run_dir)
translators = {}
for name, shape in shapes.items():  # without one the preset's, which is a Transformer's
    print(f"\n## {name}\n")
    translators[name] = tft.train(
        dataset,
        preset="tiny",
        model=shape,
        data_dir=data_dir or None,
        run_dir=folder / name,
        unseen_share=0.0,  # no copied words: all models learn from the same plain pairs
        **plan,
    )

# %% [markdown]
# ## How fast they learn
#
# The loss and the BLEU of the validation set, after each pass over the pairs. Look at the slopes as
# well as at the ends: which model would you expect to be ahead after ten passes?

# %%
runs = {name: tft.Run.open(folder / name) for name in models}
metrics = {name: json.loads(run.metrics_path.read_text()) for name, run in runs.items()}
curves = {
    quantity: {name: [epoch[entry] for epoch in found["epochs"]] for name, found in metrics.items()}
    for quantity, entry in {"validation loss": "val_loss", "validation BLEU": "val_bleu"}.items()
}
pictures = tft.plots.Gallery(folder)
title = "The same batches, the same number of steps"
pictures.show("curves", tft.plots.panels_figure(curves, title, x="epoch"))

# %% [markdown]
# ## How good they are
#
# Each model translates the test sentences, which none has seen, with beam search. The recurrent
# network is ahead, and nearly as fast on a CPU, since the sentences are short. But it takes a step
# for each word, one after the other, in training too. A Transformer computes all words of a batch
# at once, which is why it won on hardware that does thousands of things at a time.

# %%
print(f"{'':14}   weights  steps  minutes  tokens/s   BLEU   chrF")
for name, found in metrics.items():
    print(
        f"{name:14} {found['parameters']:9,} {found['epochs'][-1]['step']:6,} "
        f"{found['minutes']:8.1f} {found['tokens_per_second']:9,.0f} "
        f"{found['bleu']:6.2f} {found['chrf']:6.2f}"
    )
print(f"\nBLEU {found['bleu_signature']}\nchrF {found['chrf_signature']}")

# %% [markdown]
# ## Who looks where
#
# Bahdanau's figure 3: a row for each word that is written, a column for each word that was read.
# Nobody told the models which word translates which. Their own translations, below, are still poor:
# three passes over 12,000 pairs are little; recipe 05 makes them over 60,000. In the picture, all
# models write the same translation, the reference, to make their maps comparable. The recurrent
# network has one map, close to a dictionary. The Transformer has a map for each head of each layer;
# the picture shows the mean over the heads of the last layer.

# %%
examples = tft.load_corpus(dataset, data_dir or None).pairs("validation").without_blanks()
source, target = sorted(examples, key=lambda pair: len(pair[0]))[len(examples) // 2]
print(source, "\n=", target)
alignments = {}
for name, translator in translators.items():
    print("→", translator(source), f" ({name})")
    found = translator.align(tf.constant([source]), tf.constant([target]))
    alignments[name] = found["attention"][0, -1].numpy().mean(axis=0)  # (target, source)
tokens = (
    [token.decode() for token in found[f"{side}_tokens"][0].numpy()]
    for side in ("source", "target")
)
title = "What each model looks at, word by word"
pictures.show("alignments", tft.plots.alignment_figure(alignments, *tokens, title))

# %% [markdown]
# ## Keep them
#
# A recurrent translator exports like any other. Set `export_dir`, and recipes
# [06](06_translate.py), [07](07_evaluate.py) and [08](08_export.py) can work with the SavedModels.

# %%
for name, translator in translators.items():
    if export_dir:
        translator.export(f"{export_dir}/{name}")

# %% [markdown]
# ## Three exercises
#
# 1. Train for twice as many epochs. Which model gains more? The numbers to beat are in the table
#    above.
# 2. Add `"multiplicative"` to `models`. It has fewer weights than `"additive"`: how many, and which
#    are missing? Check your answer with `translators["additive"].model.count_params()`.
# 3. Attention is what lets the writer skip the bottleneck, and long sentences need it most. Sort
#    the validation sentences by length, translate the shortest and the longest hundred with each
#    model, and compare `tft.score(translations, targets).bleu`. Which model loses less?
#
# Go on with [attention taken apart](04_inside_attention.py), or with [a translator trained
# whole](05_train_translator.py).
