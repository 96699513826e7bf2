"""Text to text: tokenizers, model and search in one graph."""

import keras
import tensorflow as tf

from tf_transformer.decoding.beam import beam_search
from tf_transformer.decoding.greedy import greedy_search
from tf_transformer.decoding.loop import like
from tf_transformer.decoding.sampling import draws_for, sample
from tf_transformer.tasks.bucketing import in_batches, round_up, sizes_for
from tf_transformer.tasks.untracked import Untracked
from tf_transformer.text.sentences import join_sentences, split_sentences
from tf_transformer.text.tokenizer import END, PAD, START

_LENGTHS = (16, 24, 32, 48, 64, 96, 128, 256, 512)  # of sources that are compiled for
_MARGIN = 12  # tokens that a translation may be longer than its padded source, at first


class Translator(tf.Module):
    """Translates batches of strings with a trained model.

    All methods take a string tensor `(batch,)` of any size from 0 and any bytes, and answer row by
    row, in order: what stands beside a row changes nothing about it. An empty row is translated by
    an empty one. A row may hold several sentences and lines: they are translated one by one, and
    joined again. A sentence longer than the model takes is cut, and its row marked as truncated.
    Many rows are sorted by length and go in batches.

    Args:
        model: a `Transformer`.
        source_tokenizer: a `Tokenizer`.
        target_tokenizer: a `Tokenizer`.
        jit_compile: whether XLA compiles the searches: several times as fast, after seconds of
            compiling for each new shape, of which there are few. Defaults to `False`.
    """

    def __init__(self, model, source_tokenizer, target_tokenizer, jit_compile=False):
        super().__init__(name="translator")
        self.source_tokenizer = source_tokenizer
        self.target_tokenizer = target_tokenizer
        self.max_length = model.config.max_length
        self.jit_compile = jit_compile
        self._model = Untracked(model)
        self._searches = Untracked(
            {search: self._compiled(search) for search in (greedy_search, beam_search, sample)}
        )
        self.weights = [variable.value for variable in model.weights]

    def translate(self, text):
        """Translate greedily.

        Returns:
            `translation`, string `(batch,)`; `score`, float32 `(batch,)`, its log-probability;
            `truncated`, bool `(batch,)`.
        """
        return self._translate(_sentences(text), greedy_search)

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
        options = (tf.convert_to_tensor(beam_size), tf.convert_to_tensor(alpha, tf.float32))
        found = self._translate(_sentences(text), beam_search, lambda _: options, options[:1])
        return {
            "translations": found["translation"],
            "scores": found["score"],
            "truncated": found["truncated"],
        }

    def sample(self, text, seed=0, temperature=1.0, top_k=0, top_p=1.0):
        """Draw a translation at random: see `decoding.sample`. Returns as `translate` does.

        What is drawn for a row depends on the seed and the row's number.
        """
        pieces = _sentences(text)
        draws = _draws_of_pieces(seed, pieces, self.max_length)
        return self._translate(
            pieces, sample, lambda piece: (tf.gather(draws, piece), temperature, top_k, top_p)
        )

    def attend(self, text):
        """Translate greedily and show where the model looked.

        Returns:
            `translation`, string `(batch,)`; `source_tokens`, string `(batch, source)`;
            `target_tokens`, string `(batch, target)`, both padded with empty strings;
            `attention`, float32 `(batch, layers, heads, target, source)`: row `t` is where the
            decoder looked when it wrote target token `t`. If the model has self-attention, also
            `encoder_attention`, `(batch, layers, heads, source, source)`, and `decoder_attention`,
            `(batch, layers, heads, target, target)`: its row `t` is of the same moment, and its
            columns are START and the target tokens but the last.
        """
        count = tf.size(text)
        size = round_up(count, sizes_for(1)) if self.jit_compile else count  # few to compile for
        rows = tf.minimum(tf.range(tf.maximum(size, count)), count)  # the last may be nobody's
        source_ids, limits, _ = self._sources(self._tokens(text), rows, is_long=True)
        found, _ = self._search(greedy_search, self._read_weights(), source_ids, limits)
        source_ids, ids = (_trim(ids[:count]) for ids in (source_ids, found.ids))
        return {
            "translation": self.target_tokenizer.detokenize(ids),
            **self._attention(source_ids, ids),
        }

    def align(self, text, translation):
        """Show where the model looks when it is made to write a given translation.

        Args:
            text: string `(batch,)`.
            translation: string `(batch,)`.

        Returns:
            As `attend`, without `translation`.
        """
        rows = tf.range(tf.size(text))
        source_ids, _, _ = self._sources(self._tokens(text), rows, is_long=False)
        ids = self.target_tokenizer.tokenize(translation)[:, : self.max_length - 1]
        ends = tf.fill([ids.nrows(), 1], END)
        return self._attention(_trim(source_ids), tf.concat([ids, ends], axis=1).to_tensor())

    def _attention(self, source_ids, target_ids):
        """Return tokens and attention: see `attend`."""
        starts = tf.fill([tf.shape(target_ids)[0], 1], START)
        target_in = tf.concat([starts, target_ids[:, :-1]], axis=1)
        weights = self._model().attention_weights(source_ids, target_in)
        return {
            "source_tokens": _labels(self.source_tokenizer, source_ids),
            "target_tokens": _labels(self.target_tokenizer, target_ids),
            "attention": weights.pop("cross"),
            **{f"{side}_attention": self_weights for side, self_weights in weights.items()},
        }

    def embed(self, text):
        """Return the mean of the encoder's output over real positions: `embedding`, float32
        `(batch, d_model)`."""

        def answer(rows, weights, source_ids, limits, cut):
            memory, mask = self._model().encode(source_ids)
            shares = tf.cast(mask[:, 0, 0, :, None], tf.float32)  # (batch, source, 1)
            total = tf.reduce_sum(tf.cast(memory, tf.float32) * shares, axis=1)
            return {
                "embedding": total / tf.reduce_sum(shares, axis=1),
                "unfinished": tf.zeros_like(cut),
            }

        nothing = tf.zeros([tf.size(text), self._model().config.d_model])
        return self._answer(text, answer, {"embedding": nothing})

    def shapes(self):
        """Return what takes each shape that XLA compiles searches for: pairs of a number of rows,
        and of how many source tokens each, END not included.

        (A few rows, of translations that are far longer than their sources, may take others.)
        """
        if not self.jit_compile:
            return []
        return [(rows, least) for least in [1, *self._lengths()[:-1]] for rows in sizes_for(least)]

    def _lengths(self):
        """Return the lengths to which sources are padded, the shortest first."""
        return [*(length for length in _LENGTHS if length < self.max_length), self.max_length]

    def _translate(self, pieces, search, options=lambda piece: (), beam=()):
        """Translate texts sentence by sentence, and join the translations.

        Args:
            pieces: of each text, from `_sentences`.
            search: a search of this class.
            options: from the numbers of some pieces to more arguments of the search.
            beam: shape of what is found for a sentence; its sizes may be tensors.

        Returns:
            `translation`, `score` and `truncated`, each `(batch, *beam)`. Scores are added up.
        """
        sentences = pieces.flat_values
        shape = [tf.size(sentences), *beam]
        nothing = {
            "translation": tf.fill(shape, ""),
            "score": tf.zeros(shape),
            "truncated": tf.zeros(shape, tf.bool),
        }

        def answer(numbers, weights, source_ids, limits, cut):
            found, unfinished = self._search(search, weights, source_ids, limits, *options(numbers))
            ids = tf.reshape(found.ids, [-1, tf.shape(found.ids)[-1]])
            texts = self.target_tokenizer.detokenize(ids)
            return {
                "translation": tf.reshape(texts, tf.shape(found.scores)),
                "score": found.scores,
                "truncated": found.truncated | like(cut, found.truncated),
                "unfinished": unfinished,
            }

        found = self._answer(sentences, answer, nothing)
        texts, count = pieces.value_rowids(), pieces.nrows()
        cuts = tf.math.unsorted_segment_sum(tf.cast(found["truncated"], tf.int32), texts, count)
        return {
            "translation": join_sentences(pieces, found["translation"]),
            "score": tf.math.unsorted_segment_sum(found["score"], texts, count),
            "truncated": cuts > 0,
        }

    def _answer(self, text, answer, found):
        """Answer rows in batches of like length.

        Nearly all translations are hardly longer than their source, and the cost of a step grows
        with the room for more. So there is little at first; rows that are unfinished are then
        answered again with room up to their limits.

        Args:
            text: string `(rows,)`.
            answer: `(rows, weights, source_ids, limits, cut) -> found`, of a batch: a dictionary
                of tensors `(size, ...)`, and `"unfinished"`, bool `(size,)`. The weights are read
                once for all: what reads variables itself, TensorFlow runs one after the other, but
                batches may run side by side.
            found: a dictionary of tensors `(rows, ...)`, of the shapes of what is to be found.

        Returns:
            What was found.
        """
        tokens = self._tokens(text)
        count, lengths = tf.cast(tokens.nrows(), tf.int32), tokens.row_lengths()
        weights = self._read_weights()

        spec = {name: tf.TensorSpec([None, *x.shape[1:]], x.dtype) for name, x in found.items()}
        spec["unfinished"] = tf.TensorSpec([None], tf.bool)

        def answer_batch(rows, is_again):
            return answer(rows, weights, *self._sources(tokens, rows, is_again))

        def turn(rows, is_again, found):
            numbers = tf.concat([rows, [count]], axis=0)  # the last one is nobody's
            new = in_batches(
                lambda places: answer_batch(tf.gather(numbers, places), is_again),
                tf.gather(lengths, rows),
                spec,
            )
            again = tf.boolean_mask(rows, new.pop("unfinished"))
            found = {
                name: tf.tensor_scatter_nd_update(x, rows[:, None], new[name])
                for name, x in found.items()
            }
            return again, True, found

        def alone():
            found = answer_batch(everyone, is_again=False)
            return tf.boolean_mask(everyone, found.pop("unfinished")), True, found

        everyone = tf.range(count)
        start = tf.cond(  # somebody may wait for a single row: no time is lost with batches
            count == 1, alone, lambda: (everyone, False, found)
        )
        return tf.while_loop(lambda rows, *_: tf.size(rows) > 0, turn, start)[-1]

    def _read_weights(self):
        """Return the weights' values: given these, all calls of a search share its graph."""
        return [tf.convert_to_tensor(weight) for weight in self.weights]

    def _tokens(self, text):
        """Return the source tokens, ragged `(batch, source)`; a blank row has none."""
        return self.source_tokenizer.tokenize(tf.where(_is_blank(text), "", text))

    def _sources(self, tokens, rows, is_long):
        """Return source ids `(size, source)`, length limits and which rows are cut, `(size,)`.

        Rows that do not exist, and blank ones, have a limit of 0. If translations may be long, the
        sources are so wide that there is room for them.
        """
        nobody = tf.RaggedTensor.from_row_lengths(
            tf.zeros([0], tokens.dtype), tf.zeros([1], tokens.row_splits.dtype), validate=False
        )
        tokens = tf.gather(tf.concat([tokens, nobody], axis=0), rows)
        lengths = tf.cast(tokens.row_lengths(), tf.int32)
        ends = tf.fill([tf.size(rows), 1], END)
        source_ids = tf.concat([tokens[:, : self.max_length - 1], ends], axis=1).to_tensor()
        limits = tf.where(lengths == 0, 0, self._limit(lengths))
        most = tf.reduce_max(tf.concat([limits, [0]], axis=0))  # of no rows, too
        width = tf.where(is_long, most - _MARGIN, 0)
        return self._pad(source_ids, width), limits, lengths >= self.max_length

    def _limit(self, length):
        """Return how many tokens a translation may have: twice those of its source and ten."""
        return tf.minimum(2 * length + 10, self.max_length)

    def _pad(self, source_ids, length=0):
        """Pad source ids to a length at least, and to one of few if there is something to compile
        for them."""
        length = tf.maximum(length, tf.shape(source_ids)[1])
        if self.jit_compile:
            length = round_up(length, self._lengths())
        return tf.pad(source_ids, [[0, 0], [0, length - tf.shape(source_ids)[1]]])

    def _search(self, search, weights, source_ids, limits, *options):
        """Return what a search found, and which rows want more room, `(batch,)`."""
        found = self._searches()[search](weights, source_ids, limits, *options)
        return found, found.unfinished & (limits > self._room(source_ids))

    def _room(self, source_ids):
        return tf.minimum(tf.shape(source_ids)[1] + _MARGIN, self.max_length)

    def _compiled(self, search):
        """Return a search as a graph of its own, which XLA compiles if that is wanted.

        How much room there is follows from the width of the source ids: XLA wants shapes that
        follow from shapes.
        """

        def run(weights, source_ids, limits, *options):
            room = self._room(source_ids)
            limits = tf.minimum(limits, room)
            with keras.StatelessScope(zip(self._model().weights, weights, strict=True)):
                return search(self._model(), source_ids, limits, *options, room=room)

        return tf.function(
            run,
            jit_compile=self.jit_compile or None,
            autograph=False,
            experimental_attributes={"_noinline": True},  # three calls share one graph
        )


