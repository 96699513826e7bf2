# %% [markdown]
# # Classify texts
#
# A Transformer's encoder alone, its output averaged over the words, says of what kind a text is.
# Run it as it is, and it learns in a minute to tell affirmative sentences of the built-in
# phrasebook from negative ones and from questions, without the mark at their end:
#
#     python recipes/10_classify.py
#
# Or name your own texts, `label TAB text` in a file, or one to train on and one to test on
# (`--dataset=train.tsv,test.tsv`), or a set of TensorFlow Datasets that has texts and labels
# (`--dataset=imdb_reviews`, `--dataset=glue/sst2`).
#
# Small sets say little by one run, as another seed gives another figure. So ask for several:
#
#     python recipes/10_classify.py --dataset=reviews/train.tsv,reviews/test.tsv --seeds=5
#
# A model that has been trained classifies other texts:
#
#     python recipes/10_classify.py --model_dir=saved_models/phrasebook-classes --text="Do you sing"

# %% [markdown]
# ## The plan
#
# Small sets are learned by heart in no time, and then the model knows them and nothing else. What
# helps: few layers; dropout; hiding words at random (`word_dropout`), so that no single one is
# relied on; smoothed labels; an average over the last weights (`ema`); and to stop in time, by
# texts that are held out of the training set. The test is looked at once, at the end.

# %% [markdown]
# ## Training
#
# Each text becomes a row of token ids, and texts of like length share a batch. The model, the
# optimizer, the schedule and the checkpoints are the translator's.

# %% [markdown]
# ## How good is it?
#
# The share of test texts whose class is right: the mean over the seeds, and the deviation between
# them, which says how much of a difference between two such figures is chance.

# %% [markdown]
# ## What does it go by?
#
# Hide a word, and see how far the answer's log-odds fall: that much the word added. Words that
# speak for the answer are blue, those against it orange. Below, in grey, is where attention leads,
# rolled out through all layers (Abnar & Zuidema 2020): what is looked at need not decide.

# %% [markdown]
# ## The program
#
# It is `tf_transformer/cli/classify.py`, which the command `tft classify` runs, too.

# %%
from tf_transformer.cli import command_line

if __name__ == "__main__":
    command_line.run_program("classify")
