"""What a user asks of a translation, as a choice among the tokens of each step."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from tf_transformer.decoding.loop import like
from tf_transformer.decoding.phrases import Phrases, beside
from tf_transformer.decoding.search import NEVER
from tf_transformer.text.tokenizer import END, PAD


@dataclasses.dataclass(frozen=True, eq=False)
class Control:
    """Forbids the tokens that a user does not want, step by step.

    A search asks it once a step, before it chooses. What each row needs is among the rows that the
    search is called with:

    - `prefix`, int32 `(batch, prefix)`: the first tokens, then PAD. Nothing else here forbids them.
    - `begins_word`, bool `(batch,)`: whether a word begins after the prefix.
    - `least`, int32 `(batch,)`: fewest tokens before END.
    - `never`, bool `(batch, vocab)`, or `(batch, 1)`: tokens that are not written.
    - `must`, int32 `(batch, phrases)`: phrases without which END does not come.
    - `must_not`, int32 `(batch, phrases)`: phrases that are not written.

    A phrase is a number in `phrases`, which see for what counts as written; 0 is none. A piece at
    whose end a `must_not` phrase stands is forbidden, even if the word might go on.

    Args:
        phrases: the phrases of all rows.
        starts_word: bool `(vocab,)`, which tokens begin with a space.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft
        from tf_transformer.decoding import Control, GreedySearch, Phrases, no_control

        tokenizer = tft.text.Characters.train(["a bad cab"], vocab_size=100)
        sizes = dict.fromkeys(["source_vocab_size", "target_vocab_size"], tokenizer.vocab_size)
        model = tft.Transformer({"num_layers": 1, "d_model": 16, "num_heads": 2, **sizes})
        vocabulary = tf.range(tokenizer.vocab_size)
        control = Control(Phrases.of(["bad"], tokenizer), tokenizer.starts_word(vocabulary))
        rows = no_control(1) | {"prefix": tokenizer.tokenize(["a ba"]).to_tensor()}
        search = GreedySearch(control=control)
        found = search(model, tf.constant([[5, 3]]), limits=tf.constant([6]), **rows)
        tokenizer.detokenize(found.ids)  # begins with "a ba"
        ```
    """

    phrases: Phrases
    starts_word: tf.Tensor

    def allowed(
        self,
        positions: tf.Tensor,
        scores: tf.Tensor,
        rows: dict[str, tf.Tensor],
        ids: tf.Tensor,
    ) -> tf.Tensor:
        """Return scores, with those of tokens that a row does not want so low that none is chosen.

        Args:
            positions: int32 `(running,)`, the positions of the tokens to choose.
            scores: of all tokens, `(running, ..., vocab)`.
            rows: as described above.
            ids: int32 `(running, ..., room)`, the tokens so far, then PAD.
        """
        with tf.name_scope("control"):
            token = tf.range(tf.shape(scores)[-1])
            is_end, prefix = token == END, rows["prefix"]
            forced = tf.gather(
                tf.pad(prefix, [[0, 0], [0, 1]]),
                tf.minimum(positions, tf.shape(prefix)[1]),
                batch_dims=1,
            )
            length = tf.reduce_sum(tf.cast(prefix != PAD, tf.int32), axis=1)
            wants_word = rows["begins_word"] & (positions == length)
            is_missing = ~tf.reduce_all(self.is_written(rows["must"], ids), axis=-1)
            is_bad = (
                (token < END)  # PAD, UNKNOWN and START write nothing
                | beside(rows["never"], scores)
                | like(positions < rows["least"], scores) & is_end
                | like(wants_word, scores) & ~self.starts_word
                | is_missing[..., None] & is_end
                | self._writes(rows["must_not"], ids)
            )
            is_forced = like(forced != PAD, scores)
            is_bad = tf.where(is_forced, token != like(forced, scores), is_bad)
            return tf.where(is_bad, 2 * NEVER, scores)

    def is_written(self, phrases: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Return which phrases are written if a text ends here, bool `(running, ..., phrases)`."""
        place = self.phrases.place(phrases, ids)
        return self.phrases.is_there(place) | (beside(phrases, place) == 0)

    def _writes(self, phrases: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Return which tokens would complete a phrase, bool `(running, ..., vocab)`."""
        place = self.phrases.place(phrases, ids, forget=True)
        numbers = tf.zeros_like(place) + beside(phrases, place)
        after = tf.gather_nd(self.phrases.after, tf.stack([numbers, place], axis=-1))
        return tf.reduce_any(self.phrases.is_there(after), axis=-2)


def no_control(count: tf.Tensor | int) -> dict[str, tf.Tensor]:
    """Return the inputs of `count` rows that ask `Control` for nothing."""
    return {
        "prefix": tf.zeros([count, 0], tf.int32),
        "begins_word": tf.fill([count], False),
        "least": tf.zeros([count], tf.int32),
        "never": tf.fill([count, 1], False),
        "must": tf.zeros([count, 0], tf.int32),
        "must_not": tf.zeros([count, 0], tf.int32),
    }
