# %% [markdown]
# # Text to ids, and back
#
# A model computes with numbers. Before it can learn anything, text must become a row of ids, and
# ids must become text again. Which pieces get an id decides how long the rows are, how large the
# model's first and last layers are, and what it can never read or say. Four ways, side by side:
#
# | pieces        | vocabulary | rows      | what is not in the vocabulary             |
# | ------------- | ---------- | --------- | ----------------------------------------- |
# | characters    | tiny       | very long | a character never seen is lost            |
# | words         | huge       | short     | a word never seen is lost                 |
# | WordPiece     | as chosen  | between   | a word is split; a new character is lost  |
# | SentencePiece | as chosen  | between   | split down to bytes: nothing is ever lost |
#
#     python recipes/01_tokenize.py
#     python recipes/01_tokenize.py --sentence="Mine, not yours 😀"
#
# It learns from the built-in phrasebook's Portuguese, from another corpus (`--dataset=…`), or from
# a file of yours (`--text_file=…`). What it says with a ✓, it has checked. What is said of the
# built-in text alone need not hold of yours: there it is said only where it does.

# %%
from tf_transformer.cli import command_line, training_flags  # first: it quiets TensorFlow

from absl import flags

FLAGS = flags.FLAGS
training_flags.define_sentences("source")
flags.DEFINE_string("run_dir", "runs/tokenize", "Where the pictures and figures go.")
flags.DEFINE_multi_string("sentence", [], "Another sentence to look at; may be repeated.")
flags.DEFINE_integer(
    "vocab_size", 2000, "Size of WordPiece's and SentencePiece's vocabularies.", lower_bound=100
)
flags.DEFINE_integer("lines", 20_000, "Most lines to learn from.", lower_bound=10)
if __name__ == "__main__":  # before what takes seconds to import
    command_line.answer_early(
        "compare ways to turn text into ids",
        '--sentence="Mine, not yours 😀"',
    )

# isort: split
import tf_transformer as tft
from tf_transformer.cli.command_line import claim
from tf_transformer.cli.table import print_table
from tf_transformer.data import load_sentences
from tf_transformer.errors import counted
from tf_transformer.files import write_json
from tf_transformer.plots.drawing import (
    COLOURS,
    FAINT,
    INK,
    drawable,
    dress,
    new_figure,
    save_png,
)
from tf_transformer.text import UNKNOWN, Vocabulary

import re
import unicodedata
from pathlib import Path

import numpy as np
import tensorflow as tf
from matplotlib.patches import FancyBboxPatch

# %% [markdown]
# ## Characters and words
#
# The two obvious ways need no more than a list: every symbol that occurs gets an id, the most
# frequent first. Whatever is not on the list becomes `[UNK]`, and what it was is gone.

# %%
UNK = "[UNK]"
_WORD_OR_MARK = re.compile(r"\w+|[^\w\s]")


class Symbols:
    """Characters or words: symbols from a closed list."""

    def __init__(self, name, split, between, lines, size=None):
        self.name, self.split, self.between = name, split, between
        self.vocabulary = Vocabulary(map(split, lines), size=size)
        self.size = len(self.vocabulary) + 1  # with [UNK]

    def tokens(self, text):
        return [token if token in self.vocabulary else UNK for token in self.split(text)]

    def back(self, text):
        return self.between.join(self.tokens(text))

    def count(self, lines):
        """Return how many tokens, and how many unknown ones, are in each line."""
        rows = [self.tokens(line) for line in lines]
        return np.array([(len(row), row.count(UNK)) for row in rows]).T


def characters(lines):
    return Symbols("characters", list, "", lines)


def words(lines, size=None):
    return Symbols("words", _WORD_OR_MARK.findall, " ", lines, size)


# %% [markdown]
# ## Pieces of words
#
# Between the two are pieces that are learned: frequent words whole, rare ones in parts.
#
# *WordPiece* (as in BERT) splits at spaces and marks first; `##` says that a piece goes on without
# a space. *SentencePiece* with a unigram model (Kudo 2018) takes raw text, spaces and all; `▁` is a
# space. It keeps the set of pieces that makes the text most probable, and spells what is left in
# bytes. Both are the package's own, run inside TensorFlow's graph, and go into a SavedModel with
# the model.


