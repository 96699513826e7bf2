"""How a completer is called, whether live or loaded."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.tasks.options import sampling_options, whole
from tf_transformer.tasks.text_surface import Texts, TextSurface


class Completing(TextSurface):
    """Continues texts of any kind: the interface of a live or exported `Completer`.

    It needs the graph function `complete`.
    """

    def __call__(
        self,
        prompt: Texts,
        *,
        details: bool = False,
        max_tokens: int = 200,
        seed: int = 0,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> object:
        """Complete prompts.

        Args:
            prompt: a `str`, any number of them, or a string tensor `(batch,)` or `()`. After an
                empty one, a new text begins.
            details: whether to return more than the completion. Defaults to `False`.
            max_tokens: most tokens of a completion. Defaults to 200.
            seed: the same seed gives the same completions. Defaults to 0.
            temperature: divides the logits. Below 1 is safer, above 1 is wilder, and 0 takes the
                most probable token. Defaults to 1.
            top_k: draw from the k most probable tokens only; 0 means all. Defaults to 0.
            top_p: draw from the fewest tokens that hold this share of the probability. Defaults to
                1.

        Returns:
            What follows the prompt: a `str`, a list of them or a tensor, like `prompt`. With
            details, a dictionary (for a list, a list of dictionaries): `completion`; `score`, its
            log-probability; and `ended`, whether the text ended.

        Raises:
            UserError: if `prompt` is not text, or if an option is out of range.
        """
        complete = self.graph("complete")
        drawing = sampling_options(seed, temperature, top_k, top_p)
        options = [tf.constant(x) for x in (whole("max_tokens", max_tokens, 0), *drawing)]
        return self._answer(
            prompt, lambda texts: complete(texts, *options), "completion", details, at_once=True
        )
