"""The card of an exported model: what people should know about it."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import keras

from tf_transformer.config import CorpusFacts, ModelConfig, TrainingConfig
from tf_transformer.errors import UserError, counted


class _Kind(NamedTuple):
    title: str
    output: str  # the first output of `serving_default`
    unit: str  # of its training data
    advice: str


_TEXT_ADVICE = """\
It works only on texts like those it was trained on. Do not rely on it where a mistake does harm.
"""

_KINDS = {  # by the task of the model's configuration
    "translator": _Kind(
        "Translation model",
        "translation",
        "pair",
        "It translates only sentences like those it was trained on. Do not rely on it where a "
        "wrong\ntranslation does harm.\n",
    ),
    "completer": _Kind("Language model", "completion", "document", _TEXT_ADVICE),
    "classifier": _Kind("Classifier of texts", "label", "text", _TEXT_ADVICE),
}

_ON_CASE = """
Give it text as people write it, and its answer is such text too. In between, the text is in lower
case and split into words, like its training data (`{}`). The first word of a sentence, "I", days,
months and titles get their capitals back, but names do not.
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelCard:
    """Tells what a model was trained on, how it scores and how it may be used.

    `str(card)` is its text in Markdown. Unknown facts are left out.

    Args:
        model_config: the configuration of the model, whatever its task.
        parameters: number of weights.
        corpus: the facts about the text that it was trained on. Defaults to none.
        split: name of the split that was scored. Defaults to none.
        scores: a `Scores` on that split, or other measures by name. Defaults to none.
        baselines: the `Baselines` that it was compared with. Defaults to none.
        confidence: the quality of the confidence in translations, in words. Defaults to none:
            unknown.
        longest_source: tokens of the longest source in training; 0 means unknown. Defaults to 0.
        usual_longest_source: tokens of the longest source, leaving out one in a thousand. Defaults
            to `longest_source`.
        search: the search that found translations: `{"beam_size": …, "alpha": …}`. Defaults to
            none.
        training_config: the configuration of its training. Defaults to none.
        steps: optimizer steps that the weights were trained for; 0 means unknown. Defaults to 0.
        is_saved_model: whether the model is a SavedModel, which TensorFlow alone can load. Defaults
            to `True`.

    Example:
        ```python
        import tf_transformer as tft

        config = tft.CausalLMConfig(vocab_size=100)
        corpus = tft.config.CorpusFacts("letters.txt", license="CC0 1.0", size=12)
        card = tft.export.ModelCard(
            model_config=config,
            parameters=4321,
            corpus=corpus,
            split="validation",
            scores={"loss": 1.5},
        )
        assert "| loss on `validation` | 1.5 |" in str(card)
        ```
    """

    model_config: ModelConfig
    parameters: int
    corpus: CorpusFacts | None = None
    split: str = ""
    scores: object = None
    baselines: object = None
    confidence: str = ""
    longest_source: int = 0
    usual_longest_source: int = 0
    search: Mapping[str, object] = dataclasses.field(default_factory=dict)
    training_config: TrainingConfig | None = None
    steps: int = 0
    is_saved_model: bool = True

    @classmethod
    def of(cls, model: keras.Model, **facts: object) -> ModelCard:
        """Return the card of a model.

        Args:
            model: the model, which gives configuration, number of weights and training steps.
            **facts: other fields of the card. Defaults to those from the model.
        """
        optimizer = getattr(model, "optimizer", None)
        known = {
            "model_config": model.config,
            "parameters": model.count_params(),
            "steps": int(optimizer.iterations) if optimizer else 0,
        }
        return cls(**known | facts)

    @property
    def languages(self) -> str:
        """The directions of a translation model, such as "pt → en"; empty if they are unknown."""
        corpus = self.corpus
        if not corpus or not corpus.source_language:
            return ""
        return ", ".join(dict.fromkeys(map(_direction, (corpus, *corpus.parts))))

    def facts(self, note: str = "") -> list[tuple[str, str]]:
        """Return the facts about training and scores, each a pair of a name and a fact.

        Args:
            note: a note on how it was scored. Defaults to none.
        """
        facts = self._facts_of_corpus()
        if self.steps:
            facts.append(("training", counted(self.steps, "step")))
        if self.longest_source:
            facts.append(("longest source in training", counted(self.longest_source, "token")))
        if isinstance(self.scores, Mapping):
            facts += [(self._on_split(name), _shown(name, x)) for name, x in self.scores.items()]
        elif self.scores:
            facts += self._facts_of_translations(note)
        confidence = [("confidence", self.confidence)] if self.confidence else []
        return facts + self._facts_of_baselines() + confidence

    def require_learned(self, export_anyway: bool = False) -> None:
        """Check that the model is good enough to export.

        Args:
            export_anyway: whether to accept, with a printed note, a model that is not clearly
                better than its baselines. Defaults to `False`.

        Raises:
            UserError: if it is not good enough, or if its scores are NaN or infinite.
        """
        scores = self.scores or {}
        values = scores if isinstance(scores, Mapping) else vars(scores)
        numbers = [value for value in values.values() if isinstance(value, float)]
        if not all(map(math.isfinite, numbers)):
            raise UserError(
                "the scores of the model are NaN or infinite, so it is not exported: its training "
                "has diverged; train another with a lower learning_rate."
            )
        doubt = self.baselines.doubt if self.baselines else ""
        if doubt and not export_anyway:
            raise UserError(
                f"{doubt}, so it is not exported: train it longer or on more text, or set "
                "export_anyway=True."
            )
        if doubt:
            print(f"{doubt[0].upper()}{doubt[1:]}; it is exported anyway.")

    def __str__(self) -> str:
        kind = self._kind
        form = self.corpus.text_form if self.corpus else "plain"
        on_case = "" if form == "plain" else _ON_CASE.format(form)
        configs = [config for config in (self.model_config, self.training_config) if config]
        shown = "\n\n".join(f"```json\n{config.to_json()}\n```" for config in configs)
        return f"""# {" ".join(filter(None, (kind.title, self.languages)))}

A {self.model_config.title} with {counted(self.parameters, "weight")}, exported by tf_transformer \
on {datetime.date.today():%Y-%m-%d}.

{table(self.facts())}
## Use

```python
import tf_transformer as tft

model = tft.load("PATH_OF_THIS_DIRECTORY")
model("…")
{self._in_other_languages}{self._without_this_package}```

{kind.advice}{on_case}
## Configuration

{shown}
"""

    @property
    def _in_other_languages(self) -> str:
        """Lines that show how to translate into the other languages, if there are several."""
        languages = [*self.corpus.tags][1:] if self.corpus else []
        return "".join(f'model("…", to="{language}")\n' for language in languages)

    @property
    def _without_this_package(self) -> str:
        """Lines that show how to call a SavedModel with only TensorFlow."""
        if not self.is_saved_model:
            return ""
        return f"""
# Or with only TensorFlow and tensorflow-text:
import tensorflow as tf
import tensorflow_text  # registers the tokenizer's operations

model = tf.saved_model.load("PATH_OF_THIS_DIRECTORY")
model.signatures["serving_default"](tf.constant(["…"]))["{self._kind.output}"]
"""

    @property
    def _kind(self) -> _Kind:
        return _KINDS[self.model_config.task]

    def _facts_of_corpus(self) -> list[tuple[str, str]]:
        corpus = self.corpus
        if not corpus:
            return []
        size = f", {counted(corpus.size, self._kind.unit)}" if corpus.size else ""
        facts = [
            ("training data", f"`{corpus.name}`{size}"),
            ("licence of the data", corpus.license),
        ]
        if corpus.is_non_commercial:
            facts.append(("use of the weights", "non-commercial, as the licence of the data asks"))
        facts += [(f"of these, {_direction(part)}", self._part(part)) for part in corpus.parts]
        return facts + ([("classes", ", ".join(corpus.classes))] if corpus.classes else [])

    def _part(self, part: CorpusFacts) -> str:
        """Describe a corpus of a mixture."""
        form = "" if part.text_form == "plain" else f", in the form {part.text_form}"
        size = counted(part.size, self._kind.unit)
        return f"`{part.name}`, {size}, {part.weight:g} × an epoch{form}; {part.license}"

    def _facts_of_translations(self, note: str) -> list[tuple[str, str]]:
        found_by = [f"{name} {value:g}" for name, value in self._search_in_words().items()]
        how = ", ".join([*found_by, *filter(None, [note])])
        on = f" ({how})" if how else ""
        facts = _bleu_and_chrf(self.scores, on, self._on_split)
        if self.scores.detokenized:
            facts += _bleu_and_chrf(self.scores.detokenized, f"{on}, detokenized", self._on_split)
        for name, scores in (self.scores.by_corpus or {}).items():
            facts += _bleu_and_chrf(scores, f", `{name}`", self._on_split)
        return facts + ([("note", self.scores.doubt)] if self.scores.doubt else [])

    def _facts_of_baselines(self) -> list[tuple[str, str]]:
        found = self.baselines
        if not found:
            return []
        facts = [(self._on_split(name), words) for name, words in found.in_words().items()]
        return facts + ([("warning", found.doubt)] if found.doubt else [])

    def _search_in_words(self) -> dict[str, object]:
        names = {"beam_size": "beam", "alpha": "length penalty"}
        return {name: self.search[field] for field, name in names.items() if field in self.search}

    def _on_split(self, name: str) -> str:
        return f"{name} on `{self.split}`" if self.split else name


def table(facts: list[tuple[str, str]]) -> str:
    """Return a Markdown table of pairs of texts; empty without pairs."""
    if not facts:
        return ""
    rows = [f"| {_cell(name)} | {_cell(fact)} |" for name, fact in facts]
    return "\n".join(["| | |", "|---|---|", *rows, ""])


def _direction(corpus: CorpusFacts) -> str:
    return f"{corpus.source_language} → {corpus.target_language}"


def _bleu_and_chrf(
    scores: object, on: str, on_split: Callable[[str], str]
) -> list[tuple[str, str]]:
    return [
        (f"{on_split('BLEU')}{on}", f"{scores.bleu:.2f} (`{scores.bleu_signature}`)"),
        (f"{on_split('chrF')}{on}", f"{scores.chrf:.2f} (`{scores.chrf_signature}`)"),
    ]


def _shown(name: str, value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2%}" if "accuracy" in name else f"{value:.4g}"


def _cell(text: str) -> str:
    """Escape bars and line breaks, which would divide a table's cell, even in code."""
    return " ".join(text.split()).replace("|", "\\|")
