# %% [markdown]
# # Text to ids, and back
#
# A model computes with numbers. Text must become a row of ids before it can be learned from, and
# ids must become text again. Which pieces of text get an id decides how long the rows are, how
# large the first and the last layer are, and what the model can never read or say. Four ways:
#
# | pieces        | vocabulary | rows      | what is not in the vocabulary            |
# | ------------- | ---------- | --------- | ---------------------------------------- |
# | characters    | tiny       | very long | a character never seen is lost           |
# | words         | huge       | short     | a word never seen is lost                |
# | WordPiece     | as chosen  | between   | a word is split; a new character is lost |
# | SentencePiece | as chosen  | between   | split down to bytes: nothing is lost     |
#
# Run the cells in VS Code, Jupyter or Colab. The first one has the values to play with. As a
# script, this page takes them as flags (`--help` lists them) and saves its pictures. What has a ✓
# was checked just before it was printed.

# %%
import tf_transformer as tft

lines = 20_000  # sentences to learn from; try 500
vocab_size = 2000  # ids of WordPiece and of SentencePiece; try 500
sentence = "Isto não é teu 😀"  # one of yours, to look at
dataset = "phrasebook"  # text to learn from: phrasebook, a TFDS translation set, or FILE.tsv
text_file = ""  # file of yours, one sentence a line, in place of the dataset
tft.cli.take_flags(globals())  # a script takes these values as flags

from tf_transformer.cli.table import print_table

import math
import re
import tempfile
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import sentencepiece
import tensorflow as tf

pictures = tft.plots.Gallery("runs/tokenize")
is_as_written = [lines, vocab_size, dataset, text_file] == [20_000, 2000, "phrasebook", ""]


def check(holds, claim):
    """Print a claim that has just been checked. With other settings it may not hold."""
    assert holds or not is_as_written, claim
    if holds:
        print(f"✓ {claim}")


learned, held_out = tft.data.load_sentences(dataset, text_file=text_file, side="source")
learned = learned[:: max(1, len(learned) // lines)][:lines]
held_out = held_out[:1000]
print(
    f"Sentences to learn from: {len(learned):,}; others to try: {len(held_out):,}. Three of them:"
)
print(*held_out[:3], sep="\n")

# %% [markdown]
# ## Characters and words
#
# The two obvious ways need no more than a list: every symbol that occurs gets an id, the most
# frequent first. Whatever is not on the list becomes `[UNK]`, and what it was is gone.

# %%
UNK = "[UNK]"


class Way(NamedTuple):
    """A way to split lines into tokens, and what comes back from their ids."""

    size: int  # of the vocabulary
    tokens: Callable
    back: Callable


def symbols(split, between, lines, size=None):
    """Return a way that knows the symbols of lines: all of them, or so many."""
    vocabulary = tft.text.Vocabulary(map(split, lines), size=size)

    def tokens(lines):
        return [[token if token in vocabulary else UNK for token in split(line)] for line in lines]

    def back(lines):
        return [between.join(row) for row in tokens(lines)]

    return Way(len(vocabulary) + 1, tokens, back)


word_or_mark = re.compile(r"\w+|[^\w\s]").findall
ways = {
    "characters": symbols(list, "", learned),
    "words": symbols(word_or_mark, " ", learned),
}
for name, way in ways.items():
    print(f"{name}, {way.size:,} ids:", " | ".join(way.tokens(["O gato ronrona."])[0]))

# %% [markdown]
# ## WordPiece
#
# Between the two are pieces of words: frequent words whole, rare ones in parts. WordPiece, as in
# BERT, splits at spaces first. Then it takes the longest piece that a word begins with, the longest
# piece that the rest begins with, and so on. `##` marks a piece that goes on without a space.


# %%
def pieces(tokenizer):
    """Return the way of a tokenizer of this package."""

    def tokens(lines):
        rows = tokenizer.tokens(tokenizer.tokenize(lines)).to_list()
        return [[token.decode() for token in row] for row in rows]

    def back(lines):
        return [text.decode() for text in tokenizer.detokenize(tokenizer.tokenize(lines)).numpy()]

    return Way(tokenizer.vocab_size, tokens, back)


def longest_first(word, known):
    """Return the pieces of a word."""
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if mark + word[start:end] in known), start + 1)
        piece = mark + word[start:end]
        found.append(piece if piece in known else UNK)
        start = end
    return found


