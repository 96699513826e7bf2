# %% [markdown]
# # Translate
#
# Loads a SavedModel and translates what you give it: arguments, lines on standard input, or, with
# neither, what you type. Each line is answered as it comes. The SavedModel is all it needs:
# tokenizer, Transformer and search are inside.
#
#     python recipes/06_translate.py
#     python recipes/06_translate.py "Quem vendeu a casa azul?"
#     python recipes/06_translate.py --model_dir=saved_models/mine < sentences.txt
#     python recipes/06_translate.py --model_dir=saved_models/both --to=pt "Who sold the house?"
#     python recipes/06_translate.py --attention_html=look.html "Quem vendeu a casa azul?"

# %% [markdown]
# ## What to translate
#
# Lines, each of a sentence or a paragraph: the model takes the sentences of a line one by one and
# joins their translations, so that each line in is a line out. Bytes go in as they are: the model's
# tokenizer knows every one of them.
#
# A model that was trained in both directions translates into its first language; `--to` asks for
# the other, by a token before the sentence.

# %% [markdown]
# ## Search
#
# Beam search keeps the best few beginnings of a translation at every step. With a beam of one it is
# greedy search: always the most probable next token.

# %% [markdown]
# ## Where the heads looked
#
# The picture has the weights by which each head of the decoder mixed what the encoder says of the
# source, a row for each token that was written. The page has those of encoder and decoder to
# themselves, too: open it in a browser and point at a word.

# %% [markdown]
# ## The program
#
# It is `tf_transformer/cli/translate.py`, which the command `tft translate` runs, too.

# %%
from tf_transformer.cli import command_line

if __name__ == "__main__":
    command_line.run_program("translate")
