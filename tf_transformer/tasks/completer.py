"""Prompt to completion: tokenizer, language model and sampling in one graph."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.sampling import draws_for, sample
from tf_transformer.tasks.bucketing import in_batches
from tf_transformer.tasks.untracked import Untracked
from tf_transformer.text.tokenizer import END, PAD

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


class Completer(tf.Module):
    """Goes on with texts, token by token, with a trained language model.

    A row's completion depends on its prompt, its number and the options, not on what stands beside
    it. Where a text grows longer than the model sees at once, it is read anew from its last tokens,
    three quarters of what the model sees.

    Args:
        model: a `CausalLM`.
        tokenizer: a `Tokenizer`.
    """

    def __init__(self, model, tokenizer):
        super().__init__(name="completer")
        self.tokenizer = tokenizer
        self.max_length = model.config.max_length
        self._kept = max(1, self.max_length * 3 // 4)  # tokens that are read (anew)
        self._model = Untracked(model)
        self.weights = [variable.value for variable in model.weights]

    def complete(self, prompt, max_tokens=200, seed=0, temperature=1.0, top_k=0, top_p=1.0):
        """Complete prompts.

        Args:
            prompt: string `(batch,)`, any bytes; an empty one asks for a text from its beginning.
            max_tokens: int scalar, most tokens of a completion. Defaults to 200.
            seed: int scalar: the same seed gives the same completions. Defaults to 0.
            temperature: divides the logits; 0 takes the most probable token, which is greedy
                search. Defaults to 1.
            top_k: draw from the k most probable tokens only; 0 for all. Defaults to 0.
            top_p: draw from the fewest tokens that hold this share of the probability. Defaults
                to 1.

        Returns:
            `completion`, string `(batch,)`, what follows the prompt; `score`, float32 `(batch,)`,
            its log-probability; `ended`, bool `(batch,)`, whether the text came to its end.
        """
        tokens = _not_empty(self.tokenizer.tokenize(prompt)[:, -self._kept :])
        max_tokens = tf.maximum(tf.cast(max_tokens, tf.int32), 0)
        count = tf.cast(tokens.nrows(), tf.int32)
        some = tf.concat([tokens, tf.fill([1, 1], END)], axis=0)  # the last one is nobody's
        draws = draws_for(seed, count + 1, max_tokens)

        def answer(rows):
            most = tf.where(rows < count, max_tokens, 0)
            options = (temperature, top_k, top_p)
            return self._complete(tf.gather(some, rows), most, tf.gather(draws, rows), options)

        return in_batches(answer, tf.cast(tokens.row_lengths(), tf.int32), _ANSWER)

    def _complete(self, tokens, most, draws, options):
        """Complete rows of token ids, ragged `(batch, tokens)`, with at most so many tokens."""
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

    def _go_on(self, state, starts, most, draws, options):
        """Read the last tokens of each row and go on until the model's sight is full."""
        read = tf.minimum(state.lengths, self._kept)
        written = state.lengths - starts
        limits = tf.minimum(self.max_length + 1 - read, most - written)
        limits = tf.where(state.done, 0, limits)
        room = tf.reduce_max(limits)
        context = _columns(state.ids, state.lengths - read, self._kept)
        is_before = tf.range(self._kept) < read[:, None] - 1
        found = sample(
            self._model(),
            tf.where(is_before, context, PAD),
            limits,
            _columns(draws, written, room),
            *options,
            room=room,
            first_ids=tf.gather(state.ids, state.lengths - 1, batch_dims=1),
        )
        is_end = found.ids == END
        ended = tf.reduce_any(is_end, axis=1)
        count = tf.where(ended, tf.argmax(is_end, axis=1, output_type=tf.int32) + 1, limits)
        place = tf.range(tf.shape(state.ids)[1]) - state.lengths[:, None]  # among those found
        is_new = (place >= 0) & (place < count[:, None])
        new = tf.gather(found.ids, tf.clip_by_value(place, 0, room - 1), batch_dims=1)
        return _State(
            ids=tf.where(is_new, new, state.ids),
            lengths=state.lengths + count,
            scores=state.scores + found.scores,
            ended=state.ended | ended,
            done=state.done | ended | (written + count >= most),
        )


def _not_empty(tokens):
    """Let rows without tokens, of `(batch, tokens)`, begin where a text does: after END."""
    is_empty = tf.cast(tokens.row_lengths() == 0, tf.int64)
    ends = tf.fill([tf.reduce_sum(is_empty)], END)
    return tf.concat([tf.RaggedTensor.from_row_lengths(ends, is_empty), tokens], axis=1)


def _columns(x, first, count):
    """Return `count` columns of each row from its `first` on, `(batch, count)`."""
    columns = first[:, None] + tf.range(count)
    return tf.gather(x, tf.clip_by_value(columns, 0, tf.shape(x)[1] - 1), batch_dims=1)