wordpiece = tft.text.WordPiece.train(learned, vocab_size)
ways["WordPiece"] = pieces(wordpiece)
known = {label.decode() for label in wordpiece.tokens(tf.range(wordpiece.vocab_size)).numpy()}
for word in ("gato", "gatos", "otorrinolaringologista"):
    print(word, longest_first(word, known))
theirs = ways["WordPiece"].tokens(held_out)
ours = [
    [piece for word in line.split() for piece in longest_first(word, known)] for line in held_out
]
check(ours == theirs, "tft.text.WordPiece splits new sentences into the same pieces")

# %% [markdown]
# ## SentencePiece
#
# SentencePiece takes raw text, spaces included: it writes a space as `▁`. Its unigram model (Kudo
# 2018) gives each piece a probability, and splits a text into the pieces whose product is largest:
#
# $$\hat{x} = \operatorname*{argmax}_{x_1 \cdots x_n \,=\, \text{text}}
# \; \sum_{i=1}^{n} \log p(x_i)$$
#
# There are exponentially many ways to split a text. But the best split up to a character needs
# only the best splits up to each earlier one, so a single loop finds it (Viterbi 1967). The
# vocabulary is learned by expectation maximisation: begin with all frequent substrings, and drop
# those that the text can do without. A character that has no piece is spelled in its bytes.


# %%
def most_probable(text, log_p):
    """Return the most probable pieces of a text."""
    best = [(0.0, [])]  # log-probability and pieces of the first 0, 1, 2, … characters
    for end in range(1, len(text) + 1):
        splits = (
            (best[start][0] + log_p[text[start:end]], [*best[start][1], text[start:end]])
            for start in range(end)
            if text[start:end] in log_p
        )
        best.append(max(splits, default=(-math.inf, [])))
    return best[-1][1]


spelling = tft.text.SentencePiece.train(learned, vocab_size)
ways["SentencePiece"] = pieces(spelling)
with tempfile.TemporaryDirectory() as folder:
    spelling.save(f"{folder}/new")
    model = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/new/tokenizer.model")
log_p = {model.id_to_piece(i): model.get_score(i) for i in range(len(model))}

theirs = ways["SentencePiece"].tokens(held_out[:100])
ours = [most_probable("▁" + line.replace(" ", "▁"), log_p) for line in held_out[:100]]
for piece in ours[0]:
    print(f"{piece:15} log p = {log_p[piece]:.1f}")
in_pieces = [not any(piece.startswith("<0x") for piece in row) for row in theirs]  # no bytes
same = [a == b for a, b, whole in zip(ours, theirs, in_pieces, strict=True) if whole]
check(all(same), "tft.text.SentencePiece splits new sentences into the same pieces")

# %% [markdown]
# ## Side by side
#
# The first sentence is from the same source, but was not learned from. The others are what text
# does in the world: a rare word, capitals, emoji, other scripts, two spaces. "decomposed" is the
# sentence before it with its accents as characters of their own, as some systems write them: it
# looks the same, and its ids have little in common.
#
# The table has the number of tokens of each sentence, and ✓ where exactly the same text comes back
# from the ids. A text split into words never comes back: nothing tells where a space was. `##`
# does tell.

# %%
accents = "A avó não pôde vir amanhã."
sentences = {
    "not learned from": held_out[0],
    "accents": accents,
    "decomposed": unicodedata.normalize("NFD", accents),
    "rare word": "O otorrinolaringologista chegou.",
    "capitals": "O GATO BEBE ÁGUA!",
    "emoji": "Bom dia! 😀",
    "one emoji?": "👩\u200d👩\u200d👧",
    "another script": "猫は水を飲む。",
    "spaces": "dois  espaços",
    "yours": sentence,
}
texts = list(sentences.values())
tokens = {name: dict(zip(texts, way.tokens(texts), strict=True)) for name, way in ways.items()}
back = {name: way.back(texts) for name, way in ways.items()}
print_table(
    ["", "sentence", *ways],
    [
        [name, text, *(f"{len(tokens[w][text])} {'✗✓'[back[w][i] == text]}" for w in ways)]
        for i, (name, text) in enumerate(sentences.items())
    ],
)
shown = [texts[0], sentences["rare word"], sentence]
splits = {text: {name: tokens[name][text] for name in ways} for text in shown}
pictures.show("tokens", tft.plots.tokens_figure(splits, "The same text, split in four ways"))