# %%
class Pieces:
    """WordPiece or SentencePiece, learned from lines."""

    def __init__(self, kind, lines, size):
        self.name = kind.__name__
        self.tokenizer = kind.train(lines, size)
        self.size = self.tokenizer.vocab_size

    def tokens(self, text):
        ids = self.tokenizer.tokenize(tf.constant([text]))
        return [token.decode() for token in self.tokenizer.tokens(ids)[0].numpy()]

    def back(self, text):
        ids = self.tokenizer.tokenize(tf.constant([text]))
        return self.tokenizer.detokenize(ids)[0].numpy().decode()

    def count(self, lines):
        """Return how many tokens, and how many unknown ones, are in each line."""
        ids = self.tokenizer.tokenize(tf.constant(lines))
        unknown = tf.reduce_sum(tf.cast(ids == UNKNOWN, tf.int64), axis=1)
        return np.stack([ids.row_lengths(), unknown])


def learn(lines):
    """Return the four ways, each with a vocabulary of its own."""
    return [
        characters(lines),
        words(lines),
        Pieces(tft.text.WordPiece, lines, FLAGS.vocab_size),
        Pieces(tft.text.SentencePiece, lines, FLAGS.vocab_size),
    ]


# %% [markdown]
# ## Side by side
#
# The first sentence is from the same source, but was not learned from. The others are what text
# does in the world: a rare word, capitals, emoji, other scripts, two spaces. "decomposed" is the
# first of the hard ones with its accents as characters of their own, as some systems write them: it
# looks the same, and its ids have little in common.


# %%
def claim_here(holds, words):
    """Claim it of the built-in text; of another, say it where it holds."""
    if holds or is_built_in():
        claim(holds, words)


def is_built_in():
    return FLAGS.dataset == "phrasebook" and not FLAGS.text_file


ACCENTS = "A avó não pôde vir amanhã."
HARD = {
    "accents": ACCENTS,
    "decomposed": unicodedata.normalize("NFD", ACCENTS),
    "rare word": "O otorrinolaringologista chegou.",
    "capitals": "O GATO BEBE ÁGUA!",
    "emoji": "Bom dia! 😀",
    "one emoji?": "👩\u200d👩\u200d👧",
    "another script": "猫は水を飲む。",
    "spaces": "dois  espaços",
}


def show_side_by_side(ways, sentences):
    """Print each sentence in all ways; return whether each comes back, by way and sentence."""
    returned = {}
    for name, text in sentences.items():
        print(f"\n  {name}: {text}")
        rows = []
        for way in ways:
            tokens = way.tokens(text)
            returned[way.name, name] = way.back(text) == text
            comes_back = "✓" if returned[way.name, name] else "✗"
            rows.append([way.name, len(tokens), comes_back, shortened(tokens)])
        print_table(["", "tokens", "back", "which"], rows)
    return returned


def shortened(tokens, most=90):
    """Return tokens with bars between them, in one line."""
    text = "|".join(tokens)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def check_side_by_side(ways, sentences, returned):
    """Check what the text says about the hard cases."""
    of_characters, of_words, wordpiece, sentencepiece = ways
    claim_here(
        all(returned[sentencepiece.name, name] for name in sentences),
        "SentencePiece: every sentence comes back, to the last byte",
    )
    claim_here(
        not any(sentencepiece.count(list(sentences.values()))[1]),
        "and none of its tokens is unknown",
    )
    emoji = sentencepiece.tokens("😀")
    claim_here(
        emoji[-4:] == ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"] or "😀" in "".join(emoji),
        f"an emoji that it never saw is spelled in bytes: {' '.join(emoji)}",
    )
    composed, decomposed = (sentencepiece.tokens(sentences[k]) for k in ("accents", "decomposed"))
    claim_here(
        decomposed != composed,
        f"accents as characters of their own: {len(decomposed)} tokens, not {len(composed)}",
    )
    long = "otorrinolaringologista"
    if long not in of_words.vocabulary:
        pieces = wordpiece.tokens(long)
        lost = of_words.tokens(long) == [UNK]
        claim_here(lost, "a word never seen is lost where words have the ids")
        kept = len(pieces) > 1 and UNK not in pieces
        claim_here(kept, f"but in WordPieces it is {'|'.join(pieces)}")
    claim_here(
        not returned[wordpiece.name, "spaces"] and wordpiece.back("a  b").count(" ") <= 1,
        "WordPiece makes one space of two",
    )
    new = "猫"
    if new not in of_characters.vocabulary:
        lost = of_characters.tokens(new) == [UNK] == wordpiece.tokens(new)
        claim_here(lost, "a character never seen is unknown to characters and to WordPiece")


