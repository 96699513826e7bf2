# %% [markdown]
# # Evaluate
#
# Translates a split of a corpus with a SavedModel and compares with the references: BLEU and chrF,
# each with sacreBLEU's signature, which says how the score was made. Where the corpus has its text
# split into words, without capitals, these words are scored first, and then the text as people read
# it, in lower case. The last line is JSON.
#
#     python recipes/07_evaluate.py
#     python recipes/07_evaluate.py --model_dir=saved_models/mine --dataset=mine.tsv --split=test
#     python recipes/07_evaluate.py --tune

# %% [markdown]
# ## Tuning the search
#
# A probability is a product, so that a longer translation has a smaller one: alone, it favours the
# short. Wider beams find more of these. The length penalty makes up for that, and how strong it had
# best be depends on the model. It is chosen here, on validation sentences: who chooses on the test
# split has nothing left to test with.
#
# Which hypotheses a search keeps, and when it ends, may depend on the penalty, so each is a search
# of its own. A beam of one has no use for it.

# %% [markdown]
# ## The program
#
# It is `tf_transformer/cli/evaluate.py`, which the command `tft evaluate` runs, too.

# %%
from tf_transformer.cli import command_line

if __name__ == "__main__":
    command_line.run_program("evaluate")
