"""The base of tasks that search: widths, batches and compiled searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import keras
import tensorflow as tf

from tf_transformer.decoding import BeamSearch, GreedySearch, Hypotheses, Sampling, Search
from tf_transformer.decoding.beam import length_penalty
from tf_transformer.decoding.loop import like
from tf_transformer.decoding.search import NEVER
from tf_transformer.errors import require
from tf_transformer.tasks.attention import attention_of
from tf_transformer.tasks.bucketing import in_turns
from tf_transformer.tasks.combinations import best_combinations, is_repeated
from tf_transformer.tasks.confidence import Confidence, all_the_evidence, with_known_share
from tf_transformer.tasks.pieces import as_parts, as_sentences, pieces_of, split_long
from tf_transformer.tasks.tags import Tags, prepend
from tf_transformer.tasks.task import Task
from tf_transformer.tasks.untracked import Untracked
from tf_transformer.tasks.widths import Widths
from tf_transformer.text.cleaning import clean_spaces, clean_text, is_copied
from tf_transformer.text.placeholders import Placeholders
from tf_transformer.text.sentences import join_sentences
from tf_transformer.text.spelling import restyle, usual_spelling
from tf_transformer.text.tokenizer import PAD, Tokenizer

# The types of each search's options, which are scalars.
_OPTIONS = {
    GreedySearch: {},
    BeamSearch: {"beam_size": tf.int32, "alpha": tf.float32},
    Sampling: {"temperature": tf.float32, "top_k": tf.int32, "top_p": tf.float32},
}


class SearchTask(Task):
    """Searches for the translations of sentences, in batches of similar length.

    Args:
        model: a `Transformer` or an `RNNTranslator`.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        jit_compile: whether XLA compiles the searches.
        name: name of the task.
        tags: tags of the languages that it translates into: see `Tags`. Defaults to none.
    """

    confidence: Confidence | None = None
    """The confidence in translations, if it is known; set it before the first graph is made."""

    def __init__(
        self,
        model: keras.Model,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        jit_compile: bool,
        name: str,
        tags: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(model, name)
        self.source_tokenizer = source_tokenizer
        self.target_tokenizer = target_tokenizer
        self.jit_compile = jit_compile
        self._placeholders = Placeholders(source_tokenizer, target_tokenizer)
        self._tags = Untracked(Tags(source_tokenizer, tags))
        self._widths = Widths(self.max_length, jit_compile)
        self._spelling = Untracked(self._separate_spelling())
        self._searches = Untracked(
            {search: self._compiled(search) for search in (GreedySearch, BeamSearch, Sampling)}
        )

    def _translate(
        self,
        pieces: tf.RaggedTensor,
        search: type[Search],
        options: Mapping[str, tf.Tensor] | None = None,
        chances: tf.Tensor | None = None,
        beam: tuple[int | tf.Tensor, ...] = (),
        tag: tf.Tensor | None = None,
    ) -> dict[str, tf.Tensor]:
        """Translate texts sentence by sentence, and join the translations.

        A sentence with nothing to translate is copied, with a score of 0.

        Args:
            pieces: the pieces of each text, from `_pieces`.
            search: class of the search.
            options: arguments of the search. Defaults to none.
            chances: the `draws` of each piece, `(pieces + 1, room)`, for `Sampling`.
            beam: shape of the results for a sentence; its sizes may be tensors.
            tag: tag of each text, string `(batch,)`, or of all. Defaults to none.

        Returns:
            `translation`, `score` and `truncated`, each `(batch, *beam)`. Scores are added up: the
            translations of a beam are the best combinations of those of the sentences. If the
            confidence is known, also its `evidence`, `(batch, *beam, evidence)`: for each kind, the
            lowest among the sentences.
        """
        sentences, marks = as_sentences(pieces.flat_values)
        shape = [tf.size(sentences), *beam]
        nothing = {
            "translation": tf.fill(shape, ""),
            "score": tf.zeros(shape),
            "truncated": tf.zeros(shape, tf.bool),
        }
        if self.confidence:
            nothing["evidence"] = all_the_evidence(shape)

        def answer(
            numbers: tf.Tensor,
            weights: list[tf.Tensor],
            source_ids: tf.Tensor,
            limits: tf.Tensor,
            cut: tf.Tensor,
        ) -> dict[str, tf.Tensor]:
            rows = {} if chances is None else {"draws": tf.gather(chances, numbers)}
            found, unfinished = self._search(
                search, weights, source_ids, limits, options or {}, rows
            )
            ids = tf.reshape(found.ids, [-1, tf.shape(found.ids)[-1]])
            texts = self.target_tokenizer.detokenize(ids)
            alpha = (options or {}).get("alpha", 0.0)
            return self._evidence(source_ids, found, alpha) | {
                "translation": tf.reshape(texts, tf.shape(found.scores)),
                "score": found.scores,
                "truncated": found.truncated | like(cut, found.truncated),
                "unfinished": unfinished,
            }

        usual, style, words = self._usual(sentences)
        tag_ids = None if tag is None else self._tags().ids_of_pieces(tag, pieces)
        found = self._answer_rows(usual, answer, nothing, tag_ids)
        written, columns = found["translation"], [-1, *[1 for _ in beam]]
        is_copy = tf.equal(clean_spaces(written), "")  # an empty translation is no answer
        found["translation"] = tf.where(
            is_copy,
            tf.reshape(as_parts(sentences, marks), columns),
            as_parts(self._presented(written, style, words), marks),
        )
        if self.confidence:
            known = self._placeholders.known_share(sentences, words, written)
            found["evidence"] = tf.where(
                tf.reshape(is_copied(sentences), [*columns, 1]),
                all_the_evidence(shape),
                with_known_share(found["evidence"], known),
            )
        return self._join(pieces, found, is_ranked=bool(beam))

    def _pieces(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Split texts into sentences, line breaks, and parts of sentences that are too long."""
        text = tf.convert_to_tensor(text)
        require(
            text.shape.rank == 1,
            f"text of shape {text.shape} where texts (batch,) are needed: give a list or a tensor, "
            "or call the translator itself.",
        )
        pieces = pieces_of(text)
        return split_long(pieces, self._is_long) if self.confidence else pieces

    def _is_long(self, pieces: tf.Tensor) -> tf.Tensor:
        """Return which pieces are longer than nearly all sentences in training."""
        sentences, _ = as_sentences(pieces)
        usual, _, _ = self._usual(sentences)
        return self.confidence.is_too_long(self._tokens(usual).to_tensor())

    def _presented(self, text: tf.Tensor, style: tf.Tensor, words: tf.Tensor) -> tf.Tensor:
        """Return translations for people, `(batch, ...)`: undo `_usual`."""
        text = self._placeholders.with_all(restyle(text, style), words)
        return self._placeholders.restore(text, words)

    def _usual(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return texts as the model knows them, their styles, and the words hidden in them.

        A text that has nothing to translate, apart from hidden words, becomes empty.
        """
        return self._spelling()(text)

    def _separate_spelling(self) -> Callable:
        """Return `_usual` as a separate graph, which all its calls share."""

        def usual(text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            text, words = self._placeholders.hide(text)
            text = tf.where(is_copied(text), "", text)
            return *usual_spelling(text, self.source_tokenizer), words

        return tf.function(
            usual,
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
            experimental_attributes={"_noinline": True},
        )

    def _join(
        self, pieces: tf.RaggedTensor, found: dict[str, tf.Tensor], is_ranked: bool
    ) -> dict[str, tf.Tensor]:
        """Join what was found for the pieces of each text: see `_translate`.

        Args:
            pieces: the pieces of each text.
            found: the results for each piece.
            is_ranked: whether the results are n-best lists.
        """
        texts, count = pieces.value_rowids(), pieces.nrows()
        if is_ranked:
            names = ("translation", "score", "truncated")
            columns = best_combinations(*(found[name] for name in names), pieces)
            found = {name: tf.gather(x, columns, batch_dims=1) for name, x in found.items()}
        cuts = tf.math.unsorted_segment_sum(tf.cast(found["truncated"], tf.int32), texts, count)
        joined = {
            "translation": join_sentences(pieces, found["translation"]),
            "score": tf.math.unsorted_segment_sum(found["score"], texts, count),
            "truncated": cuts > 0,
        }
        if "evidence" in found:
            joined["evidence"] = tf.math.unsorted_segment_min(found["evidence"], texts, count)
        if is_ranked:  # a copied text has a score of 0, and no other translation
            is_none = is_repeated(joined["translation"]) & (joined["score"][:, :1] != 0)
            joined["score"] = tf.where(is_none, NEVER, joined["score"])
        return joined

    def _evidence(
        self, source_ids: tf.Tensor, found: Hypotheses, alpha: float | tf.Tensor = 0.0
    ) -> dict[str, tf.Tensor]:
        """Return the `evidence` for the results, if the confidence is known."""
        if not self.confidence:
            return {}
        lengths = tf.reduce_sum(tf.cast(found.ids != PAD, tf.int32), axis=-1)
        log_probabilities = found.scores * length_penalty(lengths, alpha)
        return {"evidence": self.confidence.evidence(source_ids, found.ids, log_probabilities)}

    def _attention(
        self,
        source_ids: tf.Tensor,
        target_ids: tf.Tensor,
        source_words: tf.Tensor,
        target_words: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Return where the model looks, with hidden words among the tokens."""
        tokenizers = (self.source_tokenizer, self.target_tokenizer)
        found = attention_of(self._model(), *tokenizers, source_ids, target_ids)
        for side, words in (("source", source_words), ("target", target_words)):
            tokens = self._placeholders.restore(found[f"{side}_tokens"], words)
            found[f"{side}_tokens"] = tokens
        return found

    def _answer_rows(
        self,
        text: tf.Tensor,
        answer: Callable,
        found: dict[str, tf.Tensor],
        tag_ids: tf.Tensor | None = None,
    ) -> dict[str, tf.Tensor]:
        """Answer rows in batches of similar length.

        Few translations are much longer than their source, and a step costs more the more room
        there is. Rows thus get little room at first. Unfinished rows are answered a second time,
        with room up to their limits.

        Args:
            text: string `(rows,)`.
            answer: `(rows, weights, source_ids, limits, cut) -> found`, for a batch: a dictionary
                of tensors `(size, ...)`, and `"unfinished"`, bool `(size,)`. The weights are read
                once for all batches, because TensorFlow does not run functions side by side that
                read variables themselves.
            found: a dictionary of tensors `(rows, ...)`, of the shapes of the results.
            tag_ids: ids of tags, int32 `(rows,)`, PAD for none. Defaults to none.

        Returns:
            The results.
        """
        tokens, weights = self._tokens(text, tag_ids), self._read_weights()

        def answer_batch(rows: tf.Tensor, is_again: bool | tf.Tensor) -> dict[str, tf.Tensor]:
            return answer(rows, weights, *self._widths.sources(tokens, rows, is_again))

        return in_turns(answer_batch, tf.cast(tokens.row_lengths(), tf.int32), found)

    def _read_weights(self) -> list[tf.Tensor]:
        """Return the values of the weights: as inputs, they let all calls share one graph."""
        return [tf.convert_to_tensor(weight) for weight in self.weights]

    def _tokens(self, text: tf.Tensor, tag_ids: tf.Tensor | None = None) -> tf.RaggedTensor:
        """Return the source tokens, ragged `(batch, source)`; a blank row has none."""
        tokens = self.source_tokenizer.tokenize(self._tags().hide(clean_text(text)))
        return tokens if tag_ids is None else prepend(tag_ids, tokens)

    def _search(
        self,
        search: type[Search],
        weights: list[tf.Tensor],
        source_ids: tf.Tensor,
        limits: tf.Tensor,
        options: Mapping[str, tf.Tensor] = MappingProxyType({}),
        rows: Mapping[str, tf.Tensor] = MappingProxyType({}),
    ) -> tuple[Hypotheses, tf.Tensor]:
        """Return the results of a search, and which rows need more room, `(batch,)`."""
        options = {name: tf.cast(options[name], kind) for name, kind in _OPTIONS[search].items()}
        found = self._searches()[search](weights, source_ids, limits, options, dict(rows))
        return found, found.unfinished & (limits > self._room(source_ids))

    def _room(self, source_ids: tf.Tensor) -> tf.Tensor:
        return self._widths.targets(source_ids)

    def _compiled(self, search: type[Search]) -> Callable:
        """Return a search as a separate graph, which XLA compiles if it is on.

        One graph serves all shapes and options, except that XLA needs a graph for each shape. XLA
        also needs shapes that follow from other shapes: the room follows from the width of the
        source ids.
        """

        def run(
            weights: list[tf.Tensor],
            source_ids: tf.Tensor,
            limits: tf.Tensor,
            options: dict[str, tf.Tensor],
            rows: dict[str, tf.Tensor],
        ) -> Hypotheses:
            room = self._room(source_ids)
            limits = tf.minimum(limits, room)
            with keras.StatelessScope(zip(self._model().weights, weights, strict=True)):
                find = search(**options, min_length=1)
                return find(self._model(), source_ids, limits, room=room, **rows)

        return tf.function(
            run,
            input_signature=None if self.jit_compile else self._signature(search),
            jit_compile=self.jit_compile or None,
            autograph=False,
            experimental_attributes={"_noinline": True},  # three calls share one graph
        )

    def _signature(self, search: type[Search]) -> list[object]:
        """Return the input signature of a search's graph, for any shape."""
        options = {name: tf.TensorSpec([], kind) for name, kind in _OPTIONS[search].items()}
        return [
            [tf.TensorSpec(weight.shape, weight.dtype) for weight in self.weights],
            tf.TensorSpec([None, None], tf.int32),  # source ids
            tf.TensorSpec([None], tf.int32),  # limits
            options,
            {"draws": tf.TensorSpec([None, None], tf.float32)} if search is Sampling else {},
        ]
