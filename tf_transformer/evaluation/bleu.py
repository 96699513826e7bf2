"""Corpus BLEU and chrF, with the signatures that make them comparable."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from sacrebleu.metrics import BLEU, CHRF

from tf_transformer.errors import UserError, counted, suggest

# TensorFlow is imported where it is used: importing takes seconds, and most scores do not need it.

FEW = 30
"""Scores of fewer sentences say little."""


@dataclasses.dataclass(frozen=True)
class Scores:
    """BLEU and chrF of a corpus, from 0 to 100, with sacreBLEU's signatures.

    Args:
        bleu: BLEU of the corpus as a whole.
        chrf: chrF of the corpus as a whole.
        bleu_signature: how `bleu` was computed.
        chrf_signature: how `chrf` was computed.
        detokenized: scores of the same text as people read it, apart from its case, if the corpus
            is written in another form. Defaults to none.
        length_ratio: number of words in the translations, divided by that of the references.
            Defaults to none.
        sentences: number of translations. Defaults to none: unknown.
        by_corpus: scores of each corpus, as it is written, if there are several. Defaults to none.

    Example:
        ```python
        import tf_transformer as tft

        scores = tft.score(["the house is blue."], ["the house is blue."])
        scores.chrf  # 100.0
        ```
    """

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str
    detokenized: Scores | None = None
    length_ratio: float | None = None
    sentences: int | None = None
    by_corpus: dict[str, Scores] | None = None

    @property
    def doubt(self) -> str:
        """A sentence about scores of few sentences; empty if there are enough."""
        if self.sentences is None or self.sentences >= FEW:
            return ""
        return f"{counted(self.sentences, 'sentence')}: so few that BLEU and chrF say little."

    def __str__(self) -> str:
        scores = (
            f"BLEU {self.bleu:.2f}  {self.bleu_signature}\n"
            f"chrF {self.chrf:.2f}  {self.chrf_signature}"
        )
        if self.detokenized:
            scores += f"\nDetokenized:\n{self.detokenized}"
        parts = [f"{name}:\n{each}" for name, each in (self.by_corpus or {}).items()]
        return "\n".join(filter(None, (scores, self.doubt, *parts)))


def score(translations: Sequence[str], references: Sequence[str], tokenize: str = "13a") -> Scores:
    """Score translations against one reference each, with sacreBLEU.

    Args:
        translations: the translations to score.
        references: the references, in the same order.
        tokenize: how BLEU splits words: one of sacreBLEU's tokenizers, such as `"13a"` or `"none"`.
            Or the form that the references are written in, such as `"ted_hrlr"`: the translations,
            which may be ordinary text, are put into that form, and its words are scored unchanged.
            Then everything is `detokenized` and scored again, in lower case, with `"13a"`. Defaults
            to `"13a"`.

    Returns:
        The `Scores` of the corpus as a whole.

    Raises:
        UserError: if there is nothing to score, if the numbers differ, or if `tokenize` is unknown.

    Example:
        ```python
        import tf_transformer as tft

        scores = tft.score(["the house is blue."], ["the house is green."])
        print(scores)  # BLEU and chrF with their signatures
        ```

    Reference:
        Post 2018, *A Call for Clarity in Reporting BLEU Scores*; Popović 2015, *chrF: character
        n-gram F-score for automatic MT evaluation*.
    """
    if len(translations) != len(references):
        raise UserError(
            f"{counted(len(translations), 'translation')} cannot be scored against "
            f"{counted(len(references), 'reference')}: each translation needs one reference."
        )
    if not references:
        raise UserError(
            "there is nothing to score: the lists of translations and references are empty."
        )
    if tokenize in BLEU.TOKENIZERS:
        return _score(translations, references, tokenize)
    return _score_form(translations, references, tokenize)


def as_people_read(
    translations: Sequence[str], references: Sequence[str], name: str
) -> tuple[list[str], list[str]]:
    """Return texts as people read them, apart from their case.

    Args:
        translations: the translations, which may be ordinary text.
        references: the references, in a text form.
        name: name of the form.
    """
    import tensorflow as tf

    from tf_transformer.text.forms import find_form

    form = find_form(name)
    prepared = form.prepare(tf.constant(translations)), tf.constant(references)
    return tuple(
        [text.decode() for text in form.present(texts, case=False).numpy()] for texts in prepared
    )


def sentence_chrf(
    translations: Sequence[str], references: Sequence[str], lowercase: bool = False
) -> np.ndarray:
    """Return the chrF of each sentence, from 0 to 100, float64 `(sentences,)`.

    Args:
        translations: the translations to score.
        references: the references, in the same order.
        lowercase: whether to ignore case. Defaults to `False`.
    """
    chrf = CHRF(lowercase=lowercase)
    pairs = zip(translations, references, strict=True)
    return np.array([chrf.sentence_score(ours, [theirs]).score for ours, theirs in pairs])


def _score_form(translations: Sequence[str], references: Sequence[str], name: str) -> Scores:
    """Score the words of a text form unchanged, and then the text for people."""
    import tensorflow as tf

    from tf_transformer.text.forms import find_form, form_classes

    if name not in form_classes():
        known = [*BLEU.TOKENIZERS, *form_classes()]
        raise UserError(f"tokenize={name!r} is unknown: {suggest(name, known)}")
    form = find_form(name)

    def in_form(texts: Sequence[str]) -> list[str]:
        return [text.decode() for text in form.prepare(tf.constant(texts)).numpy()]

    for_people = as_people_read(translations, references, name)
    translations = in_form(translations)
    detokenized = _score(*for_people, "13a", lowercase=True)
    detokenized = dataclasses.replace(detokenized, sentences=None)  # in the outer scores
    return _score(translations, references, "none", detokenized=detokenized)


def _score(
    translations: Sequence[str],
    references: Sequence[str],
    tokenize: str,
    lowercase: bool = False,
    detokenized: Scores | None = None,
) -> Scores:
    # `force` suppresses the warning about tokenized text.
    try:
        bleu = BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
    except (ImportError, RuntimeError) as error:  # MeCab is not installed
        reason = " ".join(str(error).split())
        raise UserError(f"tokenize={tokenize!r} is not installed: {reason}") from error
    chrf = CHRF(lowercase=lowercase)
    found = bleu.corpus_score(translations, [references])
    return Scores(
        bleu=found.score,
        chrf=chrf.corpus_score(translations, [references]).score,
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
        detokenized=detokenized,
        length_ratio=found.sys_len / max(found.ref_len, 1),
        sentences=len(references),
    )
