"""Text to text: tokenizers, model and search in one graph."""

import tensorflow as tf

from tf_transformer.decoding.beam import beam_search
from tf_transformer.decoding.greedy import greedy_search
from tf_transformer.decoding.sampling import sample
from tf_transformer.text.tokenizer import END, PAD, START


class Translator(tf.Module):
    """Translates batches of strings with a trained model.

    All methods take a string tensor `(batch,)` of any size from 0 and any bytes, and answer row by
    row, in order: what stands beside a row changes nothing about it. An empty row is translated by
    an empty one. A source longer than the model takes is cut and its row marked as truncated.

    Args:
        model: a `Transformer`.
        source_tokenizer: a `Tokenizer`.
        target_tokenizer: a `Tokenizer`.
    """

    def __init__(self, model, source_tokenizer, target_tokenizer):
        super().__init__(name="translator")
        self.source_tokenizer = source_tokenizer
        self.target_tokenizer = target_tokenizer
        self.max_length = model.config.max_length
        self._model = _Untracked(model)
        self.weights = [variable.value for variable in model.variables]

    def translate(self, text):
        """Translate greedily.

        Returns:
            `translation`, string `(batch,)`; `score`, float32 `(batch,)`, its log-probability;
            `truncated`, bool `(batch,)`.
        """
        return self._answer(text, greedy_search)

    def translate_beam(self, text, beam_size=4, alpha=0.6):
        """Translate with beam search.

        Args:
            text: string `(batch,)`.
            beam_size: int scalar, hypotheses a row. Defaults to 4.
            alpha: float scalar, strength of the length penalty. Defaults to 0.6.

        Returns:
            `translations`, string `(batch, beam_size)`, best first; `scores`, float32
            `(batch, beam_size)`, log-probabilities over length penalty; `truncated`, bool
            `(batch, beam_size)`.
        """
        source_ids, limits, cut = self._source(text)
        found = beam_search(self._model(), source_ids, limits, beam_size, alpha)
        length = tf.shape(found.ids)[2]
        translations = self.target_tokenizer.detokenize(tf.reshape(found.ids, [-1, length]))
        return {
            "translations": tf.reshape(translations, tf.shape(found.scores)),
            "scores": found.scores,
            "truncated": found.truncated | cut[:, None],
        }

    def sample(self, text, seed=0, temperature=1.0, top_k=0, top_p=1.0):
        """Draw a translation at random: see `decoding.sample`. Returns as `translate` does."""
        return self._answer(text, sample, seed, temperature, top_k, top_p)

    def attend(self, text):
        """Translate greedily and show where the decoder looked.

        Returns:
            `translation`, string `(batch,)`; `source_tokens`, string `(batch, source)`;
            `target_tokens`, string `(batch, target)`, both padded with empty strings;
            `attention`, float32 `(batch, layers, heads, target, source)`: row `t` is where the
            decoder looked when it wrote target token `t`.
        """
        source_ids, limits, _ = self._source(text)
        ids = _trim(greedy_search(self._model(), source_ids, limits).ids)
        starts = tf.fill([tf.shape(ids)[0], 1], START)
        target_in = tf.concat([starts, ids[:, :-1]], axis=1)
        return {
            "translation": self.target_tokenizer.detokenize(ids),
            "source_tokens": _labels(self.source_tokenizer, source_ids),
            "target_tokens": _labels(self.target_tokenizer, ids),
            "attention": self._model().attention_weights(source_ids, target_in)["cross"],
        }

    def embed(self, text):
        """Return the mean of the encoder's output over real positions: `embedding`, float32
        `(batch, d_model)`."""
        source_ids, _, _ = self._source(text)
        memory, mask = self._model().encode(source_ids)
        shares = tf.cast(mask[:, 0, 0, :, None], tf.float32)  # (batch, source, 1)
        total = tf.reduce_sum(tf.cast(memory, tf.float32) * shares, axis=1)
        return {"embedding": total / tf.reduce_sum(shares, axis=1)}

    def _answer(self, text, search, *options):
        source_ids, limits, cut = self._source(text)
        found = search(self._model(), source_ids, limits, *options)
        return {
            "translation": self.target_tokenizer.detokenize(found.ids),
            "score": found.scores,
            "truncated": found.truncated | cut,
        }

    def _source(self, text):
        """Return source ids `(batch, source)`, length limits and which rows were cut, `(batch,)`.

        A translation may have twice the tokens of its source and ten more.
        """
        tokens = self.source_tokenizer.tokenize(text)
        is_blank = tf.equal(tf.strings.length(tf.strings.strip(text)), 0)
        lengths = tokens.row_lengths()
        kept = tokens[:, : self.max_length - 1]
        ends = tf.fill([tf.shape(text)[0], 1], END)
        source_ids = tf.concat([kept, ends], axis=1).to_tensor()  # (batch, source)
        limits = tf.minimum(2 * tf.cast(lengths, tf.int32) + 10, self.max_length)
        return source_ids, tf.where(is_blank, 0, limits), lengths >= self.max_length


class _Untracked:
    """Hides a Keras model from SavedModel's tracking: its weights are tracked by themselves, and
    what is compiled for training does not belong into what is served."""

    def __init__(self, model):
        self._model = model

    def __call__(self):
        return self._model


def _trim(ids):
    """Cut the columns at the end that hold nothing but padding, all but the first."""
    lengths = tf.reduce_sum(tf.cast(ids != PAD, tf.int32), axis=1)
    return ids[:, : tf.reduce_max(tf.concat([lengths, [1]], axis=0))]


def _labels(tokenizer, ids):
    return tf.where(ids == PAD, "", tokenizer.tokens(ids))
