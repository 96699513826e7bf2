"""How a translator is called, be it live or loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import tensorflow as tf

from tf_transformer.errors import UserError, suggest
from tf_transformer.tasks.map_texts import map_texts
from tf_transformer.tasks.options import real, sampling_options, whole
from tf_transformer.tasks.text_surface import Function, Texts, TextSurface

WIDER = 4
"""Times the beam, where it has found too few texts that differ."""

NBest = tuple[str, float] | tuple[str, float, str]
"""A translation in an n-best list: its text, its score, and perhaps a mark."""


class Translating(TextSurface):
    """Translates texts of any kind: the surface of `Translator` and of one that was exported.

    It needs the graph functions `translate`, `translate_beam`, `sample` and `attend`; and
    `translate_to` where it has several `languages`.
    """

    languages: tuple[str, ...] = ()
    """Those that it translates into, the usual one first; none if they are not known."""

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
    ) -> object:
        """Translate texts.

        By greedy search; by beam search where `beam_size` is above 1; by drawing at random where
        one of `seed`, `temperature`, `top_k` and `top_p` is given.

        Args:
            text: a `str`, any number of them, or a string tensor `(batch,)` or `()`.
            to: language to translate into, one of `languages`. Defaults to the first.
            details: whether to return more than the translation. Defaults to `False`.
            beam_size: hypotheses that the search keeps. Defaults to 1.
            alpha: strength of beam search's length penalty; 0 for none. Defaults to 0.6.
            n_best: how many translations `details` show of a beam. Defaults to all.
            seed: the same seed draws the same translations. Defaults to 0 where others are given.
            temperature: divides the logits: below 1 is bolder, above 1 wilder. Defaults to 1 where
                others are given.
            top_k: draw from the k most probable tokens only; 0 for all. Defaults to 0.
            top_p: draw from the fewest tokens that hold this share of the probability. Defaults to
                1.

        Returns:
            The translation: a `str`, a list of them or a tensor, like `text`. With details a
            dictionary (of a list, a list of dictionaries): `translation`; `score`, its
            log-probability, over the length penalty of a beam; `truncated`, whether a sentence or
            its translation is too long and was cut; and of a beam also `translations` and `scores`,
            best first. No text is twice: a wider beam fills up, or there are fewer. (In a tensor,
            repeated texts come last.) If it is known, also `confidence`, the chance that it is as
            good as usual.

        Raises:
            UserError: if `text` is not text, or an option is out of its range.
        """
        beam_size, to = whole("beam_size", beam_size, 1), self._other_language(to)
        if n_best is not None:
            _check_n_best(whole("n_best", n_best, 1), beam_size, details)
        is_tensor = isinstance(text, tf.Tensor | tf.Variable)
        if isinstance(text, Iterator):
            text = list(text)  # it may be needed again
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
        """Translate one text greedily and show where the model looked.

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
            raise UserError(f"attention is shown of one str, not of a {type(text).__name__}.")
        found = map_texts(self.graph("attend"), [text])
        return {
            name: value.tolist() if name.endswith("_tokens") else value
            for name, (value,) in found.items()
        }

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
                suggest(str(to), known)
                if known
                else "it knows of one direction alone; leave to out."
            )
            raise UserError(f"to={to!r}: the model does not translate into that; {said}")
        return "" if to is None or to == known[0] else to

    def _searching(self, beam_size: int, alpha: float, to: str) -> Function:
        """Return beam search into a language, the usual one if none is given."""
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


def best_of(found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Return the best of the translations that beam search has found, `(batch, beam)`."""
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
    """Return n-best lists in which no text is twice, but for those of a text that is copied.

    Args:
        lists: of each text, translations with their scores, best first.
        most: how many of each are returned, if there are as many.
        search_wider: from the numbers of lists that have fewer, to longer ones: what is in these,
            and not better than the best, fills them.
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
    """Leave out of an n-best list what repeats a text; copies have a score of 0, and stay."""
    texts = [text for text, *_ in found]
    return [each for rank, each in enumerate(found) if each[1] == 0 or each[0] not in texts[:rank]]


def _n_best(
    rows: list[dict[str, object]], texts: list[str | bytes], wider: Function, most: int
) -> list[list[NBest]]:
    """Return the n-best lists of the details of texts: see `fill_n_best`."""

    def search_wider(few: list[int]) -> list[list[NBest]]:
        found = map_texts(wider, [texts[number] for number in few])
        columns = zip(found["translations"], found["scores"], strict=True)
        return [[*zip(row, scores.tolist(), strict=True)] for row, scores in columns]

    lists = [[*zip(row["translations"], row["scores"], strict=True)] for row in rows]
    return fill_n_best(lists, most, search_wider)


def _check_n_best(n_best: int, beam_size: int, details: bool) -> None:
    if n_best > beam_size:
        raise UserError(f"n_best={n_best}: a beam of {beam_size} gives 1 to {beam_size}.")
    if n_best > 1 and not details:
        raise UserError(f"n_best={n_best}: more than the best is shown with details=True.")
