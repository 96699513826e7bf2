# %% [markdown]
# # Why is it wrong?
#
# A Transformer rarely crashes. It fails silently: the loss falls, and the model is useless, or a
# little worse than it should be. This page makes six classic mistakes on purpose, each in a few
# lines, on the copy task of [recipe 00](00_the_transformer.py). For each one it shows what you
# would see, and the test that catches it. The tests are cheap and need no trained model: run them
# on your own model before you train it.

# %%
import tf_transformer as tft

n = 3000  # examples of the copy task
epochs = 5  # passes over them; with fewer, what is written says little
seed = 1  # of all weights
tft.cli.take_flags(globals())  # a script takes these values as flags

import keras
import numpy as np
from keras import ops

pictures = tft.plots.Gallery("runs/why_is_it_wrong")
rng = np.random.default_rng(0)


def check(holds, claim):
    """Print a claim that has just been checked."""
    assert holds, claim
    print(f"✓ {claim}")


def copy_examples(count, longest=10):
    """Return `((source_ids, target_in_ids), target_out_ids)`: sequences to be repeated."""
    source = np.zeros((count, longest + 1), "int32")
    for row in source:
        length = rng.integers(3, longest + 1)
        row[:length], row[length] = rng.integers(4, 20, length), tft.END
    before = np.where(source == tft.END, tft.PAD, source)[:, :-1]
    return (source, np.insert(before, 0, tft.START, axis=1)), source


shape = {"num_layers": 2, "d_model": 64, "num_heads": 4, "d_ff": 256, "dropout": 0.0}
shape |= {"source_vocab_size": 20, "target_vocab_size": 20}
examples, new = copy_examples(n), copy_examples(50)
losses, written = {}, {}


def train(name, model_class, loss=None, targets=None):
    """Train a model to copy; keep its losses, and the share of symbols that it writes right."""
    keras.utils.set_random_seed(seed)
    model = model_class(shape)
    rate = tft.schedules.Noam(peak=0.003, warmup_steps=60)
    loss = loss or tft.losses.SmoothedCrossEntropy(0.0)
    model.compile(tft.optimizers.Adam(rate, beta_2=0.98), loss)
    inputs, right = examples
    losses[name] = model.fit(
        inputs, right if targets is None else targets, batch_size=32, epochs=epochs, verbose=0
    ).history["loss"]
    (source_ids, _), target_ids = new
    found = tft.decoding.GreedySearch()(model, source_ids, np.full(len(source_ids), 11, "int32"))
    real = target_ids != tft.PAD
    written[name] = (np.array(found.ids) == target_ids)[real].mean()
    print(f"{name}: loss {losses[name][-1]:.3f}; writes {written[name]:.0%} of the symbols right")
    return model


_ = train("as it should be", tft.Transformer)

# %% [markdown]
# ## The tests
#
# A correct Transformer has properties that random weights already show. Four functions measure how
# far a model is from them. The first three return zero, but for rounding.


# %%
def difference(a, b):
    return float(np.abs(np.array(a) - np.array(b)).max())


def padding_moves(model):
    """Add padding, which must change nothing."""
    (source_ids, target_ids), _ = copy_examples(2)
    longer = np.pad(source_ids, [(0, 0), (0, 5)])
    return difference(model((source_ids, target_ids)), model((longer, target_ids)))


def future_moves(model):
    """Change the last token, which must change no position before it."""
    (source_ids, target_ids), _ = copy_examples(2)
    other = target_ids.copy()
    other[:, -1] = 7
    logits, others = model((source_ids, target_ids)), model((source_ids, other))
    return difference(logits[:, :-1], others[:, :-1])


def steps_move(model):
    """Decode step by step, which must give the logits of the whole."""
    (source_ids, target_ids), _ = copy_examples(2)
    whole, cache = model((source_ids, target_ids)), model.empty_cache(2, 4)
    memory, found = model.read(source_ids), []
    for t in range(4):
        cache = cache.at(t, positions=[[t], [t]])
        logits, cache = model.decode(target_ids[:, t : t + 1], memory, cache, np.arange(4) <= t)
        found.append(logits)
    return difference(whole[:, :4], ops.concatenate(found, axis=1))


def surprise(model):
    """Compare the first loss with that of guessing, log(vocabulary), which must be near."""
    inputs, target_ids = copy_examples(100)
    loss = tft.losses.SmoothedCrossEntropy(0.0)(target_ids, model(inputs))
    return float(loss) - np.log(20)


good = tft.Transformer(shape)
for test in (padding_moves, future_moves, steps_move):
    check(test(good) < 1e-4, f"{test.__name__}: {test.__doc__}")
above = surprise(good)
check(abs(above) < 2.5, f"surprise: {above:+.1f} from log(20)")

# %% [markdown]
# ## 1. The mask is inverted
#
# Keras's masks are `True` where a token counts; PyTorch's padding masks are `True` where it does
# not. One `~` too many, and the decoder looks at nothing but padding.


