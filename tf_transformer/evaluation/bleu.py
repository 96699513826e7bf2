"""Corpus BLEU and chrF, with the signatures that make them comparable."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sacrebleu.metrics import BLEU, CHRF

from tf_transformer.config import suggest
from tf_transformer.errors import UserError


@dataclasses.dataclass(frozen=True)
class Scores:
    """BLEU and chrF of a corpus, from 0 to 100, with sacreBLEU's signatures."""

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str

    def __str__(self):
        return (
            f"BLEU {self.bleu:.2f}  {self.bleu_signature}\n"
            f"chrF {self.chrf:.2f}  {self.chrf_signature}"
        )


def score(translations: Sequence[str], references: Sequence[str], tokenize: str = "13a") -> Scores:
    """Score translations against one reference each.

    Args:
        translations: what is scored.
        references: what they should be, in the same order.
        tokenize: how sacreBLEU splits words for BLEU; `"none"` for text that is tokenized
            already. Defaults to `"13a"`.

    Returns:
        The `Scores` of the corpus as a whole.

    Raises:
        UserError: if there is nothing to score, the numbers differ, or `tokenize` is unknown.

    Reference:
        Post 2018, *A Call for Clarity in Reporting BLEU Scores*; Popović 2015, *chrF: character
        n-gram F-score for automatic MT evaluation*.
    """
    if len(translations) != len(references):
        raise UserError(
            f"{len(translations)} translations cannot be scored against {len(references)} "
            "references: each translation wants one reference."
        )
    if not references:
        raise UserError(
            "there is nothing to score: the lists of translations and references are empty."
        )
    if tokenize not in BLEU.TOKENIZERS:
        raise UserError(f"tokenize={tokenize!r} is unknown: {suggest(tokenize, BLEU.TOKENIZERS)}")
    bleu = BLEU(tokenize=tokenize, force=True)  # no warning of corpora that come tokenized
    chrf = CHRF()
    return Scores(
        bleu=bleu.corpus_score(translations, [references]).score,
        chrf=chrf.corpus_score(translations, [references]).score,
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
    )
