# %% [markdown]
# # Translate
#
# Loads a SavedModel and translates what you give it, as arguments or lines on standard input. The
# SavedModel is all it needs: tokenizer, Transformer and search are inside.
#
#     python recipes/06_translate.py "Quem vendeu a casa azul?"
#     python recipes/06_translate.py --model_dir=saved_models/mine < sentences.txt
#     python recipes/06_translate.py --attention_html=look.html "Quem vendeu a casa azul?"

# %%
from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import os
import sys

import tensorflow as tf
from absl import flags

import tf_transformer as tft

FLAGS = flags.FLAGS
flags.DEFINE_string(
    "model_dir", "saved_models/phrasebook-tiny", "a SavedModel, or the folder of its versions"
)
flags.DEFINE_integer("beam_size", 4, "hypotheses to keep for each sentence; 1 is greedy search")
flags.DEFINE_float("alpha", 0.6, "length penalty of beam search; 0 for none")
flags.DEFINE_integer("n_best", 1, "translations to print for each line")
flags.DEFINE_string("attention_png", None, "draw where the decoder looked, for one line")
flags.DEFINE_string(
    "attention_html", None, "a page to explore where all heads looked, for one line"
)


# %% [markdown]
# ## What to translate
#
# Lines, each of a sentence or a paragraph: the model takes the sentences of a line one by one and
# joins their translations, so that each line in is a line out. Bytes go in as they are: the model's
# tokenizer knows every one of them.


# %%
def read_lines(arguments):
    """Return the lines of the arguments, or those on standard input, as bytes."""
    if arguments:
        return [line for text in arguments for line in os.fsencode(text).split(b"\n")]
    if sys.stdin.isatty():
        raise tft.UserError("nothing to translate: give sentences, or lines on standard input.")
    lines = sys.stdin.buffer.read().split(b"\n")
    if lines[-1] == b"":
        lines.pop()  # what follows the last line end is no line
    if not lines:
        raise tft.UserError("nothing to translate: standard input is empty.")
    return [line.removesuffix(b"\r") for line in lines]


# %% [markdown]
# ## Search
#
# Beam search keeps the best few beginnings of a translation at every step. With a beam of one it is
# greedy search: always the most probable next token.


# %%
def translate(model, lines):
    """Return the translations and scores of each line, best first; warn of what was cut."""
    found = tft.map_texts(lambda text: model.search(text, FLAGS.beam_size, FLAGS.alpha), lines)
    for number, cut in enumerate(found["truncated"], start=1):
        if cut[0]:
            print(
                f"warning: line {number}: a sentence or its translation is too long and was cut.",
                file=sys.stderr,
            )
    return zip(found["translations"], found["scores"], strict=True)


# %% [markdown]
# ## Where the heads looked
#
# The picture has the weights by which each head of the decoder mixed what the encoder says of the
# source, a row for each token that was written. The page has those of encoder and decoder to
# themselves, too: open it in a browser and point at a word.


# %%
def show_attention(model, line):
    """Write the picture and the page that are wanted of greedily translating a line, whole."""
    answer = model.signatures["attend"](tf.constant([line]))
    found = {name: x[0].numpy() for name, x in answer.items()}
    source, target = (
        [token.decode(errors="replace") for token in found[f"{side}_tokens"]]
        for side in ("source", "target")
    )
    if FLAGS.attention_png:
        tft.save_attention_figure(FLAGS.attention_png, found["attention"], source, target)
        print(f"wrote {FLAGS.attention_png}", file=sys.stderr)
    if FLAGS.attention_html:
        names = {"cross": "attention"} | {x: f"{x}_attention" for x in ("encoder", "decoder")}
        attention = {kind: found[name] for kind, name in names.items() if name in found}
        tft.save_attention_page(FLAGS.attention_html, attention, source, target)
        print(f"wrote {FLAGS.attention_html}", file=sys.stderr)


# %%
def check_flags(lines):
    """Raise `UserError` for flags that make no sense."""
    if FLAGS.beam_size < 1:
        raise tft.UserError(f"--beam_size={FLAGS.beam_size}: the beam holds at least one.")
    if not 1 <= FLAGS.n_best <= FLAGS.beam_size:
        raise tft.UserError(
            f"--n_best={FLAGS.n_best}: a beam of {FLAGS.beam_size} gives 1 to {FLAGS.beam_size}."
        )
    for name in ("attention_png", "attention_html"):
        if FLAGS[name].value and len(lines) != 1:
            raise tft.UserError(f"--{name} draws one line, not {len(lines)}.")


def main(arguments):
    lines = read_lines(arguments)
    check_flags(lines)
    model = tft.load_saved_model(FLAGS.model_dir)
    for translations, scores in translate(model, lines):
        for translation, score in list(zip(translations, scores, strict=True))[: FLAGS.n_best]:
            line = translation.replace("\n", " ")  # one line each, whatever the model writes
            print(line if FLAGS.n_best == 1 else f"{score:.3f}\t{line}")
    if FLAGS.attention_png or FLAGS.attention_html:
        show_attention(model, lines[0])


if __name__ == "__main__":
    command_line.run(main, positional=True)
