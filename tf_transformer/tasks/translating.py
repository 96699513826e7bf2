"""How a translator is called, whether live or loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping

import tensorflow as tf

from tf_transformer.errors import UserError, suggest
from tf_transformer.tasks.asked import Asked
from tf_transformer.tasks.map_texts import map_texts
from tf_transformer.tasks.options import real, sampling_options, whole
from tf_transformer.tasks.text_surface import Function, Texts, TextSurface
from tf_transformer.text.placeholders import NO_PLACEHOLDERS

WIDER = 4
"""Factor of the beam when it has found too few different texts."""

NBest = tuple[str, float] | tuple[str, float, str]
"""A translation in an n-best list: its text, its score, and perhaps a mark."""


class Translating(TextSurface):
    """Translates texts of any kind: the interface of a live or exported `Translator`.

    It needs the graph functions `translate`, `translate_beam`, `sample` and `attend`; with several
    `languages`, also `translate_to`.
    """

    languages: tuple[str, ...] = ()
    """The languages that it translates into, the usual one first; none if they are unknown."""

    def __call__(
        self,
        text: Texts,
        *,
        to: str | None = None,
        details: bool = False,
        beam_size: int = 1,
        alpha: float = 0.6,
        n_best: int | None = None,
        seed: int | None = None,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        prefix: str = "",
        must: Iterable[str] = (),
        must_not: Iterable[str] = (),
        terms: Mapping[str, str] | Iterable[str] = (),
        copy: bool = False,
        min_length: int = 0,
        diversity: float = 0.0,
        groups: int | None = None,
        per_token: bool = False,
    ) -> object:
        """Translate texts.

        It uses greedy search, or beam search if `beam_size` is above 1, or draws at random if one
        of `seed`, `temperature`, `top_k` and `top_p` is given.

        With one of the options from `prefix` on, each text counts as one sentence: see
        `Translator.translate_controlled` for what they promise.

        Args:
            text: a `str`, any number of them, or a string tensor `(batch,)` or `()`.
            to: language to translate into, one of `languages`. Defaults to the first.
            details: whether to return more than the translation. Defaults to `False`.
            beam_size: hypotheses that the search keeps. Defaults to 1.
            alpha: strength of beam search's length penalty; 0 means none. Defaults to 0.6.
            n_best: number of a beam's translations in the details. Defaults to all.
            seed: the same seed draws the same translations. Defaults to 0 if others are given.
            temperature: divides the logits. Below 1 is safer, above 1 is wilder. Defaults to 1 if
                others are given.
            top_k: draw from the k most probable tokens only; 0 means all. Defaults to 0.
            top_p: draw from the fewest tokens that hold this share of the probability. Defaults to
                1.
            prefix: what translations begin with, as it is written. Defaults to nothing.
            must: phrases that each translation holds; needs a beam. Defaults to none.
            must_not: phrases that no translation has. Defaults to none.
            terms: terms of the texts, with their translations; in a list, those that are copied.
                Defaults to none.
            copy: whether links, e-mail addresses and words with a digit are copied. Defaults to
                `False`.
            min_length: fewest tokens of a translation, without END. Defaults to 0.
            diversity: how much the translations of a beam shall differ: the log-probability that a
                token costs for each earlier one that has it at the same place. Defaults to 0.
            groups: number of parts of the beam that differ from one another. Defaults to
                `beam_size` with `diversity`, else to 1.
            per_token: whether the details also hold, of the best translation, `tokens`, a list of
                `str`; `log_probabilities`, one for each; and `alignment`, such as `"0-0 1-2"`:
                pairs of a source word and a word of the translation. Defaults to `False`.

        Returns:
            The translation: a `str`, a list of them or a tensor, like `text`. With details, a
            dictionary (for a list, a list of dictionaries): `translation`; `score`, its
            log-probability (divided by the length penalty, for a beam); `truncated`, whether a
            sentence or its translation was too long and was cut; and, for a beam, `translations`
            and `scores`, best first. No text occurs twice: a wider beam fills the list, or it is
            shorter. (In a tensor, repeated texts come last.) If it is known, also `confidence`, the
            probability that the translation has at least the usual quality.

        Raises:
            UserError: if `text` is not text, or if an option is out of range.
        """
        beam_size, to = whole("beam_size", beam_size, 1), self._other_language(to)
        if n_best is not None:
            _check_n_best(whole("n_best", n_best, 1), beam_size, details)
        is_tensor = isinstance(text, tf.Tensor | tf.Variable)
        if isinstance(text, Iterator):
            text = list(text)  # it may be needed a second time
        given = {"seed": seed, "temperature": temperature, "top_k": top_k, "top_p": top_p}
        given = {name: value for name, value in given.items() if value is not None}
        if given and beam_size > 1:
            raise UserError(
                f"beam_size={beam_size} with {', '.join(given)}: "
                "a translation is either searched for or drawn at random."
            )
        if given and to:
            raise UserError(
                f"to={to!r} with {', '.join(given)}: only translations into {self.languages[0]} "
                "are drawn at random."
            )
        asked = Asked(
            *(prefix, must, must_not, terms, copy, min_length, groups, diversity, per_token)
        )
        if asked:
            if to:
                raise UserError(
                    f"to={to!r}: only translations into {self.languages[0]} can be controlled."
                )
            if per_token and not details:
                raise UserError("per_token=True: to see the tokens, set details=True.")
            search = self._controlled(asked, beam_size, real("alpha", alpha), given)
            function = _in_detail(search, beam_size > 1, n_best, per_token)
            found = self._answer(text, function, "translation", details, at_once=bool(given))
            if details and not is_tensor:
                rows, texts = ([found], [text]) if isinstance(found, dict) else (found, list(text))
                _drop_padding(rows)
                if beam_size > 1:
                    usual = dataclasses.replace(asked, groups=None, diversity=0.0)
                    wider = self._controlled(usual, WIDER * beam_size, float(alpha), {})
                    _fill_up(rows, texts, wider, n_best or beam_size)
            return found
        if given:
            function = self._drawing(given)
        elif beam_size > 1:
            n_best_of_tensor = n_best if is_tensor else None
            function = self._beam(beam_size, real("alpha", alpha), n_best_of_tensor, to)
        elif to:
            function = self._best(to)
        else:
            function = self.graph("translate")
        found = self._answer(text, function, "translation", details, at_once=bool(given))
        if details and beam_size > 1 and not is_tensor:
            rows, texts = ([found], [text]) if isinstance(found, dict) else (found, list(text))
            wider = self._beam(WIDER * beam_size, float(alpha), None, to)
            for row, each in zip(rows, _n_best(rows, texts, wider, beam_size), strict=True):
                row["translations"], row["scores"] = map(list, zip(*each[:n_best], strict=True))
        return found

    def attention(self, text: str | bytes) -> dict[str, object]:
        """Translate one text greedily, and return where the model looked.

        Args:
            text: one text.

        Returns:
            `translation`, a `str`; `source_tokens` and `target_tokens`, lists of `str`;
            `attention`, a NumPy array `(layers, heads, target, source)`, whose row `t` is where the
            decoder looked when it wrote target token `t`; and, if the model has self-attention,
            `encoder_attention`, `(layers, heads, source, source)`, and `decoder_attention`,
            `(layers, heads, target, target)`.

        Raises:
            UserError: if `text` is not one text.
        """
        if not isinstance(text, (str, bytes)):
            raise UserError(f"attention needs one str, not a value of type {type(text).__name__}.")
        found = map_texts(self.graph("attend"), [text])
        return {
            name: value.tolist() if name.endswith("_tokens") else value
            for name, (value,) in found.items()
        }

    def _controlled(
        self, asked: Asked, beam_size: int, alpha: float, given: dict[str, float]
    ) -> Function:
        """Return a search for what is asked, or a drawing with the options that are given.

        Raises:
            UserError: if this cannot be asked for.
        """
        if given:
            asked.require_no_beam()
            search, options = self.graph("sample_controlled"), sampling_options(**given)
        else:
            asked.require_beam(beam_size)
            search = self.graph("translate_controlled")
            alpha = alpha if beam_size > 1 else 0.0  # greedy search has no length penalty
            options = (beam_size, alpha, asked.groups_of(beam_size), float(asked.diversity))
        options = tuple(map(tf.constant, options))

        def translate(text: tf.Tensor) -> dict[str, tf.Tensor]:
            try:
                return search(*asked.inputs(text), *options)
            except tf.errors.InvalidArgumentError as error:
                if NO_PLACEHOLDERS not in str(error):
                    raise
                raise UserError(f"{NO_PLACEHOLDERS}; train with unseen_share=0.03.") from None

        return translate

    def _drawing(self, given: dict[str, float]) -> Function:
        sample, options = self.graph("sample"), tuple(map(tf.constant, sampling_options(**given)))
        return lambda text: sample(text, *options)

    def _other_language(self, to: str | None) -> str:
        """Return the language to translate into if it is not the usual one.

        Raises:
            UserError: if the model does not translate into it.
        """
        known = self.languages
        if to is not None and to not in known:
            said = (
                suggest(str(to), known) if known else "it knows only one direction; leave to out."
            )
            raise UserError(f"to={to!r}: the model does not translate into that; {said}")
        return "" if to is None or to == known[0] else to

    def _searching(self, beam_size: int, alpha: float, to: str) -> Function:
        """Return beam search into a language, or into the usual one."""
        options = (tf.constant(beam_size), tf.constant(alpha))
        if not to:
            search = self.graph("translate_beam")
            return lambda text: search(text, *options)
        search_to = self.graph("translate_to")
        return lambda text: search_to(text, tf.fill(tf.shape(text), to), *options)

    def _best(self, to: str) -> Function:
        """Return greedy search into a language: a beam of one."""
        search = self._searching(1, 0.0, to)
        return lambda text: best_of(search(text))

    def _beam(self, beam_size: int, alpha: float, n_best: int | None, to: str) -> Function:
        search = self._searching(beam_size, alpha, to)

        def translate(text: tf.Tensor) -> dict[str, tf.Tensor]:
            found = search(text)
            return {
                **best_of(found),
                "translations": found["translations"][:, :n_best],
                "scores": found["scores"][:, :n_best],
            }

        return translate


def _in_detail(search: Function, is_beam: bool, n_best: int | None, per_token: bool) -> Function:
    """Return a controlled search whose results are those of a call with details."""

    def translate(text: tf.Tensor) -> dict[str, tf.Tensor]:
        found = search(text)
        lists = {name: found[name][:, :n_best] for name in ("translations", "scores") if is_beam}
        each = ("tokens", "log_probabilities", "alignment")
        return {**best_of(found), **lists, **{name: found[name] for name in each if per_token}}

    return translate


def _drop_padding(rows: list[dict[str, object]]) -> None:
    """Shorten n-best lists by repeated texts, and tokens by padding, in the details of texts."""
    for row in rows:
        if "translations" in row:
            best = _differing([*zip(row["translations"], row["scores"], strict=True)])
            row["translations"], row["scores"] = map(list, zip(*best, strict=True))
        if "tokens" in row:
            row["tokens"] = [token for token in row["tokens"] if token]
            row["log_probabilities"] = row["log_probabilities"][: len(row["tokens"])]


def best_of(found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Return the best of beam search's translations, `(batch, beam)`."""
    confidence = {name: x[:, 0] for name, x in found.items() if name == "confidence"}
    return {
        "translation": found["translations"][:, 0],
        "score": found["scores"][:, 0],
        "truncated": found["truncated"][:, 0],
        **confidence,
    }


