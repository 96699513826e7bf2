"""Translate lines of standard input with the CTranslate2 model in this script's directory.

    pip install ctranslate2 sentencepiece
    python translate.py < sentences.txt

No other package is needed, neither TensorFlow nor the one that made the model.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import ctranslate2

# An export contains these functions here.
from tf_transformer.text.rules import (
    as_sentence,
    clean,
    hide,
    is_copied,
    restore,
    split_line,
    split_long,
    unseen_pattern,
    usual_spelling,
)

HERE = Path(__file__).resolve().parent
NOTHING = "(?!)"  # a pattern that matches nothing
TYPED_TAG = re.compile("[\ue010-\ue01f]")  # tags within a text ask for no language


class SentencePiece:
    """The tokenizer of `tokenizer.model`."""

    def __init__(self, directory: Path) -> None:
        import sentencepiece  # WordPiece models do not need it

        path = str(directory / "tokenizer.model")
        self._processor = sentencepiece.SentencePieceProcessor(model_file=path)

    def tokenize(self, text: str) -> list[str]:
        """Split a text into pieces."""
        return self._processor.encode(text, out_type=str)

    def detokenize(self, tokens: Iterable[str]) -> str:
        """Join pieces into a text."""
        return self._processor.decode(list(tokens))


class WordPiece:
    """The tokenizer of `vocab.txt`: it splits off the longest known piece of a word, and so on.

    A piece that continues a word is marked with ##.
    """

    def __init__(self, directory: Path) -> None:
        lines = (directory / "vocab.txt").read_bytes().decode().removesuffix("\n").split("\n")
        pieces = lines[4:]  # after the special ones
        self._first = {piece for piece in pieces if not piece.startswith("##")}
        self._next = {piece[2:] for piece in pieces if piece.startswith("##")}
        self._longest = max(map(len, pieces))

    def tokenize(self, text: str) -> list[str]:
        """Split a text into pieces."""
        words = "".join(" " if _is_space(character) else character for character in text).split(" ")
        return [piece for word in words for piece in self._split(word)]

    def _split(self, word: str) -> Iterator[str]:
        start = 0
        while start < len(word):
            known, mark = (self._next, "##") if start else (self._first, "")
            for end in range(min(len(word), start + self._longest), start, -1):
                if word[start:end] in known:
                    yield mark + word[start:end]
                    break
            else:
                yield "<unk>"
            start = end

    def detokenize(self, tokens: Iterable[str]) -> str:
        """Join pieces into a text."""
        return "".join(map(_text, tokens)).removeprefix(" ")


def _text(token: str) -> str:
    if token in ("<pad>", "<s>"):
        return ""
    token = token.replace("<unk>", "\N{REPLACEMENT CHARACTER}")
    return token[2:] if token.startswith("##") else " " + token


def _is_space(character: str) -> bool:
    return character in "\t\n\v\f\r\x85" or unicodedata.category(character).startswith("Z")


def load_tokenizer(side: str) -> SentencePiece | WordPiece:
    """Return the tokenizer of the source or the target; they may be the same."""
    directory = find_tokenizer(side)
    kinds = {"sentencepiece": SentencePiece, "wordpiece": WordPiece}
    return kinds[load_json(directory / "tokenizer.json")["kind"]](directory)


def find_tokenizer(side: str) -> Path:
    """Return the directory of a tokenizer."""
    directory = HERE / "tokenizer"
    return directory / side if (directory / side).is_dir() else directory


def load_json(path: Path) -> Any:
    """Return the contents of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def cost(text: str, tokenizer: SentencePiece | WordPiece) -> int:
    """Count the tokens of a text, unknown ones twice."""
    tokens = tokenizer.tokenize(text)
    return len(tokens) + tokens.count("<unk>")


class Sentence(NamedTuple):
    """A sentence, or a part of one that is too long.

    Args:
        text: its text if it is copied.
        tokens: the tokens that the model reads; none if there is nothing to translate.
        present: turns the model's output into text for people.
    """

    text: str
    tokens: list[str]
    present: Callable[[str], str]

    @classmethod
    def read(cls, text: str, tokenizer: SentencePiece | WordPiece, unseen: str) -> Sentence:
        """Return a sentence as the model knows it.

        Args:
            text: the cleaned text.
            tokenizer: tokenizer of the source.
            unseen: pattern of words that the tokenizer cannot spell.
        """
        text, as_part = as_sentence(text)
        hidden, words = hide(text, unseen)
        usual, restyle = usual_spelling(hidden, lambda text: cost(text, tokenizer))
        usual = TYPED_TAG.sub("\N{REPLACEMENT CHARACTER}", usual)
        tokens = [] if is_copied(usual) else tokenizer.tokenize(usual)
        return cls(as_part(text), tokens, lambda found: as_part(restore(restyle(found), words)))

    @property
    def known(self) -> int:
        """Number of tokens that are not single bytes of rare characters."""
        return sum(not token.startswith("<0x") for token in self.tokens)


