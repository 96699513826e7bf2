"""From text to text: tokenizers, model and search in one graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar

import keras
import tensorflow as tf

from tf_transformer.decoding import BeamSearch, GreedySearch, Sampling
from tf_transformer.tasks.attention import trim
from tf_transformer.tasks.bucketing import round_up, sizes_for
from tf_transformer.tasks.confidence import all_the_evidence, with_known_share
from tf_transformer.tasks.controlled import ASKED, ControlledTask
from tf_transformer.tasks.pieces import draws_of_pieces
from tf_transformer.tasks.served_translator import served_translator
from tf_transformer.tasks.task import SAMPLING, TEXT, as_declared
from tf_transformer.tasks.translating import Translating
from tf_transformer.text.cleaning import clean_text, is_copied
from tf_transformer.text.tokenizer import END, Tokenizer

_COMPILED = ("serving_default", "translate_beam")  # signatures that are warmed up
_WORD = "a"  # a token or two in any vocabulary


class Translator(Translating, ControlledTask):
    """Translates texts with a trained model.

    A row may hold several sentences and lines: they are cleaned (see `text.clean_text`), translated
    one by one, and joined again. The translation of a blank row is empty. Text without letters, and
    without digits except the number of a line in a list, is copied. A sentence that is too long for
    the model is cut, and its row is marked as truncated.

    The named methods take a string tensor `(batch,)` of any size, including 0, and of any bytes.
    They answer row by row, in order; other rows change nothing about a row. Many rows are sorted by
    length and go in batches.

    Args:
        model: a `Transformer` or an `RNNTranslator`.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        jit_compile: whether XLA compiles the searches. They are then several times as fast, after
            seconds of compiling for each of a few shapes. Defaults to `False`.
        tags: for each language that the model translates into, the usual one first, the symbol that
            asks for it: see `CorpusFacts.tags`. Defaults to none.

    Example:
        ```python
        import tf_transformer as tft

        sources, targets = ["bom dia.", "obrigado!"], ["good morning.", "thank you!"]
        tokenizers = tft.train_tokenizers(sources, targets, "characters", vocab_size=50)
        sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
        shape = {"num_layers": 1, "d_model": 32, "num_heads": 2, "d_ff": 64, "max_length": 20}
        model = tft.Transformer(tft.TransformerConfig(*sizes, **shape))
        translate = tft.Translator(model, *tokenizers)
        translate("bom dia.")  # a str of letters at random: it has learned nothing
        translate(sources, beam_size=4)  # a list of two
        translate("obrigado!", beam_size=4, details=True)["scores"]  # four numbers
        translate.attention("obrigado!")["source_tokens"]
        ```
    """

    inputs: ClassVar = {
        "translate": [TEXT],
        "translate_beam": [
            TEXT,
            tf.TensorSpec([], tf.int32, name="beam_size"),
            tf.TensorSpec([], tf.float32, name="alpha"),
        ],
        "translate_to": [
            TEXT,
            tf.TensorSpec([None], tf.string, name="to"),
            tf.TensorSpec([], tf.int32, name="beam_size"),
            tf.TensorSpec([], tf.float32, name="alpha"),
        ],
        "translate_controlled": [
            *ASKED,
            tf.TensorSpec([], tf.int32, name="beam_size"),
            tf.TensorSpec([], tf.float32, name="alpha"),
            tf.TensorSpec([], tf.int32, name="groups"),
            tf.TensorSpec([], tf.float32, name="diversity"),
        ],
        "sample": [TEXT, *SAMPLING],
        "sample_controlled": [*ASKED, *SAMPLING],
        "attend": [TEXT],
        "align": [TEXT, tf.TensorSpec([None], tf.string, name="translation")],
        "embed": [TEXT],
        "is_too_long": [TEXT],
    }

    def __init__(
        self,
        model: keras.Model,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        jit_compile: bool = False,
        tags: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        tokenizers = (source_tokenizer, target_tokenizer)
        super().__init__(model, *tokenizers, jit_compile, name="translator", tags=tags)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it translates into, the usual one first; none if they are unknown."""
        return self._tags().languages

    def translate(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate greedily.

        Args:
            text: string `(batch,)`.

        Returns:
            `translation`, string `(batch,)`; `score`, float32 `(batch,)`, its log-probability;
            `truncated`, bool `(batch,)`; and `confidence`, float32 `(batch,)`, if it is known: see
            `Confidence`.
        """
        return self._with_confidence(self._translate(self._pieces(text), GreedySearch))

    def translate_beam(
        self, text: tf.Tensor, beam_size: int | tf.Tensor = 4, alpha: float | tf.Tensor = 0.6
    ) -> dict[str, tf.Tensor]:
        """Translate with beam search.

        Args:
            text: string `(batch,)`.
            beam_size: int scalar, hypotheses of a row. Defaults to 4.
            alpha: float scalar, strength of the length penalty. Defaults to 0.6.

        Returns:
            `translations`, string `(batch, beam_size)`, best first; `scores`, float32
            `(batch, beam_size)`, log-probabilities divided by the length penalty; `truncated`, bool
            `(batch, beam_size)`; and `confidence`, float32 `(batch, beam_size)`, if it is known.
            Texts differ. If a beam has found fewer, its last texts repeat others, with a score of
            -1e9; but a text that is only copied fills its row, with scores of 0.
        """
        return self._with_confidence(self.weigh_beam(text, beam_size, alpha))

    def translate_to(
        self,
        text: tf.Tensor,
        to: tf.Tensor,
        beam_size: int | tf.Tensor = 4,
        alpha: float | tf.Tensor = 0.6,
    ) -> dict[str, tf.Tensor]:
        """Translate with beam search, each text into its own language.

        Args:
            text: string `(batch,)`.
            to: string `(batch,)`, each one of `languages`.
            beam_size: as of `translate_beam`. Defaults to 4.
            alpha: as of `translate_beam`. Defaults to 0.6.

        Returns:
            What `translate_beam` returns.
        """
        tag = self._tags().of_languages(to)
        return self._with_confidence(self.weigh_beam(text, beam_size, alpha, tag))

    def weigh_beam(
        self,
        text: tf.Tensor,
        beam_size: int | tf.Tensor = 4,
        alpha: float | tf.Tensor = 0.6,
        tag: tf.Tensor | None = None,
    ) -> dict[str, tf.Tensor]:
        """Translate with beam search, and return the evidence for the translations.

        Args:
            text: as of `translate_beam`.
            beam_size: as of `translate_beam`. Defaults to 4.
            alpha: as of `translate_beam`. Defaults to 0.6.
            tag: tag of each text, string `(batch,)`, or of all. Defaults to none.

        Returns:
            The results of `translate_beam`, with `evidence`, float32 `(batch, beam_size,
            evidence)`, in place of the confidence: see `Confidence`.
        """
        beam_size, alpha = as_declared(self.inputs["translate_beam"], beam_size, alpha)
        options = {"beam_size": beam_size, "alpha": alpha}
        found = self._translate(self._pieces(text), BeamSearch, options, beam=(beam_size,), tag=tag)
        return {
            "translations": found.pop("translation"),
            "scores": found.pop("score"),
            **found,
        }

    def sample(
        self,
        text: tf.Tensor,
        seed: int | tf.Tensor = 0,
        temperature: float | tf.Tensor = 1.0,
        top_k: int | tf.Tensor = 0,
        top_p: float | tf.Tensor = 1.0,
    ) -> dict[str, tf.Tensor]:
        """Draw a translation at random, token by token.

        A row's draws depend on the seed and the row's number.

        Args:
            text: string `(batch,)`.
            seed: int scalar. Defaults to 0.
            temperature: divides the logits; 0 takes the most probable token. Defaults to 1.
            top_k: draw from the k most probable tokens only; 0 means all. Defaults to 0.
            top_p: draw from the fewest tokens that hold this share of the probability. Defaults
                to 1.

        Returns:
            `translation`, `score`, `truncated` and perhaps `confidence`, as in `translate`.
        """
        pieces = self._pieces(text)
        draws = draws_of_pieces(seed, pieces, self.max_length)
        options = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        return self._with_confidence(self._translate(pieces, Sampling, options, draws))

    def attend(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate greedily, and return where the model looked.

        Args:
            text: string `(batch,)`.

        Returns:
            `translation`, string `(batch,)`; `source_tokens`, string `(batch, source)`;
            `target_tokens`, string `(batch, target)`, both padded with empty strings;
            `attention`, float32 `(batch, layers, heads, target, source)`: row `t` is where the
            decoder looked when it wrote target token `t`. If the model has self-attention, also
            `encoder_attention`, `(batch, layers, heads, source, source)`, and `decoder_attention`,
            `(batch, layers, heads, target, target)`: its row `t` belongs to the same step, and its
            columns are START and all target tokens but the last. If it is known, also `confidence`,
            float32 `(batch,)`.
        """
        count = tf.size(text)
        size = round_up(count, sizes_for(1)) if self.jit_compile else count  # few to compile
        rows = tf.minimum(tf.range(tf.maximum(size, count)), count)  # the last may be no row
        text = clean_text(text)
        usual, style, words = self._usual(text)
        tokens = self._tokens(usual)
        source_ids, limits, _ = self._widths.sources(tokens, rows, is_long=True)
        found, _ = self._search(GreedySearch, self._read_weights(), source_ids, limits)
        weighed = self._evidence(source_ids, found)
        source_ids, ids = (trim(ids[:count]) for ids in (source_ids, found.ids))
        written = self.target_tokenizer.detokenize(ids)
        translation = self._presented(written, style, words)
        if weighed:
            known = self._placeholders.known_share(text, words, written)
            evidence = with_known_share(weighed["evidence"][:count], known)
            is_copy = is_copied(text)[:, None]
            weighed = {"evidence": tf.where(is_copy, all_the_evidence([count]), evidence)}
        return {
            "translation": tf.where(tf.equal(usual, ""), text, translation),
            **self._attention(source_ids, ids, words, words),
            **self._with_confidence(weighed),
        }

    def align(self, text: tf.Tensor, translation: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return where the model looks as it writes a given translation.

        Args:
            text: string `(batch,)`.
            translation: string `(batch,)`.

        Returns:
            The results of `attend`, without `translation`.
        """
        rows = tf.range(tf.size(text))
        text, words = self._placeholders.hide(clean_text(text))
        source_ids, _, _ = self._widths.sources(self._tokens(text), rows, is_long=False)
        translation, others = self._placeholders.hide(clean_text(translation))
        ids = self.target_tokenizer.tokenize(translation)[:, : self.max_length - 1]
        ends = tf.fill([ids.nrows(), 1], END)
        ids = tf.concat([ids, ends], axis=1).to_tensor()
        return self._attention(trim(source_ids), ids, words, others)

    def embed(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the mean of the encoder's output over real positions.

        Args:
            text: string `(batch,)`.

        Returns:
            `embedding`, float32 `(batch, d_model)`.
        """

        def answer(
            rows: tf.Tensor,
            weights: list[tf.Tensor],
            source_ids: tf.Tensor,
            limits: tf.Tensor,
            cut: tf.Tensor,
        ) -> dict[str, tf.Tensor]:
            memory, mask = self._model().encode(source_ids)
            shares = tf.cast(mask[:, 0, 0, :, None], tf.float32)  # (batch, source, 1)
            total = tf.reduce_sum(tf.cast(memory, tf.float32) * shares, axis=1)
            return {
                "embedding": total / tf.reduce_sum(shares, axis=1),
                "unfinished": tf.zeros_like(cut),
            }

        text, _ = self._placeholders.hide(clean_text(text))
        nothing = tf.zeros([tf.size(text), self._model().config.d_model])
        return self._answer_rows(text, answer, {"embedding": nothing})

    def is_too_long(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return which texts have a sentence longer than nearly all sentences in training.

        Args:
            text: string `(batch,)`.

        Returns:
            `is_too_long`, bool `(batch,)`; `False` if the longest in training is unknown.
        """
        if not self.confidence:
            return {"is_too_long": tf.fill(tf.shape(text), False)}
        pieces = self._pieces(text)
        is_long = self._is_long(pieces.flat_values)
        counts = tf.math.unsorted_segment_sum(
            tf.cast(is_long, tf.int32), pieces.value_rowids(), pieces.nrows()
        )
        return {"is_too_long": counts > 0}

    def served(
        self, beam_size: int = 4, alpha: float = 0.6, control: bool = False
    ) -> tuple[tf.Module, dict[str, Callable]]:
        """Return the contents of this translator's SavedModel, and its signatures by name.

        Each signature takes strings `(batch,)`, `text`, and returns:

        - `serving_default`: `translation`, `score` (log-probability) and `truncated`, from greedy
          search
        - `translate_beam`: `translations` and `scores`, `(batch, beam)`, best first, from beam
          search with these options
        - `attend`: `translation`, `source_tokens`, `target_tokens`, `attention`,
          `(batch, layers, heads, target, source)`, and the self-attention of encoder and decoder,
          `encoder_attention` and `decoder_attention`
        - `embed`: `embedding`, `(batch, d_model)`
        - `translate_to`, if the model has several languages: from `text` and `to`, strings
          `(batch,)`, the `translation`, its `score` and `truncated`, from beam search as above
        - `translate_controlled`, with `control`: from the first inputs of the method of that name,
          each `(batch,)`, the `translation`, its `score` and `truncated`, `tokens`,
          `log_probabilities` and `alignment`, from beam search as above

        If the confidence is known, signatures that translate also return the `confidence` in each
        translation, and there are further functions: `good_chrf()`, the lowest chrF of a good
        translation; `usual_longest()`, the most tokens of nearly all sources in training; and
        `is_too_long(text)`.

        Loaded in Python, it also has the functions `search(text, beam_size, alpha)`, like
        `translate_beam` with `truncated`, and `sample(text, seed, temperature, top_k, top_p)`.
        They are not signatures, whose inputs all need the same batch size. With several languages,
        there are also `languages()` and `search_to(text, to, beam_size, alpha)`; with `control`,
        `search_controlled`, with all inputs of `translate_controlled`. XLA does not compile it.
        """
        return served_translator(self, beam_size, alpha, control)

    def shapes(self) -> list[tuple[int, int]]:
        """Return inputs for each shape that XLA compiles searches for: see `Widths.shapes`."""
        return self._widths.shapes()

    def warm_up_requests(self) -> list[tuple[str, list[str]]]:
        """Return requests that make XLA compile everything.

        Returns:
            A list of `(signature, texts)`, one for each shape and each signature that is compiled;
            none if XLA is off.
        """
        shapes = self.shapes()
        if not shapes:
            return []
        texts = [" ".join([_WORD] * count) for count in range(1, self.max_length + 1)]
        tokens = self.source_tokenizer.tokenize(tf.constant(texts)).row_lengths().numpy()
        rows = [[texts[(tokens >= least).argmax()]] * count for count, least in shapes]
        return [(signature, each) for signature in _COMPILED for each in rows]

    def _with_confidence(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the results with the confidence that follows from their evidence, if any."""
        evidence = found.pop("evidence", None)
        return found if evidence is None else {**found, "confidence": self.confidence.of(evidence)}