# %% [markdown]
# ## What it costs
#
# Attention compares every token with every other: its work grows with the square of the length.
# The embedding has a row for every id, used or not. So a vocabulary is a trade: words make short
# rows and a huge table, characters the other way about. "work" is the mean of length², beside that
# of words. The text is such as was not learned from. (Words never come back as they were: there is
# no telling where a space was. WordPiece's ## does tell.)


# %%
def show_costs(ways, held_out):
    """Print what each way costs on sentences that were not learned from; return the figures."""
    costs = {}
    for way in ways:
        lengths, unknown = way.count(held_out).astype("float64")
        costs[way.name] = {
            "vocabulary": way.size,
            "tokens": lengths.mean(),
            "longest": lengths.max(),
            "work": (lengths**2).mean(),
            "unknown": unknown.sum() / lengths.sum(),
            "whole": float(np.mean([way.back(line) == line for line in held_out[:200]])),
        }
    base = costs["words"]["work"]
    print(f"\nWhat it costs, in {counted(len(held_out), 'sentence')} that were not learned from:")
    print_table(
        ["", "vocabulary", "tokens a sentence", "longest", "work", "unknown", "come back"],
        [
            [
                name,
                f"{cost['vocabulary']:,}",
                f"{cost['tokens']:.1f}",
                f"{cost['longest']:.0f}",
                f"{cost['work'] / base:.1f}",
                f"{cost['unknown']:.2%}",
                f"{cost['whole']:.0%}",
            ]
            for name, cost in costs.items()
        ],
    )
    lengths = [costs[name]["tokens"] for name in ("words", "SentencePiece", "characters")]
    claim_here(lengths == sorted(lengths), "words make the shortest rows, characters the longest")
    claim_here(costs["SentencePiece"]["whole"] == 1, "SentencePiece brings every sentence back")
    return costs


# %% [markdown]
# ## How large a vocabulary?
#
# The same text with vocabularies of many sizes. The larger, the shorter the rows, ever more slowly:
# a doubled vocabulary must be filled with ever rarer pieces, which a model sees ever less often.
# With words it is another matter. Their rows are as long with any list; what is not on it is
# unknown, and a model that reads and writes `[UNK]` cannot translate a name.

# %%
SIZES = (400, 600, 1000, 2000, 4000, 8000)


def try_sizes(train, held_out):
    """Return, for each way, vocabulary sizes, mean lengths, and shares of unknown tokens."""
    makers = {
        "words": words,
        "WordPiece": lambda lines, size: Pieces(tft.text.WordPiece, lines, size),
        "SentencePiece": lambda lines, size: Pieces(tft.text.SentencePiece, lines, size),
    }
    found = {"characters": [measure(characters(train), held_out)]}
    for name, make in makers.items():
        found[name] = []
        for size in SIZES:
            try:
                way = make(train, size)
            except tft.UserError:  # too small for all the characters of this text
                continue
            found[name].append(measure(way, held_out))
            if found[name][-1][0] < 0.9 * size:  # there is no more to learn from this text
                break
    return {name: np.reshape(rows, (-1, 3)) for name, rows in found.items()}


def measure(way, lines):
    lengths, unknown = way.count(lines)
    return way.size, lengths.mean(), unknown.sum() / lengths.sum()


def show_sizes(found):
    """Print and check the figures."""
    print("\nHow large a vocabulary?")
    rows = [
        [name, f"{size:,.0f}", f"{length:.1f}", f"{unknown:.2%}"]
        for name, table in found.items()
        for size, length, unknown in table
    ]
    print_table(["", "vocabulary", "tokens a sentence", "unknown"], rows)
    for name in ("WordPiece", "SentencePiece"):
        shorter = (np.diff(found[name][:, 1]) <= 0).all()
        claim_here(shorter, f"{name}: a larger vocabulary makes shorter rows")
    claim_here(np.ptp(found["words"][:, 1]) == 0, "words: rows are as long with any vocabulary")
    claim_here((np.diff(found["words"][:, 2]) <= 0).all(), "but a larger one leaves fewer unknown")
    claim_here(not found["SentencePiece"][:, 2].any(), "SentencePiece: none is ever unknown")


# %% [markdown]
# ## Pictures

# %%
_EM = 0.115  # inches of a character in a fixed-width font of 9.5 points, with some air


