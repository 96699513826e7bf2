"""How a translator is called, be it live or loaded."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.tasks.map_texts import map_texts
from tf_transformer.tasks.options import real, sampling_options, whole
from tf_transformer.tasks.text_surface import Function, Texts, TextSurface


class Translating(TextSurface):
    """Translates texts of any kind: the surface of `Translator` and of one that was exported.

    It needs the graph functions `translate`, `translate_beam`, `sample` and `attend`.
    """

    def __call__(
        self,
        text: Texts,
        *,
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
            best first. If it is known, also `confidence`, the chance that it is as good as usual.

        Raises:
            UserError: if `text` is not text, or an option is out of its range.
        """
        beam_size = whole("beam_size", beam_size, 1)
        if n_best is not None:
            _check_n_best(whole("n_best", n_best, 1), beam_size, details)
        given = {"seed": seed, "temperature": temperature, "top_k": top_k, "top_p": top_p}
        given = {name: value for name, value in given.items() if value is not None}
        if given and beam_size > 1:
            raise UserError(
                f"beam_size={beam_size} with {', '.join(given)}: "
                "a translation is either searched for or drawn at random."
            )
        if given:
            function = self._drawing(given)
        elif beam_size > 1:
            function = self._beam(beam_size, real("alpha", alpha), n_best)
        else:
            function = self.graph("translate")
        return self._answer(text, function, "translation", details, at_once=bool(given))

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

    def _beam(self, beam_size: int, alpha: float, n_best: int | None) -> Function:
        search, options = self.graph("translate_beam"), (tf.constant(beam_size), tf.constant(alpha))

        def translate(text: tf.Tensor) -> dict[str, tf.Tensor]:
            found = search(text, *options)
            confidence = {name: x[:, 0] for name, x in found.items() if name == "confidence"}
            return {
                "translation": found["translations"][:, 0],
                "score": found["scores"][:, 0],
                "truncated": found["truncated"][:, 0],
                **confidence,
                "translations": found["translations"][:, :n_best],
                "scores": found["scores"][:, :n_best],
            }

        return translate


def _check_n_best(n_best: int, beam_size: int, details: bool) -> None:
    if n_best > beam_size:
        raise UserError(f"n_best={n_best}: a beam of {beam_size} gives 1 to {beam_size}.")
    if n_best > 1 and not details:
        raise UserError(f"n_best={n_best}: more than the best is shown with details=True.")
