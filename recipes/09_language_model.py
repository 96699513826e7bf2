# %% [markdown]
# # A language model
#
# A Transformer's decoder alone, without anything to translate, learns one thing: which token comes
# next. That is enough to go on with any text. GPT is this model, made large.
#
# Run it as it is, and it learns from what Python's `help()` says of Python, character by character,
# in minutes:
#
#     python recipes/09_language_model.py
#
# Or name your own text (`--dataset=mine.txt`) or a set of TensorFlow Datasets whose examples have
# a text (`--dataset=imdb_reviews`). The defaults are nanoGPT's small setting for a CPU: 4 layers of
# 4 heads, 128 wide, which see 64 tokens and learn from 2,000 batches of 12 blocks. On Shakespeare's
# plays nanoGPT comes to a validation loss of 1.88 so:
#
#     python recipes/09_language_model.py --dataset=tiny_shakespeare/input.txt --prompt="ROMEO:"
#
# A model that has been trained goes on with other prompts:
#
#     python recipes/09_language_model.py --model_dir=saved_models/input --prompt="JULIET:"

# %% [markdown]
# ## The plan
#
# What can be chosen stands in two configurations, of the model and of its training: for subwords in
# place of characters, say, `--set=tokenizer=sentencepiece --set=vocab_size=2000`; for GPT-2's
# learned positions in place of rotary ones, `--set=positions=learned`.

# %% [markdown]
# ## From text to blocks
#
# A vocabulary of characters is as small as can be: some hundred. The text becomes one long row of
# their ids, with an END before each document. Blocks of it are what the model learns from: from
# each of a block's positions it is to say the token after it, without looking ahead. So one block
# of 64 tokens holds 64 exercises, from one with a single token before it to one with 64.

# %% [markdown]
# ## Training
#
# The same `fit` as a translator's: checkpoints, a clean stop, TensorBoard. What is best is the
# least loss on text that is held out, the last tenth. The loss is in nats a token: its exponential,
# the perplexity, is among how many tokens the model wavers.

# %% [markdown]
# ## Going on with a prompt
#
# The model reads the prompt once, keeps each layer's keys and values, and then draws token after
# token: one step each, over what was kept. A low temperature makes it bold and repetitive, a high
# one wild; `--top_k` and `--top_p` keep it from the improbable altogether.

# %% [markdown]
# ## The program
#
# It is `tf_transformer/cli/language_model.py`, which the command `tft complete` runs, too.

# %%
from tf_transformer.cli import command_line

if __name__ == "__main__":
    command_line.run_program("complete")
