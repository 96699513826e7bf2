# %% [markdown]
# # Data that does not fit in memory
#
# The recipes so far keep a whole corpus in memory, as text and as token ids. That is simple, and
# right for a million pairs. For a hundred million it is not. This page turns a corpus into files of
# token ids, once, and trains on those: a few megabytes are in memory at a time, and yet each epoch
# is a new random order, which can be resumed at any step.
#
# The file is a program too, for text of your own, also gzipped:
#
#     python recipes/14_prepare.py --dataset=huge.pt.gz,huge.en.gz --output_dir=prepared/huge
#     python recipes/05_train_translator.py --dataset=prepared/huge --preset=base
#
# The program is `tf_transformer/cli/prepare.py`, which the command `tft prepare` runs, too.

# %%
import tf_transformer as tft

tft.cli.run_as_script("prepare")  # a script runs the program, and ends here

# %% [markdown]
# ## Two readings
#
# The first reading counts the pairs, takes a sample to learn the vocabulary from, and decides what
# is held out: the sources with the smallest and the largest hashes. A hash needs no list of what
# was seen, so a sentence that comes back after fifty million others is held out, too. In the second
# reading, processes side by side turn text into ids.

# %%
dataset = "phrasebook"  # or files of yours: "huge.tsv.gz"

folder = tft.training.free_directory("prepared/recipe")
corpus = tft.prepare(dataset, folder, preset="tiny", processes=1)
for split, size in corpus.splits.items():
    print(f"pairs of {split}: {size:,}")

# %% [markdown]
# ## Blocks
#
# The ids are in blocks of up to 256 pairs of similar lengths. A table says where each block is, how
# long its longest sentences are, and what its checksum is. For a hundred million pairs the table
# takes 15 MB, and is all that must be in memory.

# %%
table = corpus.blocks.table
print(f"{len(table):,} blocks; the first ones:\n")
for row in table[:5]:
    print(
        f"  pairs: {row['pairs']}, of at most {row['source_length']} and {row['target_length']} "
        f"tokens; {row['size']:,} bytes from byte {row['offset']:,}"
    )

source_tokenizer, target_tokenizer = corpus.tokenizers()
sources, targets = corpus.blocks.read([0])
(source,) = source_tokenizer.detokenize([sources[0]]).numpy()
(target,) = target_tokenizer.detokenize([targets[0]]).numpy()
print("\nThe first pair:", sources[0].tolist(), "is", source.decode())
print("translated:    ", targets[0].tolist(), "is", target.decode())

# %% [markdown]
# ## An epoch
#
# An epoch takes the blocks in random order. It mixes the pairs of some 64 blocks, and deals them
# out to batches. The picture shows where the pairs of 24 batches are in the files, in twentieths:
# each batch, a column, mixes pairs from everywhere.

# %%
import itertools

import numpy as np

batches = tft.data.StreamedBatches(corpus.blocks, batch_tokens=2048, seed=1)
print(batches.report())

in_files = np.argsort(table["offset"])  # the blocks in the order in which they were written
sources, _ = corpus.blocks.read(in_files)
place_of = {sources[row].tobytes(): row / len(sources) for row in range(len(sources))}
columns = []
for (source_ids, _), _ in itertools.islice(batches.dataset().as_numpy_iterator(), 24):
    rows = [row[row != tft.PAD].tobytes() for row in source_ids if row.any()]
    places = [place_of[row] for row in rows]
    columns.append(np.histogram(places, bins=20, range=(0, 1))[0] / len(rows))

pictures = tft.plots.Gallery("runs/prepare")
figure = tft.plots.matrix_figure(
    {"share of the pairs": np.stack(columns, axis=1)}, x="batch", y="place in the files"
)
pictures.show("where_batches_come_from", figure)

# %% [markdown]
# Batch 100 is a function of the seed and of the number 100, and of nothing else. So a training
# resumes with the batch that it would have seen.

# %%
(straight_on, _), _ = next(itertools.islice(iter(batches.dataset()), 100, None))
(resumed, _), _ = next(iter(batches.dataset(first_step=100)))
print("the same batch:", bool((straight_on.numpy() == resumed.numpy()).all()))

# %% [markdown]
# ## Training
#
# The folder is a dataset like any other: `tft.train(folder)`, or `--dataset=FOLDER` for recipe 05.
# The batches are for any Keras model, too. Here a small one sees a hundred of them.

# %%
config = tft.TransformerConfig(
    source_vocab_size=source_tokenizer.vocab_size,
    target_vocab_size=target_tokenizer.vocab_size,
    num_layers=1,
    d_model=64,
    num_heads=2,
    d_ff=128,
)
model = tft.Transformer(config)
model.compile(optimizer="adam", loss=tft.losses.SmoothedCrossEntropy())
history = model.fit(batches.dataset(), epochs=4, steps_per_epoch=25, shuffle=False, verbose=0)
print("Loss after every 25 steps:", *(f"{loss:.2f}" for loss in history.history["loss"]))

# %% [markdown]
# ## Three exercises
#
# 1. Change a byte in the middle of a file of ids, and train again. Check: the message names the
#    file and the place.
# 2. Draw the picture for `batches.dataset(first_step=batches.steps_per_epoch)`. Check: the second
#    epoch mixes other pairs, and its columns differ from those of the first.
# 3. Prepare a text of your own twice, with one process and with two. Check: the blocks differ, but
#    both hold the same pairs.