def _sentences(text):
    """Split texts into sentences and line breaks, ragged `(batch, pieces)`; blank ones are none."""
    return split_sentences(tf.where(_is_blank(text), "", text))


def _is_blank(text):
    return tf.equal(tf.strings.length(tf.strings.strip(text)), 0)


def _draws_of_pieces(seed, pieces, room):
    """Return what chance says about the tokens of each piece, `(pieces + 1, room)`: it depends on
    the seed, the number of the piece's text, and its place there. The last are nobody's."""
    places = tf.ragged.range(pieces.row_lengths()).flat_values
    most = tf.reduce_max(tf.concat([places, [0]], axis=0)) + 1
    draws = tf.map_fn(  # (most pieces, texts, room)
        lambda place: draws_for(seed, pieces.nrows(), room, place),
        tf.range(most),
        fn_output_signature=tf.float32,
    )
    draws = tf.gather_nd(draws, tf.stack([places, pieces.value_rowids()], axis=1))
    return tf.concat([draws, tf.zeros([1, room])], axis=0)


def _trim(ids):
    """Cut the columns at the end that hold nothing but padding, all but the first."""
    lengths = tf.reduce_sum(tf.cast(ids != PAD, tf.int32), axis=1)
    return ids[:, : tf.reduce_max(tf.concat([lengths, [1]], axis=0))]


def _labels(tokenizer, ids):
    return tf.where(ids == PAD, "", tokenizer.tokens(ids))
