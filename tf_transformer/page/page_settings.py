"""What the page knows of a model, apart from its weights: vocabularies, rules, facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sentencepiece

from tf_transformer.errors import require
from tf_transformer.export import ModelCard
from tf_transformer.export.engine_files import settings
from tf_transformer.models import Transformer
from tf_transformer.page.javascript_patterns import text_rules
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.text import SentencePiece, Tokenizer
from tf_transformer.text.forms import PLAIN
from tf_transformer.text.tokenizer import SPECIAL_LABELS

_EXAMPLES = (
    "Quem vendeu a casa azul?",
    "O gato que dorme na cadeira é preto.",
    "A minha irmã comprou um livro sobre a história de Portugal.",
    "Ela não gosta do café. Vendeste a casa?",
    "Os meninos comeram três maçãs?",
    "O ladrão por quem o rapaz se apaixonou é sensível.",
)
_UNKNOWN_PENALTY = np.float32(10)  # SentencePiece's, below the least probable piece


def page_settings(
    model: Transformer,
    source: Tokenizer,
    target: Tokenizer,
    card: ModelCard | None,
    confidence: Confidence | None,
    examples: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return what `translator.js` and `page.js` read.

    Args:
        model: the model.
        source: its tokenizer of sources.
        target: its tokenizer of targets.
        card: the facts about it, if they are known.
        confidence: the confidence in its translations, if it is known.
        examples: sentences to choose from. Defaults to a few in Portuguese, for a model of it.

    Raises:
        UserError: if the page cannot read the text that the model reads.
    """
    for tokenizer in (source, target):
        _require_readable(tokenizer)
    values = settings(model, source, target, card)
    known = values.pop("known_characters", None)
    same = source is target or source.model == target.model
    languages = card.languages if card else ""
    if examples is None:
        examples = _EXAMPLES if languages.startswith("pt") else ()
    return {
        **values,
        "rules": text_rules(known),
        "tokenizers": {
            "source": unigram_model(source.model),
            "target": None if same else unigram_model(target.model),
        },
        "confidence": confidence and _learned(confidence),
        "languages": languages,
        "facts": card.facts() if card else [],
        "examples": list(examples),
    }


def _require_readable(tokenizer: Tokenizer) -> None:
    require(
        isinstance(tokenizer, SentencePiece) and tokenizer.form.name == PLAIN,
        "the page is for models that read plain text with a SentencePiece vocabulary, not "
        f"{tokenizer.form.name} text with a {tokenizer.kind} vocabulary: serve this one with "
        "tft serve.",
    )


def unigram_model(model: bytes) -> dict[str, Any]:
    """Return a SentencePiece model as `tokenizer.js` reads it.

    Args:
        model: the serialised model, of the kind unigram and with byte fallback.

    Returns:
        `labels`, the pieces; `scores`, the log-probability of each, `None` for special ids and
        bytes; and `unknown_score`, that of a character without a piece.
    """
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    ids = range(processor.get_piece_size())
    labels = [processor.id_to_piece(i) for i in ids]
    special = [processor.is_control(i) or processor.is_unknown(i) for i in ids]
    symbols = range(len(SPECIAL_LABELS), labels.index("<0x00>"))
    is_piece = [not special[i] and not processor.is_byte(i) and i not in symbols for i in ids]
    scores = [float(processor.get_score(i)) if is_piece[i] else None for i in ids]
    found = [score for score in scores if score is not None]
    for i in symbols:  # SentencePiece counts a symbol as its most probable piece, for each byte
        scores[i] = len(labels[i].encode()) * max(found) - 0.1
    return {
        "labels": labels,
        "scores": scores,
        "unknown_score": float(np.float32(min(found)) - _UNKNOWN_PENALTY),
    }


def _learned(confidence: Confidence) -> dict[str, Any]:
    names = ("counts", "means", "scales", "weights", "bias", "longest", "usual_longest")
    return {name: value for name, value in confidence.to_dict().items() if name in names}
