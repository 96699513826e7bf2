# %% [markdown]
# # Train a translator
#
# From parallel text to a served translation model: the whole of *Attention Is All You Need* in one
# script. Run it as it is, and it learns to translate the built-in phrasebook from Portuguese to
# English in minutes:
#
#     python recipes/05_train_translator.py
#
# Or name your own text (`--dataset=mine.tsv`, or `--dataset=train.pt,train.en`), any translation
# set of TensorFlow Datasets (`--dataset=ted_hrlr_translate/pt_to_en`), or a recipe file, which says
# all that was chosen for some result (`--config=recipes/configs/ted_laptop.toml`).

# %% [markdown]
# ## The plan
#
# A preset gives the shape of the model and the plan of its training. A recipe file changes fields
# of it, a value a line, and flags change what the file says. Everything that is chosen is kept in
# `config.json` in the run's directory, beside the vocabulary, the checkpoints and what TensorBoard
# reads.
#
# Text may be written in a form of its own, such as lower-cased words with spaces between them
# (`--set text_form=treebank`). The tokenizers then turn ordinary text into it and back, so that the
# model takes and gives what people write.

# %% [markdown]
# ## From text to batches
#
# Each sentence becomes a row of token ids. Pairs of like length share a batch, so that little of it
# is padding; what cannot be used is counted and said.
#
# A character that the text has never shown, as in "Zoë" or "漢字", is spelled in its bytes, and a
# model that has never read those loses the whole sentence. So words with such characters are hidden
# behind placeholders, and put back into the translation. Where a placeholder belongs, the model
# learns from 3% of the pairs (`unseen_share`), which come a second time, with placeholders in the
# place of words of both sides, such as names.

# %% [markdown]
# ## Several corpora, and both directions
#
#     --dataset="ted_hrlr_translate/pt_to_en + mine.tsv*3 + phrasebook*0.5" --directions=both
#
# trains one model on three corpora. A weight says how often an epoch shows a pair: three times, or
# another half of the pairs in each epoch. In the other direction each pair is turned round.
#
# One model must then be told what is wanted of it. A tag before the source says so (Johnson et al.
# 2017, *Google's Multilingual Neural Machine Translation System*): one token for each language and
# form of text. TED's text is without capitals and split into words; it is joined, and its tag says
# that such text is wanted. Without a tag the model writes as people do, in the first direction.

# %% [markdown]
# ## Training
#
# The model is an ordinary Keras model and learns with `model.fit`. After each epoch it translates
# some validation sentences: the weights with the best BLEU are the ones to keep. Every few minutes
# a checkpoint is saved. Whatever ends the run (a power cut, too), `--resume` goes on from there to
# the weights that it would have had.
#
# `KERAS_BACKEND=jax` trains on JAX, the fast way on a GPU. The best weights are then those of the
# least validation loss. To translate and to export is TensorFlow's part: the script goes on with
# that backend.

# %% [markdown]
# ## How good is it?
#
# BLEU and chrF compare its translations of sentences that it has never seen with a person's. A
# score without its signature compares to nothing.

# %% [markdown]
# ## The program
#
# It is `tf_transformer/cli/train.py`, which the command `tft train` runs, too.

# %%
from tf_transformer.cli import command_line

if __name__ == "__main__":
    command_line.run_program("train")
