"""A task's answers to a few texts while its model learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from tf_transformer.evaluation import score
from tf_transformer.tasks import map_texts
from tf_transformer.tasks.tags import split_tags
from tf_transformer.tasks.translating import best_of
from tf_transformer.tensorboard.markdown_table import markdown_table
from tf_transformer.text.tags import TAGS

if TYPE_CHECKING:
    from tf_transformer.data import Pairs
    from tf_transformer.tasks import Completer, TextClassifier, Translator

    Answers = dict[str, list[Any]]


class Samples(keras.callbacks.Callback):
    """Asks a task for its answers to a few texts after each epoch, the same texts each time.

    Args:
        answer: from a string tensor `(batch,)` to a dictionary of tensors with a row for each text.
        texts: the texts.
        table: from all answers, as `map_texts` returns them, to TensorBoard's table: columns of
            strings by title.
        title: title of the table.
        monitor: entry of the epoch's logs that tells which model is best: see `Checkpoints`.
            Defaults to `"val_loss"`.
        scores: from all answers to further entries of the logs. Defaults to none.

    Example:
        ```python
        import tensorflow as tf
        from tf_transformer.tensorboard import Samples

        samples = Samples(
            lambda text: {"upper": tf.strings.upper(text)},
            ["one", "two"],
            lambda found: {"text": ["one", "two"], "in capitals": found["upper"]},
            title="capitals",
        )
        samples.on_epoch_end(0)
        print(samples.table())  # Markdown
        ```
    """

    def __init__(
        self,
        answer: Callable[[tf.Tensor], Mapping[str, tf.Tensor]],
        texts: Sequence[str],
        table: Callable[[Answers], Mapping[str, Sequence[str]]],
        *,
        title: str,
        monitor: str = "val_loss",
        scores: Callable[[Answers], dict[str, float]] | None = None,
    ) -> None:
        super().__init__()
        self.title = title
        self.monitor = monitor
        self._texts = texts
        self._columns = table
        self._scores = scores
        self._answers: Answers = {}
        self._answer = tf.function(
            answer, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False
        )

    @classmethod
    def of_translator(
        cls, translator: Translator, pairs: Pairs, bleu_tokenize: str = "13a"
    ) -> Samples:
        """Return samples of translations. They add `val_bleu` to the logs; the highest is best.

        Args:
            translator: translator of the model in training.
            pairs: sentences, perhaps with tags before them, and their references.
            bleu_tokenize: how sacreBLEU splits words. Defaults to `"13a"`.
        """

        def translate(text: tf.Tensor) -> dict[str, tf.Tensor]:
            tag, text = split_tags(text)
            return best_of(translator.weigh_beam(text, 1, 0.0, tag))

        def table(found: Answers) -> dict[str, Sequence[str]]:
            return {
                "source": [source.lstrip(TAGS) for source in pairs.sources],
                "translation": found["translation"],
                "reference": pairs.targets,
            }

        def scores(found: Answers) -> dict[str, float]:
            return {"val_bleu": score(found["translation"], pairs.targets, bleu_tokenize).bleu}

        is_tagged = any(source.startswith(tuple(TAGS)) for source in pairs.sources)
        return cls(
            translate if is_tagged else translator.translate,
            pairs.sources,
            table,
            title="translations",
            monitor="val_bleu",
            scores=scores,
        )

    @classmethod
    def of_completer(
        cls,
        completer: Completer,
        prompts: Sequence[str],
        max_tokens: int = 100,
        temperature: float = 0.8,
    ) -> Samples:
        """Return samples of completions; the lowest validation loss is best.

        Args:
            completer: completer of the model in training.
            prompts: the prompts to complete.
            max_tokens: most tokens of a completion. Defaults to 100.
            temperature: temperature of the draws, the same in each epoch. Defaults to 0.8.
        """
        return cls(
            lambda text: completer.complete(text, max_tokens=max_tokens, temperature=temperature),
            prompts,
            lambda found: {"prompt": prompts, "completion": found["completion"]},
            title="completions",
        )

    @classmethod
    def of_classifier(
        cls, classifier: TextClassifier, texts: Sequence[str], labels: Sequence[str]
    ) -> Samples:
        """Return samples of classes; the highest validation accuracy is best.

        Args:
            classifier: classifier of the model in training.
            texts: the texts to classify.
            labels: names of the texts' classes.
        """

        def table(found: Answers) -> dict[str, Sequence[str]]:
            return {
                "text": texts,
                "class": labels,
                "answer": found["label"],
                "probability": [f"{probability:.0%}" for probability in found["probability"]],
            }

        return cls(classifier.classify, texts, table, title="classes", monitor="val_accuracy")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._answers = map_texts(self._answer, self._texts)
        if self._scores:
            logs |= self._scores(self._answers)

    def table(self, rows: int = 8) -> str:
        """Return the texts and the last answers as a Markdown table.

        Args:
            rows: most rows to show. Defaults to 8.
        """
        return markdown_table(self._columns(self._answers), rows)
