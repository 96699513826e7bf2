"""The common part of the scripts that come with exports: from lines of text to translations.

An export contains a copy of this file, which therefore imports only `rules` and the standard
library, and sentencepiece where it is needed.
"""

from __future__ import annotations

import argparse
import functools
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tf_transformer.text.rules import (
    LINE_BREAK,
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
SPECIAL_NAMES = ("<pad>", "<unk>", "<s>", "</s>")  # names of the ids 0 to 3


class SentencePiece:
    """The tokenizer of `tokenizer.model`."""

    def __init__(self, directory: Path) -> None:
        import sentencepiece  # WordPiece models do not need it

        path = str(directory / "tokenizer.model")
        self._processor = sentencepiece.SentencePieceProcessor(model_file=path)

    @property
    def names(self) -> list[str]:
        """The pieces of all ids, in order."""
        return self._processor.id_to_piece(list(range(self._processor.get_piece_size())))

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
        pieces = lines[len(SPECIAL_NAMES) :]
        self.names = [*SPECIAL_NAMES, *pieces]
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


class Characters:
    """The tokenizer of `characters.txt`, with a token for each character."""

    def __init__(self, directory: Path) -> None:
        characters = (directory / "characters.txt").read_bytes().decode()
        self.names = [*SPECIAL_NAMES, *characters]
        self._known = set(characters)

    def tokenize(self, text: str) -> list[str]:
        """Split a text into characters."""
        return [each if each in self._known else "<unk>" for each in text]

    def detokenize(self, tokens: Iterable[str]) -> str:
        """Join characters into a text."""
        special = {"<pad>": "", "<s>": "", "<unk>": "\N{REPLACEMENT CHARACTER}"}
        return "".join(special.get(token, token) for token in tokens)


AnyTokenizer = SentencePiece | WordPiece | Characters


def load_tokenizer(side: str, directory: Path = HERE) -> AnyTokenizer:
    """Return the tokenizer of the source or the target of an export; they may be the same."""
    directory = find_tokenizer(side, directory)
    kinds = {"sentencepiece": SentencePiece, "wordpiece": WordPiece, "characters": Characters}
    return kinds[load_json(directory / "tokenizer.json")["kind"]](directory)


def find_tokenizer(side: str, directory: Path = HERE) -> Path:
    """Return the directory of a tokenizer."""
    directory = directory / "tokenizer"
    return directory / side if (directory / side).is_dir() else directory


def load_json(path: Path) -> Any:
    """Return the contents of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def cost(text: str, tokenizer: AnyTokenizer) -> int:
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
    def read(
        cls,
        text: str,
        tokenizer: AnyTokenizer,
        cost: Callable[[str], int],
        unseen: str,
        is_whole: bool = False,
        keeps_case: bool = False,
    ) -> Sentence:
        """Return a sentence as the model knows it.

        Args:
            text: the cleaned text.
            tokenizer: tokenizer of the source.
            cost: counts the tokens of a text: see `cost`.
            unseen: pattern of words that the tokenizer cannot spell.
            is_whole: whether it is a line, which gets no full stop. Defaults to `False`.
            keeps_case: whether its capitals stay as they are. Defaults to `False`.
        """
        text, as_part = (text, str) if is_whole else as_sentence(text)
        hidden, words = hide(text, unseen)
        usual, restyle = (hidden, str) if keeps_case else usual_spelling(hidden, cost)
        usual = TYPED_TAG.sub("\N{REPLACEMENT CHARACTER}", usual)
        tokens = [] if is_copied(usual) else tokenizer.tokenize(usual)
        return cls(as_part(text), tokens, lambda found: as_part(restore(restyle(found), words)))

    @property
    def known(self) -> int:
        """Number of tokens that are not single bytes of rare characters."""
        return sum(not token.startswith("<0x") for token in self.tokens)


class Mistake(ValueError):
    """An option that the model cannot follow."""


class Row(NamedTuple):
    """What an engine gets for a translation.

    Args:
        tokens: the tokens of the source, without END.
        limit: the most tokens that the translation may have.
        prefix: the tokens that it begins with.
        least: the fewest tokens that it may have, beside END.
    """

    tokens: list[str]
    limit: int
    prefix: Sequence[str] = ()
    least: int = 1


class Found(NamedTuple):
    """The tokens of a translation, without END, and its score."""

    tokens: list[str]
    score: float


class Engine(Protocol):
    """Runs the model."""

    def search(
        self, batches: Sequence[Sequence[Row]], beam_size: int, length_penalty: float
    ) -> Iterable[Iterable[Found]]:
        """Return the best translation of each row; sources are cut to what the model can read.

        Args:
            batches: rows of similar length, long ones first.
            beam_size: hypotheses of a row; 1 is greedy search.
            length_penalty: power of the length that a beam's scores are divided by.
        """


class Translation(NamedTuple):
    """What became of a line.

    Args:
        text: its translation.
        is_cut: whether a sentence or its translation is too long, and was cut.
        is_long: whether a sentence is longer than nearly all in training.
        score: its log-probability; for a beam, the sentences' scores, added up.
    """

    text: str
    is_cut: bool
    is_long: bool
    score: float


class LineTranslator:
    """Translates texts with an exported model, sentence by sentence.

    Texts are cleaned. A sentence with nothing to translate is copied. Words that the vocabulary
    cannot spell are hidden from the model if it has learned that, and put back.

    Args:
        make_engine: makes the engine, from the directory of the export, the number of threads and
            the tokenizers of source and target.
        directory: of the export. Defaults to that of this script.
        threads: batches that are translated side by side. Defaults to 1.

    Attributes:
        tags: for each language that the model translates into, the symbol that asks for it; none
            if it knows only one.
    """

    def __init__(
        self,
        make_engine: Callable[[Path, int, AnyTokenizer, AnyTokenizer], Engine],
        directory: Path = HERE,
        threads: int = 1,
    ) -> None:
        _require_positive(threads=threads)
        config = load_json(directory / "config.json")
        self.tags = config.get("tags", {})
        self._max_length = config["max_length"]
        self._longest = config.get("longest_source", sys.maxsize)
        known = config.get("known_characters")
        self._unseen = unseen_pattern(known) if known else NOTHING
        self._source, self._target = (
            load_tokenizer(side, directory) for side in ("source", "target")
        )
        self._cost = functools.lru_cache(maxsize=65_536)(  # texts repeat their words
            functools.partial(cost, tokenizer=self._source)
        )
        self._engine = make_engine(directory, threads, self._source, self._target)

    def __call__(self, text: str | Sequence[str], **options: Any) -> str | list[str]:
        """Translate one text or several, of any number of lines; line breaks stay as they are.

        Args:
            text: a `str`, or several.
            **options: those of `translate`.

        Returns:
            The translation, or a list of them.
        """
        texts = [text] if isinstance(text, str) else text
        rows = [re.split(f"({LINE_BREAK})", each) if clean(each) else [""] for each in texts]
        found = self.translate([line for row in rows for line in row[::2]], **options)
        for row in rows:
            row[::2] = [next(found).text for _ in row[::2]]
        answers = ["".join(row) for row in rows]
        return answers[0] if isinstance(text, str) else answers

    def translate(
        self,
        lines: Iterable[str | bytes],
        to: str | None = None,
        beam_size: int = 1,
        length_penalty: float = 0.6,
        batch_size: int = 32,
        prefix: str = "",
        min_length: int = 0,
    ) -> Iterator[Translation]:
        """Yield the translation of each line.

        Sentences of similar length are translated together.

        Args:
            lines: the lines. What is not UTF-8 in bytes counts as U+FFFD.
            to: language to translate into, one of `tags`. Defaults to the usual one.
            beam_size: hypotheses that the search keeps; 1 is greedy search. Defaults to 1.
            length_penalty: power of the length that a beam's scores are divided by. Defaults to
                0.6.
            batch_size: most sentences that are translated together. Defaults to 32.
            prefix: what each translation begins with. Defaults to nothing. With this or the next,
                each line counts as one sentence. Only some engines take them.
            min_length: fewest tokens of a translation, beside END. Defaults to 0.

        Raises:
            Mistake: if the model does not translate into that language, if a number is too small,
                or if the prefix cannot be written.
        """
        self.check(to, beam_size, batch_size, prefix, min_length)
        begin, least = self._begin(prefix), max(min_length, 1)
        tag = [self.tags[to]] if self.tags.get(to) else []
        rows = [self._sentences(line, bool(prefix or min_length), bool(prefix)) for line in lines]
        sentences = [sentence for row in rows for sentence in row]
        tokens = [sentence.tokens and [*tag, *sentence.tokens] for sentence in sentences]
        # A translation may have ten tokens more than twice those of its source, END included, and
        # more where more is asked for.
        limits = [max(2 * len(row) + 10 + len(begin), least + 1) for row in tokens]
        limits = [min(limit, self._max_length) for limit in limits]
        order = sorted((i for i, row in enumerate(tokens) if row), key=lambda i: -len(tokens[i]))
        batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
        answers = self._engine.search(
            [[Row(tokens[i], limits[i], begin, least) for i in batch] for batch in batches],
            beam_size,
            length_penalty,
        )
        found = {
            i: answer
            for batch, some in zip(batches, answers, strict=True)
            for i, answer in zip(batch, some, strict=True)
        }

        def translation(i: int) -> tuple[str, bool, float]:
            if i not in found:
                return sentences[i].text, False, 0.0
            written, score = found[i]
            is_cut = len(tokens[i]) >= self._max_length or len(written) >= limits[i]
            text = self._target.detokenize(written[: limits[i]])
            # An empty translation is no answer.
            text = sentences[i].present(text) if clean(text) else sentences[i].text
            return text, is_cut, score

        numbers = iter(range(len(sentences)))
        for row in rows:
            parts = [translation(i) for _, i in zip(row, numbers, strict=False)]
            yield Translation(
                " ".join(text for text, *_ in parts),
                any(is_cut for _, is_cut, _ in parts),
                any(sentence.known > self._longest for sentence in row),
                sum(score for *_, score in parts),
            )

    def check(
        self,
        to: str | None,
        beam_size: int,
        batch_size: int,
        prefix: str = "",
        min_length: int = 0,
    ) -> None:
        """Raise `Mistake` unless `translate` can take these options."""
        if to not in (None, *self.tags):
            languages = ", ".join(self.tags) or "only one language: leave it out"
            raise Mistake(f"to={to}: the model translates into {languages}")
        _require_positive(beam_size=beam_size, batch_size=batch_size)
        if min_length < 0:
            raise Mistake(f"min_length={min_length}: it must be at least 0")
        if (prefix or min_length) and not getattr(self._engine, "has_control", False):
            raise Mistake("prefix and --min_length: this engine's search knows neither")
        self._begin(prefix)

    def _begin(self, prefix: str) -> list[str]:
        """Return the tokens of a prefix."""
        tokens = self._target.tokenize(clean(prefix))[: self._max_length - 1]
        if restore(self._target.detokenize(tokens), []) != clean(prefix):
            raise Mistake(f"prefix={prefix}: the model cannot write it")
        return tokens

    def _sentences(
        self, line: str | bytes, is_whole: bool = False, keeps_case: bool = False
    ) -> list[Sentence]:
        """Split a line into sentences, and those that are too long into parts.

        Args:
            line: the line.
            is_whole: whether it counts as one sentence. Defaults to `False`.
            keeps_case: as of `Sentence.read`. Defaults to `False`.
        """

        def is_long(text: str) -> bool:
            return self._read(text).known > self._longest

        text = line if isinstance(line, str) else line.decode(errors="replace")
        if is_whole:
            return [self._read(clean(text), is_whole=True, keeps_case=keeps_case)]
        parts = [part for each in split_line(text) for part in split_long(each, is_long)]
        return [self._read(part) for part in parts]

    def _read(self, text: str, **options: bool) -> Sentence:
        return Sentence.read(text, self._source, self._cost, self._unseen, **options)


def _require_positive(**numbers: int) -> None:
    for name, value in numbers.items():
        if value < 1:
            raise Mistake(f"{name}={value}: it must be at least 1")


def run(
    summary: str,
    load: Callable[[int], LineTranslator],
    threads: int,
    has_control: bool = False,
) -> None:
    """Run a script: translate the lines of standard input.

    Args:
        summary: what the script does.
        load: loads the model, for a number of threads.
        threads: default of --threads.
        has_control: whether the engine takes --prefix and --min_length. Defaults to `False`.
    """
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--beam_size", type=int, default=4, help="1 is greedy search; default: 4")
    parser.add_argument(
        "--length_penalty",
        type=float,
        default=0.6,
        help="power of the length that scores are divided by; default: 0.6",
    )
    parser.add_argument("--to", help="language to translate into, if the model knows several")
    parser.add_argument("--batch_size", type=int, default=32, help="sentences; default: 32")
    parser.add_argument(
        "--threads", type=int, default=threads, help=f"batches side by side; default: {threads}"
    )
    if has_control:
        parser.add_argument("--prefix", default="", help="what each translation begins with")
        parser.add_argument("--min_length", type=int, default=0, help="fewest tokens; default: 0")
    options = vars(parser.parse_args())
    try:
        _translate_input(load(options.pop("threads")), options)
    except Mistake as error:
        print(f"error: --{error}", file=sys.stderr)
        sys.exit(2)
    except (OSError, RuntimeError, LookupError, ValueError) as error:
        print(f"error: {HERE} is damaged: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)


def _translate_input(translator: LineTranslator, options: dict[str, Any]) -> None:
    """Print the translations of the lines of standard input."""
    names = ("to", "beam_size", "batch_size", "prefix", "min_length")
    translator.check(**{name: options[name] for name in names if name in options})
    form = load_json(find_tokenizer("source") / "tokenizer.json").get("text_form", "plain")
    if form != "plain":
        print(f"note: lines must be in the form of the training data, {form}", file=sys.stderr)
    sys.stdout.reconfigure(encoding="utf-8")
    lines = sys.stdin.buffer.read().split(b"\n")
    if lines[-1] == b"":
        lines.pop()  # nothing follows the last line end
    lines = [line.removesuffix(b"\r") for line in lines]
    for number, found in enumerate(translator.translate(lines, **options), start=1):
        print(found.text.replace("\n", " "))
        if found.is_long:
            print(f"line {number} is longer than nearly all sentences in training", file=sys.stderr)
        if found.is_cut:
            print(f"line {number} or its translation is too long and was cut", file=sys.stderr)