def translate(lines: list[bytes], options: argparse.Namespace) -> Iterator[tuple[str, bool, bool]]:
    """Yield each line's translation, and whether a sentence is cut or too long.

    Lines are cleaned and translated sentence by sentence. A sentence with nothing to translate is
    copied. Sentences of similar length are translated together, with one worker for each thread.

    Args:
        lines: the lines, as bytes.
        options: `beam_size`, `length_penalty`, `batch_size`, `threads` and `to`.
    """
    config = load_json(HERE / "config.json")
    tags = config.get("tags", {})
    tag = [tags[options.to]] if tags.get(options.to) else []
    max_length, longest = config["max_length"], config.get("longest_source", sys.maxsize)
    source, target = load_tokenizer("source"), load_tokenizer("target")
    model = ctranslate2.Translator(str(HERE), inter_threads=options.threads, intra_threads=1)

    known = config.get("known_characters")
    pattern = unseen_pattern(known) if known else NOTHING

    def is_long(text: str) -> bool:
        return Sentence.read(text, source, pattern).known > longest

    lines = [split_line(line.decode(errors="replace")) for line in lines]
    lines = [[part for text in line for part in split_long(text, is_long)] for line in lines]
    rows = [[Sentence.read(part, source, pattern) for part in line] for line in lines]
    sentences = [sentence for row in rows for sentence in row]
    tokens = [sentence.tokens and [*tag, *sentence.tokens] for sentence in sentences]
    # A translation may have ten tokens more than twice those of its source, END included.
    limits = [min(2 * len(row) + 10, max_length) for row in tokens]
    order = sorted((i for i, row in enumerate(tokens) if row), key=lambda i: -len(tokens[i]))
    futures = {}
    for start in range(0, len(order), options.batch_size):
        batch = order[start : start + options.batch_size]
        answers = model.translate_batch(
            [tokens[i] for i in batch],
            beam_size=options.beam_size,
            length_penalty=options.length_penalty,
            max_input_length=max_length,
            min_decoding_length=1,
            max_decoding_length=limits[batch[0]],
            asynchronous=True,
        )
        futures.update(zip(batch, answers, strict=True))

    def translation(i: int) -> tuple[str, bool]:
        if i not in futures:
            return sentences[i].text, False
        found = futures[i].result().hypotheses[0]
        is_cut = len(tokens[i]) >= max_length or len(found) >= limits[i]
        text = target.detokenize(found[: limits[i]])
        # An empty translation is no answer.
        return (sentences[i].present(text) if clean(text) else sentences[i].text), is_cut

    numbers = iter(range(len(sentences)))
    for row in rows:
        found = [translation(i) for _, i in zip(row, numbers, strict=False)]
        too_long = any(sentence.known > longest for sentence in row)
        yield " ".join(text for text, _ in found), any(is_cut for _, is_cut in found), too_long


def main() -> None:
    """Translate standard input."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beam_size", type=int, default=4, help="1 is greedy search; default: 4")
    parser.add_argument(
        "--length_penalty",
        type=float,
        default=0.6,
        help="power of the length that scores are divided by; default: 0.6",
    )
    parser.add_argument("--to", help="language to translate into, if the model knows several")
    parser.add_argument("--batch_size", type=int, default=32, help="sentences; default: 32")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="default: all cores")
    options = parser.parse_args()
    try:
        translate_input(options)
    except (OSError, RuntimeError, LookupError, ValueError) as error:
        print(f"error: {HERE} is damaged: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)


def translate_input(options: argparse.Namespace) -> None:
    """Print the translations of the lines of standard input."""
    known = load_json(HERE / "config.json").get("tags", {})
    if options.to not in (None, *known):
        languages = ", ".join(known) or "only one language: leave --to out"
        print(f"error: --to={options.to}: the model translates into {languages}", file=sys.stderr)
        sys.exit(2)
    form = load_json(find_tokenizer("source") / "tokenizer.json").get("text_form", "plain")
    if form != "plain":
        print(f"note: lines must be in the form of the training data, {form}", file=sys.stderr)
    sys.stdout.reconfigure(encoding="utf-8")
    lines = sys.stdin.buffer.read().split(b"\n")
    if lines[-1] == b"":
        lines.pop()  # nothing follows the last line end
    lines = [line.removesuffix(b"\r") for line in lines]
    for number, (translation, is_cut, is_long) in enumerate(translate(lines, options), start=1):
        print(translation.replace("\n", " "))
        if is_long:
            print(f"line {number} is longer than nearly all sentences in training", file=sys.stderr)
        if is_cut:
            print(f"line {number} or its translation is too long and was cut", file=sys.stderr)


if __name__ == "__main__":
    main()