def fill_n_best(
    lists: list[list[NBest]], most: int, search_wider: Callable[[list[int]], list[list[NBest]]]
) -> list[list[NBest]]:
    """Return n-best lists in which no text occurs twice, except copies of the source.

    Args:
        lists: for each text, translations with their scores, best first.
        most: most translations in a list.
        search_wider: from the numbers of lists that are too short, to longer ones. Translations in
            these that are not better than the best fill the lists.
    """
    lists = [_differing(each) for each in lists]
    few = [number for number, each in enumerate(lists) if len(each) < most]
    for number, longer in zip(few, search_wider(few) if few else [], strict=True):
        best = lists[number][0]
        others = [each for each in longer if each[1] <= best[1]]
        others = sorted(lists[number][1:] + others, key=lambda each: -each[1])
        lists[number] = _differing([best, *others])
    return [each[:most] for each in lists]


def _differing(found: list[NBest]) -> list[NBest]:
    """Drop repeated texts from an n-best list; copies, which have a score of 0, stay."""
    texts = [text for text, *_ in found]
    return [each for rank, each in enumerate(found) if each[1] == 0 or each[0] not in texts[:rank]]


def _n_best(
    rows: list[dict[str, object]], texts: list[str | bytes], wider: Function, most: int
) -> list[list[NBest]]:
    """Return the n-best lists in the details of texts: see `fill_n_best`."""

    def search_wider(few: list[int]) -> list[list[NBest]]:
        found = map_texts(wider, [texts[number] for number in few])
        columns = zip(found["translations"], found["scores"], strict=True)
        return [[*zip(row, scores.tolist(), strict=True)] for row, scores in columns]

    lists = [[*zip(row["translations"], row["scores"], strict=True)] for row in rows]
    return fill_n_best(lists, most, search_wider)


def _fill_up(
    rows: list[dict[str, object]], texts: list[str | bytes], wider: Function, most: int
) -> None:
    """Add what a wider search finds to the n-best lists in details that have too few texts."""
    few = [number for number, row in enumerate(rows) if len(row["translations"]) < most]
    if not few:
        return
    found = map_texts(wider, [texts[number] for number in few])
    for number, *longer in zip(few, found["translations"], found["scores"], strict=True):
        row = rows[number]
        others = [each for each in zip(*longer, strict=True) if each[1] <= row["score"]]
        best = _differing([*zip(row["translations"], row["scores"], strict=True), *others])[:most]
        best = sorted(best, key=lambda each: -each[1])
        row["translations"], row["scores"] = map(list, zip(*best, strict=True))


def _check_n_best(n_best: int, beam_size: int, details: bool) -> None:
    if n_best > beam_size:
        raise UserError(f"n_best={n_best}: a beam of {beam_size} gives 1 to {beam_size}.")
    if n_best > 1 and not details:
        raise UserError(f"n_best={n_best}: to see more than the best, set details=True.")