def draw_tokens(path, ways, sentences):
    """Draw sentences as blocks, one for each token; unknown ones are hatched."""
    rows = [(text, way, way.tokens(text)) for text in sentences for way in ways]
    widths = [sum(map(_block, tokens)) for _, _, tokens in rows]
    width, height = max(widths) + 1.6, 0.36 * len(rows) + 0.55 * len(sentences) + 0.1
    figure = new_figure(width, height)
    figure.set_layout_engine("none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(height, 0))
    axis.axis("off")
    y, shown = 0.1, None
    for text, way, tokens in rows:
        if text is not shown:
            y, shown = y + 0.45, text
            axis.text(0.1, y - 0.17, drawable(text), fontsize=13, color=INK)
        y += 0.36
        axis.text(1.4, y - 0.14, way.name, ha="right", va="center", fontsize=10, color=INK)
        x = 1.5
        for number, token in enumerate(tokens):
            _draw_block(axis, x, y, token, COLOURS[number % 2 * 2])
            x += _block(token)
        axis.text(x + 0.08, y - 0.14, len(tokens), va="center", fontsize=9, color=INK)
        if way is ways[-1]:
            y += 0.1
    save_png(figure, path)


def _block(token):
    return _EM * max(len(token), 1) + 0.09


def _draw_block(axis, x, y, token, colour):
    unknown = token == UNK
    box = FancyBboxPatch(
        (x + 0.03, y - 0.26),
        _block(token) - 0.06,
        0.24,
        boxstyle="round,pad=0,rounding_size=0.04",
        facecolor="#ffffff" if unknown else f"{colour}26",
        edgecolor=COLOURS[1] if unknown else colour,
        hatch="////" if unknown else None,
        linewidth=0.9,
    )
    axis.add_patch(box)
    axis.text(
        x + _block(token) / 2,
        y - 0.145,
        drawable(token).replace(" ", "·"),
        ha="center",
        va="center",
        fontsize=9.5,
        family=["DejaVu Sans Mono", "DejaVu Sans"],
        color=INK,
        parse_math=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6} if unknown else None,
    )


def draw_sizes(path, found):
    """Draw length and unknown tokens over the size of the vocabulary."""
    figure = new_figure(11, 4.3)
    left, right = figure.subplots(1, 2)
    dress(left, "Tokens a sentence", "ids in the vocabulary", "tokens")
    dress(right, "Unknown tokens", "ids in the vocabulary", "% of the tokens")
    for (name, table), colour in zip(found.items(), COLOURS, strict=False):
        sizes, lengths, unknown = table.T
        for axis, values in ((left, lengths), (right, 100 * unknown)):
            axis.plot(sizes, values, "o-", color=colour, linewidth=1.8, markersize=5, label=name)
    left.set_ylim(bottom=0)
    for axis in (left, right):
        axis.set_xscale("log")
        ticks = [100, 300, 1000, 3000, 10000]
        axis.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axis.minorticks_off()
    right.axhline(0, color=FAINT, linewidth=0.8)
    left.legend(frameon=False, labelcolor=INK)
    save_png(figure, path)


# %% [markdown]
# ## All together


# %%
def main():
    tft.Run.require_free(FLAGS.run_dir)
    train, held_out = load_sentences(FLAGS.dataset, FLAGS.data_dir, FLAGS.text_file, FLAGS.side)
    train = train[:: max(1, len(train) // FLAGS.lines)][: FLAGS.lines]
    run = tft.Run.create(FLAGS.run_dir)
    folder = Path(run.directory)
    print(f"Learning four vocabularies from {counted(len(train), 'sentence')} …")
    ways = learn(train)

    own = {f"yours, {i}": text for i, text in enumerate(FLAGS.sentence, start=1)}
    sentences = {"not learned from": held_out[0]} | HARD | own
    returned = show_side_by_side(ways, sentences)
    print()
    check_side_by_side(ways, sentences, returned)
    costs = show_costs(ways, held_out)
    found = try_sizes(train, held_out)
    show_sizes(found)

    drawn = [held_out[0], f"{HARD['rare word'].removesuffix('.')} 😀", *FLAGS.sentence]
    draw_tokens(folder / "tokens.png", ways, drawn)
    draw_sizes(folder / "vocabulary.png", found)
    sizes = {name: table.tolist() for name, table in found.items()}
    write_json(run.metrics_path, {"costs": costs, "sizes": sizes})
    tft.tensorboard.write_images(run.log_dir, sorted(folder.glob("*.png")))
    print(f"\nThe pictures are in {folder}, and in TensorBoard: tokens.png, vocabulary.png")


if __name__ == "__main__":
    command_line.run(main)
