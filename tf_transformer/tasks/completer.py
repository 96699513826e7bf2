"""From prompt to completion: tokenizer, language model and sampling in one graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

import keras
import tensorflow as tf

from tf_transformer.decoding import Sampling, draws_for
from tf_transformer.tasks.bucketing import in_batches
from tf_transformer.tasks.completing import Completing
from tf_transformer.tasks.task import SAMPLING, TEXT, Task, as_declared
from tf_transformer.text.cleaning import clean_characters
from tf_transformer.text.tokenizer import END, PAD, Tokenizer

_PROMPT = tf.TensorSpec(TEXT.shape, TEXT.dtype, name="prompt")

_ANSWER = {
    "completion": tf.TensorSpec([None], tf.string),
    "score": tf.TensorSpec([None], tf.float32),
    "ended": tf.TensorSpec([None], tf.bool),
}


class _State(NamedTuple):
    ids: tf.Tensor  # (batch, width), prompt and completion
    lengths: tf.Tensor  # (batch,), tokens so far
    scores: tf.Tensor  # (batch,), log-probabilities of the completions
    ended: tf.Tensor  # (batch,)
    done: tf.Tensor  # (batch,)


class Completer(Completing, Task):
    """Continues texts, token by token, with a trained language model.

    A row's completion depends on its prompt, its number and the options, not on the other rows.
    When a text outgrows the model's context, the model reads the last tokens again, three quarters
    of its context, and continues.

    Args:
        model: a `CausalLM`.
        tokenizer: its `Tokenizer`.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.text import Characters

        tokenizer = Characters.train(["to be, or not to be"], vocab_size=50)
        model = tft.CausalLM(tft.CausalLMConfig(vocab_size=tokenizer.vocab_size, num_layers=1))
        complete = tft.Completer(model, tokenizer)
        complete("to be", max_tokens=9)  # a str of letters at random: it has learned nothing
        complete(["to be", "or"], temperature=0.5, details=True)  # a list of two dictionaries
        ```
    """

    inputs: ClassVar = {
        "complete": [_PROMPT, tf.TensorSpec([], tf.int32, name="max_tokens"), *SAMPLING]
    }

    def __init__(self, model: keras.Model, tokenizer: Tokenizer) -> None:
        super().__init__(model, "completer")
        self.tokenizer = tokenizer
        self._kept = max(1, self.max_length * 3 // 4)  # tokens that are read, or read again

    def complete(
        self,
        prompt: tf.Tensor,
        max_tokens: int | tf.Tensor = 200,
        seed: int | tf.Tensor = 0,
        temperature: float | tf.Tensor = 1.0,
        top_k: int | tf.Tensor = 0,
        top_p: float | tf.Tensor = 1.0,
    ) -> dict[str, tf.Tensor]:
        """Complete prompts.

        Args:
            prompt: string `(batch,)`, any bytes; after an empty one, a new text begins.
            max_tokens: int scalar, most tokens of a completion. Defaults to 200.
            seed: int scalar: the same seed gives the same completions. Defaults to 0.
            temperature: divides the logits; 0 takes the most probable token, which is greedy
                search. Defaults to 1.
            top_k: draw from the k most probable tokens only; 0 means all. Defaults to 0.
            top_p: draw from the fewest tokens that hold this share of the probability. Defaults
                to 1.

        Returns:
            `completion`, string `(batch,)`, what follows the prompt; `score`, float32 `(batch,)`,
            its log-probability; `ended`, bool `(batch,)`, whether the text ended.
        """
        prompt = clean_characters(prompt)
        tokens = _not_empty(self.tokenizer.tokenize(prompt)[:, -self._kept :])
        max_tokens = tf.maximum(tf.cast(max_tokens, tf.int32), 0)
        count = tf.cast(tokens.nrows(), tf.int32)
        some = tf.concat([tokens, tf.fill([1, 1], END)], axis=0)  # the last belongs to no row
        draws = draws_for(seed, count + 1, max_tokens)
        options = tuple(as_declared(SAMPLING, temperature, top_k, top_p))

        def answer(rows: tf.Tensor) -> dict[str, tf.Tensor]:
            most = tf.where(rows < count, max_tokens, 0)
            return self._complete(tf.gather(some, rows), most, tf.gather(draws, rows), options)

        return in_batches(answer, tf.cast(tokens.row_lengths(), tf.int32), _ANSWER)

    def served(
        self,
        max_tokens: int = 200,
        seed: int = 0,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> tuple[tf.Module, dict[str, Callable]]:
        """Return the contents of this completer's SavedModel, and its signatures by name.

        - `serving_default`: from strings `(batch,)`, `prompt`, to `completion`, `score`
          (log-probability) and `ended`, with these options
        - `complete`: the same, with all options as scalar inputs

        Loaded in Python, it also has the function
        `complete(prompt, max_tokens, seed, temperature, top_k, top_p)`.
        """
        options = (max_tokens, seed, temperature, top_k, top_p)
        served = tf.Module()
        served.completer = self  # tracked, so that weights and vocabulary are saved
        served.default = tf.function(
            lambda prompt: self.complete(prompt, *options),
            input_signature=[_PROMPT],
            autograph=False,
        )
        served.complete = self.graph("complete")
        return served, {"serving_default": served.default, "complete": served.complete}

    def _complete(
        self,
        tokens: tf.RaggedTensor,
        most: tf.Tensor,
        draws: tf.Tensor,
        options: tuple[tf.Tensor, ...],
    ) -> dict[str, tf.Tensor]:
        """Complete rows of token ids, ragged `(batch, tokens)`, with at most `most` tokens."""
        starts = tf.cast(tokens.row_lengths(), tf.int32)
        count, width = tf.shape(starts)[0], self._kept + tf.reduce_max(most)
        start = _State(
            ids=tokens.to_tensor(PAD, shape=tf.stack([count, width])),
            lengths=starts,
            scores=tf.zeros([count]),
            ended=tf.zeros([count], tf.bool),
            done=most == 0,
        )
        state = tf.while_loop(
            lambda *state: ~tf.reduce_all(_State(*state).done),
            lambda *state: self._go_on(_State(*state), starts, most, draws, options),
            start,
        )
        last = tf.gather(state.ids, starts - 1, batch_dims=1)[:, None]
        completion = _columns(state.ids, starts, tf.reduce_max(most))
        return {
            "completion": self.tokenizer.detokenize_continuation(
                completion, tf.where(last == END, PAD, last)
            ),
            "score": state.scores,
            "ended": state.ended,
        }

    def _go_on(
        self,
        state: _State,
        starts: tf.Tensor,
        most: tf.Tensor,
        draws: tf.Tensor,
        options: tuple[tf.Tensor, ...],
    ) -> _State:
        """Read the last tokens of each row, and continue until the model's context is full."""
        read = tf.minimum(state.lengths, self._kept)
        written = state.lengths - starts
        limits = tf.minimum(self.max_length + 1 - read, most - written)
        limits = tf.where(state.done, 0, limits)
        room = tf.reduce_max(limits)
        context = _columns(state.ids, state.lengths - read, self._kept)
        is_before = tf.range(self._kept) < read[:, None] - 1
        found = Sampling(*options)(
            self._model(),
            tf.where(is_before, context, PAD),
            limits,
            room=room,
            first_ids=tf.gather(state.ids, state.lengths - 1, batch_dims=1),
            draws=_columns(draws, written, room),
        )
        is_end = found.ids == END
        ended = tf.reduce_any(is_end, axis=1)
        count = tf.where(ended, tf.argmax(is_end, axis=1, output_type=tf.int32) + 1, limits)
        place = tf.range(tf.shape(state.ids)[1]) - state.lengths[:, None]  # among the new
        is_new = (place >= 0) & (place < count[:, None])
        new = tf.gather(found.ids, tf.clip_by_value(place, 0, room - 1), batch_dims=1)
        return _State(
            ids=tf.where(is_new, new, state.ids),
            lengths=state.lengths + count,
            scores=state.scores + found.scores,
            ended=state.ended | ended,
            done=state.done | ended | (written + count >= most),
        )


def _not_empty(tokens: tf.RaggedTensor) -> tf.RaggedTensor:
    """Let rows without tokens, of `(batch, tokens)`, start as a text does: after END."""
    is_empty = tf.cast(tokens.row_lengths() == 0, tf.int64)
    ends = tf.fill([tf.reduce_sum(is_empty)], END)
    return tf.concat([tf.RaggedTensor.from_row_lengths(ends, is_empty), tokens], axis=1)


def _columns(x: tf.Tensor, first: tf.Tensor, count: int | tf.Tensor) -> tf.Tensor:
    """Return `count` columns of each row, starting from its `first`, `(batch, count)`."""
    columns = first[:, None] + tf.range(count)
    return tf.gather(x, tf.clip_by_value(columns, 0, tf.shape(x)[1] - 1), batch_dims=1)
