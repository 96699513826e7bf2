"""Several corpora, or both directions of one, to train a single model on."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence

import tensorflow as tf

from tf_transformer.config import CorpusFacts, short_name
from tf_transformer.config.bleu_words import words_of_language, words_of_texts
from tf_transformer.data.corpus import Corpus
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.part import Part
from tf_transformer.errors import UserError, counted, require, warn
from tf_transformer.text.forms import PLAIN, find_form
from tf_transformer.text.rules import duplicate_key
from tf_transformer.text.tags import TAGS

UNKNOWN_LANGUAGES = ("source", "target")  # languages of a file whose name does not give them
_HELD_OUT = ("validation", "test")
_AT_ONCE = 8_192  # texts to present at a time


@dataclasses.dataclass(frozen=True)
class Mixture(Corpus):
    r"""Several corpora, or both directions of one, to train a single model on: see `mix`.

    Its splits are those that all parts have, joined, as the model reads and writes them.

    Args:
        parts: the corpora, in each direction.
        **fields: fields of `Corpus`.

    Example:
        ```python
        import pathlib, tempfile

        import tf_transformer as tft

        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "few.tsv").write_text("um\tone\ndois\ttwo\ntrês\tthree\n")
        (folder / "more.tsv").write_text("sete\tseven\noito\teight\nnove\tnine\n")
        mixture = tft.load_corpus(f"{folder}/few.tsv*3 + {folder}/more.tsv")
        [part.weight for part in mixture.parts]  # [3.0, 1.0]
        mixture.splits  # {'train': 2, 'validation': 2, 'test': 2}
        ```
    """

    parts: tuple[Part, ...] = ()

    @property
    def facts(self) -> CorpusFacts:
        """The facts about the corpus that a run keeps."""
        parts = tuple(part.facts for part in self.parts)
        licenses = dict.fromkeys(part.license for part in parts)
        forward = [part.size for part in parts if part.target_language == self.target_language]
        return dataclasses.replace(
            super().facts, license="; ".join(licenses), size=sum(forward), parts=parts
        )


def mix(
    name: str,
    corpora: Sequence[Corpus],
    weights: Sequence[float],
    directions: str = "one",
    warns: bool = True,
) -> Mixture:
    """Mix corpora of the same languages.

    If their texts are written in several forms, the model reads and writes plain text: split words
    are joined, but stay in lower case. A tag before the source asks for such text.

    A pair whose source another corpus holds out for scoring is left out of training, with a
    warning.

    Args:
        name: the name that the user gave.
        corpora: one or more corpora.
        weights: how often an epoch shows the pairs of each: see `repeats`.
        directions: `"one"`, or `"both"` to add the pairs in the other direction. Defaults to
            `"one"`.
        warns: whether to warn of pairs that are left out. Defaults to `True`.

    Raises:
        UserError: if the languages differ, or a corpus has nothing held out.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.data.mixture import mix

        pairs = tft.data.Pairs(["Bom dia."], ["Good morning."])
        splits = {"train": pairs, "validation": pairs}
        corpus = tft.data.Corpus("day", "pt", "en", dict.fromkeys(splits, 1), splits.__getitem__)
        [part.name for part in mix("day", [corpus], [1], directions="both").parts]
        # ['day, pt → en', 'day, en → pt']
        ```
    """
    corpora = _of_one_pair_of_languages(corpora)
    for corpus in corpora:
        for split in ("train", "validation"):
            corpus.require_split(split)
    forms = dict.fromkeys(corpus.text_form for corpus in corpora)
    form = PLAIN if len(forms) > 1 else corpora[0].text_form
    both = directions == "both"
    shown = [_presented(corpus) if corpus.text_form != form else corpus for corpus in corpora]
    shown = _without_held_out(shown, both, warns)
    parts = list(_in_directions(corpora, shown, weights, both))
    tags = _tags(parts, PLAIN if PLAIN in forms else corpora[0].text_form)
    parts = [dataclasses.replace(part, tag=tags[_kind(part)]) for part in parts]
    splits = {
        split: sum(part.shown.splits[split] for part in parts)
        for split in parts[0].shown.splits
        if split != "all" and all(split in part.shown.splits for part in parts)
    }
    first = corpora[0]
    return Mixture(
        name,
        first.source_language,
        first.target_language,
        splits,
        functools.partial(_read, parts),
        text_form=form,
        tokenize=next((corpus.tokenize for corpus in corpora if corpus.tokenize), ""),
        parts=tuple(parts),
    )


def _of_one_pair_of_languages(corpora: Sequence[Corpus]) -> list[Corpus]:
    """Return the corpora, all with the languages of those that name them.

    Raises:
        UserError: if they differ.
    """
    languages = {
        corpus.name: (corpus.source_language, corpus.target_language) for corpus in corpora
    }
    known = dict.fromkeys(each for each in languages.values() if each != UNKNOWN_LANGUAGES)
    require(
        len(known) < 2,
        "the corpora have different languages, "
        + ", ".join(f"{name} {' → '.join(each)}" for name, each in languages.items())
        + ": mix corpora with the same source and target language",
    )
    source, target = next(iter(known), UNKNOWN_LANGUAGES)
    return [
        dataclasses.replace(corpus, source_language=source, target_language=target)
        for corpus in corpora
    ]


def _presented(corpus: Corpus) -> Corpus:
    """Return a corpus as text for people, except that its case stays."""

    @functools.cache
    def read(split: str) -> Pairs:
        return present(corpus.pairs(split), corpus.text_form)

    return dataclasses.replace(corpus, read=read, text_form=PLAIN)


def present(pairs: Pairs, form: str) -> Pairs:
    """Return pairs in a form of text as text for people, except that their case stays."""
    reader = find_form(form)

    def presented(texts: list[str]) -> Iterator[str]:
        for start in range(0, len(texts), _AT_ONCE):
            found = reader.present(tf.constant(texts[start : start + _AT_ONCE]), case=False)
            yield from (text.decode() for text in found.numpy())

    return Pairs(*([*presented(side)] for side in (pairs.sources, pairs.targets)))


def _without_held_out(corpora: Sequence[Corpus], both: bool, warns: bool) -> list[Corpus]:
    """Leave out of training what other corpora hold out for scoring.

    Args:
        corpora: as the model reads them.
        both: whether targets are translated too.
        warns: whether to warn of it.
    """
    kept = []
    for corpus, known in zip(corpora, held_by_others(corpora, both), strict=True):
        pairs = corpus.pairs("train")
        rest = without(pairs, known)
        left_out = len(pairs) - len(rest)
        if left_out:
            count = counted(left_out, "pair")
            if warns:
                warn(f"{corpus.name}: {count} left out of training: other corpora hold them out.")
            require(rest, f"{corpus.name}: nothing is left to train on; leave this corpus out")
            corpus = _with_train(corpus, rest)
        kept.append(corpus)
    return kept


def held_by_others(corpora: Sequence[Corpus], both: bool) -> list[list[set[str]]]:
    """Return for each corpus the keys of texts that the others are scored on: see `without`.

    Args:
        corpora: as the model reads them.
        both: whether targets are translated too.

    Returns:
        For each corpus, the keys of sources, and with `both` those of targets.
    """
    sides = range(1 + both)
    held = [_held_out(corpus, len(sides)) for corpus in corpora]
    return [
        [
            set().union(*(keys[side] for other, keys in enumerate(held) if other != number))
            for side in sides
        ]
        for number in range(len(corpora))
    ]


def without(pairs: Pairs, known: Sequence[set[str]]) -> Pairs:
    """Return the pairs whose texts are not among the known ones of their side.

    Args:
        pairs: the pairs.
        known: keys of sources, and perhaps of targets: see `duplicate_key`.
    """
    if not any(known):
        return pairs
    return Pairs.of(
        pair
        for pair in pairs
        if not any(duplicate_key(text) in keys for text, keys in zip(pair, known, strict=False))
    )


def _held_out(corpus: Corpus, sides: int) -> list[set[str]]:
    """Return the keys of the sources that a corpus is scored on, and perhaps of the targets."""
    splits = [corpus.pairs(split) for split in _HELD_OUT if split in corpus.splits]
    texts = [(pairs.sources, pairs.targets) for pairs in splits]
    return [
        {key for columns in texts for key in map(duplicate_key, columns[side]) if key}
        for side in range(sides)
    ]


def _with_train(corpus: Corpus, train: Pairs) -> Corpus:
    def read(split: str) -> Pairs:
        return train if split == "train" else corpus.read(split)

    return dataclasses.replace(corpus, splits={**corpus.splits, "train": len(train)}, read=read)


def _in_directions(
    corpora: Sequence[Corpus], shown: Sequence[Corpus], weights: Sequence[float], both: bool
) -> Iterator[Part]:
    """Yield the parts: all corpora in the first direction, then, with `both`, in the other."""
    names = _short_names(corpora)
    for turn in (lambda corpus: corpus, turned)[: 1 + both]:
        for corpus, as_shown, weight in zip(corpora, shown, weights, strict=True):
            written, read = turn(corpus), turn(as_shown)
            languages = f"{written.source_language} → {written.target_language}"
            name = f"{names[corpus.name]}, {languages}" if both else names[corpus.name]
            yield Part(written, read, weight, name=name)


def _short_names(corpora: Sequence[Corpus]) -> dict[str, str]:
    """Return the corpora's names, without folders unless two would be the same."""
    names = {corpus.name: short_name(corpus.name) for corpus in corpora}
    return names if len({*names.values()}) == len(names) else dict(zip(names, names, strict=True))


def turned(corpus: Corpus) -> Corpus:
    """Return a corpus in the other direction."""

    def read(split: str) -> Pairs:
        pairs = corpus.pairs(split)
        return Pairs(pairs.targets, pairs.sources)

    source, target = corpus.target_language, corpus.source_language
    words = words_of_language(target)
    if not words and corpus.text_form == PLAIN:
        words = words_of_texts(corpus.pairs(next(iter(corpus.splits))).sources)
    return dataclasses.replace(
        corpus, source_language=source, target_language=target, read=read, tokenize=words
    )


def _kind(part: Part) -> tuple[str, str]:
    """Return the language and the form of text that this part asks for."""
    return part.corpus.target_language, part.corpus.text_form


def _tags(parts: Sequence[Part], form: str) -> dict[tuple[str, str], str]:
    """Return a tag for each language and form, except the first language in the usual form."""
    usual = (parts[0].corpus.target_language, form)
    kinds = [kind for kind in dict.fromkeys(map(_kind, parts)) if kind != usual]
    if len(kinds) > len(TAGS):
        raise UserError(f"the corpora have {len(kinds)} languages and forms, too many for tags")
    return {usual: "", **dict(zip(kinds, TAGS, strict=False))}


def _read(parts: Sequence[Part], split: str) -> Pairs:
    all_pairs = [part.shown.pairs(split) for part in parts]
    return Pairs(
        [text for pairs in all_pairs for text in pairs.sources],
        [text for pairs in all_pairs for text in pairs.targets],
    )