# %%
class MaskInverted(tft.Transformer):
    def encode(self, source_ids):
        memory, mask = super().encode(source_ids)
        return memory, ops.logical_not(mask)


train("mask inverted", MaskInverted)
check(padding_moves(MaskInverted(shape)) > 0.01, "padding_moves finds it before training")

# %% [markdown]
# ## 2. Padding is read
#
# No mask at all. The loss hardly shows it, because the model learns to look elsewhere. But a
# sentence gets another translation beside a longer one, and the worst beside lengths that were not
# in the training.


# %%
class PaddingRead(tft.Transformer):
    def encode(self, source_ids):
        memory, mask = super().encode(source_ids)
        return memory, ops.ones_like(mask)


train("padding read", PaddingRead)
check(padding_moves(PaddingRead(shape)) > 1e-3, "padding_moves finds it before training")

# %% [markdown]
# ## 3. Labels are not shifted
#
# The model must predict the token that it has just read. The loss falls faster than it should, to
# nothing: a loss that is too good is a bug. When it writes by itself, the model repeats START
# forever.

# %%
(_, target_in_ids), _ = examples
train("labels not shifted", tft.Transformer, targets=target_in_ids)
same = (examples[0][1] == examples[1])[examples[1] != tft.PAD].mean()
check(same < 0.2, f"inputs and labels differ, as they should: {same:.0%} are the same")
check((target_in_ids == examples[0][1]).all(), "these labels were the inputs: compare yours")

# %% [markdown]
# ## 4. The loss is per position, not per token
#
# Keras's own cross-entropy averages over all positions of a batch, including padding. The loss
# looks better, since padding is easy. Here that does little harm, as the rows are nearly equally
# long. Beside much padding, a sentence hardly counts, and the model learns to write PAD.

# %%
per_position = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train("loss per position", tft.Transformer, loss=per_position)


def loss_moves(loss):
    """Put padding beside a sentence, which must not change its loss."""
    target_ids, logits = np.array([[5, 6, 3]]), rng.standard_normal((1, 3, 20))
    padded = np.pad(target_ids, [(0, 0), (0, 4)]), np.pad(logits, [(0, 0), (0, 4), (0, 0)])
    return difference(loss(target_ids, logits), loss(*padded))


check(loss_moves(per_position) > 0.01, "loss_moves finds it")
check(loss_moves(tft.losses.SmoothedCrossEntropy(0.1)) < 1e-6, "the package's loss passes")

# %% [markdown]
# ## 5. The tied table is scaled twice
#
# Embeddings are multiplied by √d_model. If the logits are too, they are eight times too large here.
# The first loss is far worse than guessing. A small model recovers, as this one does, but loses
# time.


# %%
class ScaledTwice(tft.Transformer):
    def call(self, inputs, training=None):
        return super().call(inputs, training=training) * self.config.d_model**0.5


train("table scaled twice", ScaledTwice)
high = surprise(ScaledTwice(shape))
check(high > 10, f"surprise finds it before training: {high:+.1f} from log(20)")

# %% [markdown]
# ## 6. Positions are off by one in the cache
#
# Training never uses the cache. Thus its curve is the right one, to the last digit. Only what is
# written step by step is wrong.


# %%
class OffByOne(tft.Transformer):
    def decode(self, token_ids, memory, cache, attention_mask):
        cache = cache.at(cache.slot, cache.positions + 1)
        return super().decode(token_ids, memory, cache, attention_mask)


train("position off by one", OffByOne)
check(steps_move(OffByOne(shape)) > 0.01, "steps_move finds it before training")

# %% [markdown]
# ## What the curves say
#
# Look at the losses, then at what the models write. Few of the mistakes show in a curve, and the
# lowest loss of all belongs to the model that writes nothing right.

# %%
pictures.lines(
    "losses", losses, title="A curve shows few of the mistakes", x="epoch", y="loss", log=True
)
for name, share in sorted(written.items(), key=lambda each: -each[1]):
    print(f"{name:20} loss {losses[name][-1]:6.3f}   right {share:4.0%}")
right = written["as it should be"]
if n * epochs >= 15_000:  # after less training nothing is claimed of the results
    check(right > 0.9, f"the model without a mistake writes {right:.0%} of the symbols right")
    for name in ("mask inverted", "labels not shifted", "position off by one"):
        check(written[name] < right - 0.2, f"{name}: {written[name]:.0%}")

# %% [markdown]
# ## Three exercises
#
# 1. `future_moves` was not needed above. Make the mistake that it finds: a decoder without its
#    causal mask. Override `_causal_padding_mask` with a method that returns the mask of padding
#    alone. Check: `future_moves` is above 0.01. What does the loss do, and what is written?
# 2. Which of the tests does your favourite implementation pass? Wrap it in a class that takes the
#    same arguments. Check: `padding_moves`, `future_moves` and `steps_move` are below 1e-4.
# 3. Multiply the positional encodings by ten, in a class of your own. None of the tests finds that.
#    Write one that does. Check: it passes for `good`, and fails for yours.