emoji = tokens["SentencePiece"]["Bom dia! 😀"][-4:]
check(back["SentencePiece"] == texts, "SentencePiece: every sentence comes back")
check(emoji == ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"], "an emoji that it never saw is four bytes")
check(UNK in tokens["words"][sentences["rare word"]], "a word never seen is lost to words")
check(UNK not in tokens["WordPiece"][sentences["rare word"]], "but not to WordPiece")
check(UNK in tokens["WordPiece"]["猫は水を飲む。"], "a character never seen is lost to WordPiece")

# %% [markdown]
# ## What it costs
#
# Attention compares every token with every other, so its work grows with the square of the length.
# The embedding has a row for every id, used or not. A vocabulary is a trade: words make short rows
# and a huge table, characters the opposite. "work" is the mean of length², divided by that of
# words. The sentences are those that were not learned from.


# %%
def measure(way):
    """Return the length of each held-out sentence, and the share of unknown tokens."""
    rows = way.tokens(held_out)
    lengths = np.array([len(row) for row in rows])
    return lengths, sum(row.count(UNK) for row in rows) / lengths.sum()


lengths, unknown = {}, {}
for name, way in ways.items():
    lengths[name], unknown[name] = measure(way)
whole = {
    name: np.mean([a == b for a, b in zip(way.back(held_out), held_out, strict=True)])
    for name, way in ways.items()
}
print_table(
    ["", "vocabulary", "tokens a sentence", "longest", "work", "unknown", "come back"],
    [
        [
            name,
            f"{way.size:,}",
            f"{lengths[name].mean():.1f}",
            lengths[name].max(),
            f"{(lengths[name] ** 2).mean() / (lengths['words'] ** 2).mean():.1f}",
            f"{unknown[name]:.2%}",
            f"{whole[name]:.0%}",
        ]
        for name, way in ways.items()
    ],
)
means = [lengths[name].mean() for name in ("words", "WordPiece", "characters")]
check(means == sorted(means), "words make the shortest rows, characters the longest")
check(whole["SentencePiece"] == 1, "SentencePiece brings every sentence back")

# %% [markdown]
# ## How large a vocabulary?
#
# The same text with vocabularies of several sizes. Look at the left panel first: pieces make
# shorter rows the larger the vocabulary is, but ever more slowly. A doubled vocabulary is filled
# with ever rarer pieces, which a model sees ever less often. Rows of words have the same length
# with any list. Their price is in the right panel: what is not on the list is unknown, and a model
# that reads and writes `[UNK]` cannot translate a name. Pieces are hardly ever unknown.

# %%
sizes = [400, 600, 1000, 2000, 4000, 8000]
makers = {
    "words": lambda size: symbols(word_or_mark, " ", learned, size),
    "WordPiece": lambda size: pieces(tft.text.WordPiece.train(learned, size)),
    "SentencePiece": lambda size: pieces(tft.text.SentencePiece.train(learned, size)),
}
means, unknowns = {}, {}
for name, make in makers.items():
    means[name], unknowns[name] = [], []
    for size in sizes:
        try:
            length, share = measure(make(size))
        except tft.UserError:  # too small for all the characters of this text
            length, share = np.array([math.nan]), math.nan
        means[name].append(length.mean())
        unknowns[name].append(100 * share)
panels = {"tokens a sentence": means, "% of the tokens that are unknown": unknowns}
title = "A larger vocabulary makes shorter rows of pieces, and leaves fewer words unknown"
figure = tft.plots.panels_figure(panels, title, x="ids in the vocabulary, at most", at=sizes)
pictures.show("vocabulary", figure)
for name in ("WordPiece", "SentencePiece"):
    check(np.nanmax(np.diff(means[name])) <= 0, f"{name}: the larger, the shorter the rows")
check(np.ptp(means["words"]) == 0, "words: rows are as long with any vocabulary")
check(np.nanmax(unknowns["SentencePiece"]) == 0, "SentencePiece: no token is ever unknown")

# %% [markdown]
# ## Three exercises
#
# 1. Set `sentence` to ten characters that take as many tokens of SentencePiece as possible. Can you
#    reach 41? Does the text still come back?
# 2. Byte pair encoding (Sennrich et al. 2016): begin with the characters of each word, and join the
#    most frequent pair of neighbours into a new piece, until the vocabulary is full. Twenty lines
#    of Python will do. Beat WordPiece's tokens a sentence with as many ids.
# 3. Learn from English: write `side="target"` where the text is loaded. How many tokens do the
#    Portuguese sentences of the table take now, and which of them still come back?
#
# Go on with [words as vectors](02_word2vec.py).
