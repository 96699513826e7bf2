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
        f"  {row['pairs']} pairs of at most {row['source_length']} and {row['target_length']} "
        f"tokens, {row['size']:,} bytes from byte {row['offset']:,}"
    )

sources, targets = corpus.blocks.read([0])
_, target_tokenizer = corpus.tokenizers()
print(
    "\nThe first pair:",
    sources[0],
    target_tokenizer.detokenize([targets[0][1:-1]])[0].numpy().decode(),
)

# %% [markdown]
# ## An epoch
#
# An epoch takes the blocks in random order. It mixes the pairs of some 64 blocks, and deals them
# out to batches. The picture shows where in the files the pairs of each batch come from: each is a
# mixture of the whole corpus.

# %%
batches = tft.data.StreamedBatches(corpus.blocks, batch_tokens=2048, seed=1)
print(batches.report())

pictures = tft.plots.Gallery("runs/prepare")
counts = {
    f"{source} by {target}": rows for rows, source, target in sorted(batches.shapes, reverse=True)
}
figure = tft.plots.bar_figure(
    {"rows": list(counts.values())}, names=list(counts), x="shape, in tokens", y="rows of a batch"
)
pictures.show("shapes", figure)

# %% [markdown]
# Batch 100 is a function of the seed and of the number 100, and of nothing else. So a training
# resumes with the batch that it would have seen.

# %%
import itertools

(straight_on, _), _ = next(itertools.islice(iter(batches.dataset()), 100, None))
(resumed, _), _ = next(iter(batches.dataset(first_step=100)))
print("the same batch:", bool((straight_on.numpy() == resumed.numpy()).all()))

# %% [markdown]
# ## Training
#
# The folder is a dataset like any other. Here it trains for a moment only.

# %%
run_dir = tft.training.free_directory("runs/prepared")
tft.train(str(folder), preset="tiny", run_dir=run_dir, max_minutes=0.5, epochs=1)

# %% [markdown]
# ## Three exercises
#
# 1. Change a byte in the middle of a file of ids, and train again. Check: the message names the
#    file and the place.
# 2. Read the first ten batches of two epochs. Check: they have no two rows of the same batch in
#    common more often than chance would.
# 3. Prepare a text of your own twice, with one process and with two. Check: the blocks differ, but
#    both hold the same pairs.
