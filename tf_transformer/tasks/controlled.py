"""Translation as a user asks for it: beginnings, words that must or must not appear, terms."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import tensorflow as tf

from tf_transformer.decoding import (
    Control,
    ControlledBeamSearch,
    DiverseBeamSearch,
    Phrases,
    Sampling,
    Search,
    draws_for,
)
from tf_transformer.tasks.attention import alignment_weights, token_log_probabilities, trim
from tf_transformer.tasks.n_best import BeamAndGroups, n_best
from tf_transformer.tasks.search_task import SearchTask
from tf_transformer.tasks.task import TEXT, as_declared
from tf_transformer.tasks.word_alignment import numbers_of_words, word_alignment
from tf_transformer.text.cleaning import clean_spaces, clean_text, is_copied
from tf_transformer.text.rules import PLACEHOLDERS
from tf_transformer.text.spelling import USUAL, capitalize, usual_spelling
from tf_transformer.text.tokenizer import PAD

Tensors = dict[str, tf.Tensor]

ASKED = [
    TEXT,
    *(tf.TensorSpec([None], tf.string, name=name) for name in ("prefix", "must", "must_not")),
    tf.TensorSpec([None], tf.string, name="terms"),
    tf.TensorSpec([None], tf.bool, name="copy"),
    tf.TensorSpec([None], tf.int32, name="min_length"),
]
"""The inputs of a controlled translation: texts, and what users ask of each."""

_BETWEEN_PHRASES = "\n"
_BETWEEN_SIDES = "\t"  # of a term


class ControlledTask(SearchTask):
    """Translates texts, each as one sentence, under a `Control`."""

    def translate_controlled(
        self,
        text: tf.Tensor,
        prefix: tf.Tensor,
        must: tf.Tensor,
        must_not: tf.Tensor,
        terms: tf.Tensor,
        copy: tf.Tensor,
        min_length: tf.Tensor,
        beam_size: int | tf.Tensor = 4,
        alpha: float | tf.Tensor = 0.6,
        groups: int | tf.Tensor = 1,
        diversity: float | tf.Tensor = 0.0,
    ) -> dict[str, tf.Tensor]:
        """Translate with beam search what users ask for, each text as one sentence.

        A text that is only copied stays as it is. Words are what stands between spaces, signs and
        the ends of the text, and are compared as they are written.

        Args:
            text: string `(batch,)`.
            prefix: string `(batch,)`, what each translation begins with, as it is written. After
                white space at its end, a word begins. An empty one asks for nothing, and so do
                empty strings below.
            must: string `(batch,)`, phrases that each translation holds as whole words, one a line.
                A sentence that cannot hold them within its limit is cut, and is marked as
                truncated.
            must_not: string `(batch,)`, phrases that no translation has as whole words, one a line,
                also with a first capital or in capitals. Words of the prefix and copied words are
                not the search's, and may break this.
            terms: string `(batch,)`, terms of the text, one a line, each followed by a tab and its
                translation, or copied without one. At most four words and terms are hidden behind
                placeholders; others are translated freely.
            copy: bool `(batch,)`, whether links, e-mail addresses and words with a digit are copied
                as terms are.
            min_length: int `(batch,)`, fewest tokens of a translation, without END.
            beam_size: int scalar, hypotheses of a row. Defaults to 4; 1 is greedy search.
            alpha: float scalar, strength of the length penalty. Defaults to 0.6.
            groups: int scalar, groups of hypotheses that avoid one another, of `beam_size //
                groups` each. With more than 1, the usual beam is searched, too: its best
                translation comes first of those that are chosen, then what the groups found, and
                the rest of the beam fills places that are left. Defaults to 1.
            diversity: float scalar, the log-probability that a token costs for each hypothesis of
                earlier groups that has it at the same place: see `DiverseBeamSearch`. Defaults to
                0.

        Returns:
            `translations`, string `(batch, beam_size)`, best first; `scores`, float32
            `(batch, beam_size)`, log-probabilities divided by the length penalty; `truncated`, bool
            `(batch, beam_size)`. Of the best: `tokens`, string `(batch, target)`, padded with empty
            strings; `log_probabilities`, float32 `(batch, target)`, of each token, 0 for padding;
            and `alignment`, string `(batch,)`: see `word_alignment`. There is no confidence, which
            was learned from translations that nobody controlled.
        """
        asked = (prefix, must, must_not, terms, copy, min_length)
        options = self.inputs["translate_controlled"]
        beam_size, alpha, groups, diversity = as_declared(
            options, beam_size, alpha, groups, diversity
        )

        def search(control: Control) -> BeamAndGroups:
            beam = ControlledBeamSearch(beam_size, alpha, control=control)
            group = dataclasses.replace(beam, beam_size=beam_size // groups, strength=diversity)
            return BeamAndGroups(beam, DiverseBeamSearch(group, groups))

        return self._translate_controlled(text, asked, search)

    def sample_controlled(
        self,
        text: tf.Tensor,
        prefix: tf.Tensor,
        must: tf.Tensor,
        must_not: tf.Tensor,
        terms: tf.Tensor,
        copy: tf.Tensor,
        min_length: tf.Tensor,
        seed: int | tf.Tensor = 0,
        temperature: float | tf.Tensor = 1.0,
        top_k: int | tf.Tensor = 0,
        top_p: float | tf.Tensor = 1.0,
    ) -> dict[str, tf.Tensor]:
        """Draw a translation at random, as users ask for it.

        Args:
            text: string `(batch,)`.
            prefix: as of `translate_controlled`, and so are the next five.
            must: only a beam search can look for these phrases: a translation without them ends at
                its limit.
            must_not: see above.
            terms: see above.
            copy: see above.
            min_length: see above.
            seed: as of `sample`. Defaults to 0.
            temperature: as of `sample`. Defaults to 1.
            top_k: as of `sample`. Defaults to 0.
            top_p: as of `sample`. Defaults to 1.

        Returns:
            What `translate_controlled` returns, with one translation for each text.
        """
        asked = (prefix, must, must_not, terms, copy, min_length)
        draws = draws_for(seed, tf.size(text), self.max_length)

        def search(control: Control) -> Sampling:
            return Sampling(temperature, top_k, top_p, control=control)

        return self._translate_controlled(text, asked, search, draws=draws)

    def _translate_controlled(
        self,
        text: tf.Tensor,
        asked: Iterable[tf.Tensor],
        search: Callable[[Control], Search | BeamAndGroups],
        **inputs: tf.Tensor,
    ) -> Tensors:
        """Translate what users ask for.

        Args:
            text: string `(batch,)`.
            asked: the inputs for each row, in the order of `ASKED`.
            search: makes a search with a control.
            **inputs: further inputs of the search.

        Returns:
            The results of `Translator.translate_controlled`.
        """
        asked = {spec.name: x for spec, x in zip(ASKED[1:], asked, strict=True)}
        text = clean_text(text)
        usual, style, hidden, words = self._as_asked(text, asked)
        tokens = self._tokens(usual)
        source_ids, limits, cut = self._widths.sources(tokens, tf.range(tf.size(text)), True)
        control, rows = self._control(asked, hidden)
        limits = self._longer(limits, control, rows)
        search = search(control)
        found = search(self._model(), source_ids, limits, **rows, **inputs)
        if found.ids.shape.rank == 2:  # one hypothesis for each row
            found = tf.nest.map_structure(lambda x: x[:, None], found)

        written = self._detokenized(found.ids)
        rest = self._rest(written, found.ids, rows["prefix"])
        missing = self._placeholders.not_in(asked["prefix"], words)
        rest = self._presented(rest, style, missing)
        translations = _joined(asked["prefix"][:, None], rest)
        is_copy = tf.equal(clean_spaces(written), "")  # nothing to translate
        translations = tf.where(is_copy, text[:, None], translations)
        ids, translations, scores, truncated = n_best(found, translations, search.width)
        ids = trim(ids[:, 0])
        looked = self._attention(source_ids, ids, hidden, words)
        return {
            "translations": translations,
            "scores": scores,
            "truncated": truncated | cut[:, None],
            "tokens": looked["target_tokens"],
            "log_probabilities": token_log_probabilities(self._model(), source_ids, ids),
            "alignment": word_alignment(
                alignment_weights(looked["attention"]),
                numbers_of_words(source_ids, looked["source_tokens"], self.source_tokenizer),
                numbers_of_words(ids, looked["target_tokens"], self.target_tokenizer),
            ),
        }

    def _as_asked(self, text: tf.Tensor, asked: Tensors) -> tuple[tf.Tensor, ...]:
        """Return texts as the model reads them, their styles, and their terms in both languages.

        The words that a user has written stay as they are: only a text without any is translated
        in the usual spelling and gets its capitals back.
        """
        terms = _terms(asked["terms"])
        text, hidden, words = self._placeholders.hide_terms(text, *terms, asked["copy"])
        text = tf.where(is_copied(text), "", text)
        usual, style = usual_spelling(text, self.source_tokenizer)
        said = asked["prefix"] + asked["must"] + asked["must_not"]
        is_kept = (style == USUAL) | tf.equal(said, "")
        return tf.where(is_kept, usual, text), tf.where(is_kept, style, USUAL), hidden, words

    def _control(self, asked: Tensors, hidden: tf.Tensor) -> tuple[Control, Tensors]:
        """Return the control of a search, and its inputs for each row.

        Args:
            asked: what users ask of the rows.
            hidden: strings `(batch, placeholders)`, the words that placeholders stand for.
        """
        tokenizer, prefix = self.target_tokenizer, asked["prefix"]
        must, must_not = (_lines(asked[name]) for name in ("must", "must_not"))
        must_not = _in_all_cases(must_not)
        phrases, numbers = tf.unique(tf.concat([must.flat_values, must_not.flat_values], axis=0))
        numbers = tf.split(numbers + 1, [tf.size(must.flat_values), tf.size(must_not.flat_values)])
        must, must_not = (
            each.with_flat_values(number).to_tensor()
            for each, number in zip((must, must_not), numbers, strict=True)
        )
        prefix_ids = tokenizer.tokenize(clean_text(prefix))[:, : self.max_length - 1]
        rows = {
            "prefix": prefix_ids.to_tensor(PAD),
            "begins_word": tf.strings.regex_full_match(prefix, r"(?s).*\s"),
            "least": tf.maximum(asked["min_length"], 1),
            "never": _unused(tokenizer.texts(tf.range(tokenizer.vocab_size)), hidden),
            "must": must,
            "must_not": must_not,
        }
        starts_word = tokenizer.starts_word(tf.range(tokenizer.vocab_size))
        return Control(Phrases.of(phrases, tokenizer), starts_word), rows

    def _longer(self, limits: tf.Tensor, control: Control, rows: Tensors) -> tf.Tensor:
        """Return limits that leave room for what is asked, as far as the model has any."""
        prefix = tf.reduce_sum(tf.cast(rows["prefix"] != PAD, tf.int32), axis=1)
        phrases = tf.gather(control.phrases.done[:, -1], rows["must"])  # (batch, phrases), pieces
        longer = limits + prefix + tf.reduce_sum(phrases, axis=1)
        longer = tf.minimum(tf.maximum(longer, rows["least"] + 1), self.max_length)
        return tf.where(limits > 0, longer, 0)

    def _detokenized(self, ids: tf.Tensor) -> tf.Tensor:
        """Return the texts of ids, `(batch, beam, length)`."""
        shape = tf.shape(ids)
        texts = self.target_tokenizer.detokenize(tf.reshape(ids, [shape[0] * shape[1], shape[2]]))
        return tf.reshape(texts, shape[:2])

    def _rest(self, written: tf.Tensor, ids: tf.Tensor, prefix_ids: tf.Tensor) -> tf.Tensor:
        """Return what texts add to their prefixes, `(batch, beam)`.

        Args:
            written: strings `(batch, beam)`.
            ids: int32 `(batch, beam, length)`, their ids.
            prefix_ids: int32 `(batch, prefix)`.
        """
        prefix = self.target_tokenizer.detokenize(prefix_ids)[:, None]
        start = tf.broadcast_to(tf.strings.length(prefix), tf.shape(written))
        start = tf.minimum(start, tf.strings.length(written))
        rest = tf.strings.substr(written, start, tf.fill(tf.shape(start), 2**30))
        is_prefix = tf.strings.substr(written, tf.zeros_like(start), start) == prefix
        # A text form may have changed the prefix because of what follows.
        place = tf.reduce_sum(tf.cast(prefix_ids != PAD, tf.int32), axis=1)[:, None, None]
        column = tf.range(tf.shape(ids)[2])
        alone = self._detokenized(tf.where(column < place, PAD, ids))
        is_apart = self.target_tokenizer.starts_word(ids) & (column == place)
        space = tf.where(tf.reduce_any(is_apart, axis=2), " ", "")
        return tf.where(is_prefix, rest, space + tf.strings.regex_replace(alone, "^ ", ""))


def _unused(tokens: tf.Tensor, hidden: tf.Tensor) -> tf.Tensor:
    """Return which tokens are placeholders that stand for no word, bool `(batch, vocab)`.

    Args:
        tokens: strings `(vocab,)`, the texts of all tokens.
        hidden: strings `(batch, placeholders)`, the words of each text, empty beyond the last.
    """
    is_placeholder = tf.strings.strip(tokens)[:, None] == tf.constant([*PLACEHOLDERS])
    numbers = tf.where(is_placeholder, tf.range(len(PLACEHOLDERS)), -1)
    counts = tf.reduce_sum(tf.cast(hidden != "", tf.int32), axis=1)
    return tf.reduce_max(numbers, axis=1) >= counts[:, None]


def _lines(text: tf.Tensor) -> tf.RaggedTensor:
    """Return the cleaned lines of texts, `(batch, lines)`, without blank ones."""
    lines = tf.strings.split(text, _BETWEEN_PHRASES)
    lines = lines.with_flat_values(clean_text(lines.flat_values))
    return tf.ragged.boolean_mask(lines, lines != "")


def _terms(text: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Return the terms of texts, `(batch, terms)`, and their translations, by default equal."""
    lines = tf.strings.split(text, _BETWEEN_PHRASES)
    patterns = (f"{_BETWEEN_SIDES}.*", f".*{_BETWEEN_SIDES}")
    flat = lines.flat_values
    sides = [clean_text(tf.strings.regex_replace(flat, pattern, "")) for pattern in patterns]
    source, target = map(lines.with_flat_values, sides)
    is_there = source != ""
    return tf.ragged.boolean_mask(source, is_there), tf.ragged.boolean_mask(target, is_there)


def _in_all_cases(phrases: tf.RaggedTensor) -> tf.RaggedTensor:
    """Return phrases, `(batch, phrases)`, with a first capital and in capitals, too."""
    flat = phrases.flat_values
    cases = (flat, capitalize(flat), tf.strings.upper(flat, "utf-8"))
    return tf.concat([phrases.with_flat_values(each) for each in cases], axis=1)


def _joined(prefix: tf.Tensor, rest: tf.Tensor) -> tf.Tensor:
    """Join prefixes to what follows, with one space where they meet."""
    is_open = tf.strings.regex_full_match(prefix, r"(?s).*\s")
    return prefix + tf.where(is_open, tf.strings.regex_replace(rest, "^ +", ""), rest)
