"""The Transformer of TensorFlow's tutorial and its training, rewritten for Keras 3.

The tutorial is "Neural machine translation with a Transformer and Keras".
"""

import keras
import tensorflow as tf

MAX_TOKENS = 128
BATCH_SIZE = 64
BUFFER_SIZE = 20_000


class TutorialTransformer(keras.Model):
    """Maps source and target ids to logits: post-norm, three tables, heads as wide as the model.

    Args:
        config: a `TransformerConfig`.
    """

    def __init__(self, config):
        super().__init__()
        self.source_embedding = PositionalEmbedding(config.source_vocab_size, config.d_model)
        self.target_embedding = PositionalEmbedding(config.target_vocab_size, config.d_model)
        self.source_dropout = keras.layers.Dropout(config.dropout)
        self.target_dropout = keras.layers.Dropout(config.dropout)
        self.encoder = [EncoderLayer(config) for _ in range(config.num_layers)]
        self.decoder = [DecoderLayer(config) for _ in range(config.num_layers)]
        self.logits = keras.layers.Dense(config.target_vocab_size)

    def call(self, inputs, training=None):
        source_ids, target_ids = inputs
        source_mask = (source_ids != 0)[:, None, :]  # for every query
        memory = self.source_dropout(self.source_embedding(source_ids), training=training)
        for layer in self.encoder:
            memory = layer(memory, source_mask, training=training)
        x = self.target_dropout(self.target_embedding(target_ids), training=training)
        target_mask = (target_ids != 0)[:, None, :]
        for layer in self.decoder:
            x = layer(x, memory, target_mask, source_mask, training=training)
        return self.logits(x)


class PositionalEmbedding(keras.layers.Layer):
    """Embeds tokens and adds sines and cosines of their positions, one half after the other."""

    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.d_model = d_model
        self.embedding = keras.layers.Embedding(vocab_size, d_model)
        rates = 10_000 ** (-tf.range(d_model // 2, dtype="float32") / (d_model // 2))
        angles = tf.range(2048, dtype="float32")[:, None] * rates
        self.positions = tf.concat([tf.sin(angles), tf.cos(angles)], axis=-1)

    def call(self, ids):
        x = self.embedding(ids) * self.d_model**0.5
        return x + self.positions[: tf.shape(ids)[1]]


class Attention(keras.layers.Layer):
    """Multi-head attention, added to its query and normalised."""

    def __init__(self, config):
        super().__init__()
        self.attention = keras.layers.MultiHeadAttention(
            config.num_heads, key_dim=config.d_model, dropout=config.dropout
        )
        self.add = keras.layers.Add()
        self.norm = keras.layers.LayerNormalization()

    def call(self, x, memory, mask, causal=False, training=None):
        h = self.attention(
            x, memory, attention_mask=mask, use_causal_mask=causal, training=training
        )
        return self.norm(self.add([x, h]))


class FeedForward(keras.layers.Layer):
    """Two dense layers, added to their input and normalised."""

    def __init__(self, config):
        super().__init__()
        self.sequence = keras.Sequential(
            [
                keras.layers.Dense(config.d_ff, activation="relu"),
                keras.layers.Dense(config.d_model),
                keras.layers.Dropout(config.dropout),
            ]
        )
        self.add = keras.layers.Add()
        self.norm = keras.layers.LayerNormalization()

    def call(self, x, training=None):
        return self.norm(self.add([x, self.sequence(x, training=training)]))


class EncoderLayer(keras.layers.Layer):
    """Self-attention and feed-forward network."""

    def __init__(self, config):
        super().__init__()
        self.attention = Attention(config)
        self.feed_forward = FeedForward(config)

    def call(self, x, mask, training=None):
        x = self.attention(x, x, mask, training=training)
        return self.feed_forward(x, training=training)


class DecoderLayer(keras.layers.Layer):
    """Causal self-attention, attention to the source, and feed-forward network."""

    def __init__(self, config):
        super().__init__()
        self.self_attention = Attention(config)
        self.cross_attention = Attention(config)
        self.feed_forward = FeedForward(config)

    def call(self, x, memory, mask, memory_mask, training=None):
        x = self.self_attention(x, x, mask, causal=True, training=training)
        x = self.cross_attention(x, memory, memory_mask, training=training)
        return self.feed_forward(x, training=training)


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Rises for 4,000 steps, then falls with the inverse square root of the step."""

    def __init__(self, d_model, warmup_steps=4000):
        self.d_model = d_model
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, "float32")
        rate = tf.minimum(tf.math.rsqrt(step), step * self.warmup_steps**-1.5)
        return self.d_model**-0.5 * rate


def masked_loss(target_ids, logits):
    """Return the mean cross-entropy of real tokens."""
    mask = tf.cast(target_ids != 0, "float32")
    losses = keras.losses.sparse_categorical_crossentropy(target_ids, logits, from_logits=True)
    return tf.reduce_sum(losses * mask) / tf.reduce_sum(mask)


def masked_accuracy(target_ids, logits):
    """Return the share of real tokens that are predicted correctly."""
    mask = tf.cast(target_ids != 0, "float32")
    right = tf.cast(target_ids == tf.argmax(logits, axis=-1, output_type="int32"), "float32")
    return tf.reduce_sum(right * mask) / tf.reduce_sum(mask)


def compile_tutorial(model, d_model):
    """Compile the model as the tutorial does."""
    optimizer = keras.optimizers.Adam(WarmUp(d_model), beta_1=0.9, beta_2=0.98, epsilon=1e-9)
    model.compile(optimizer=optimizer, loss=masked_loss, metrics=[masked_accuracy])


def tutorial_dataset(sources, targets):
    """Return shuffled batches of 64 pairs of any length.

    Args:
        sources: ragged source ids, closed with END.
        targets: ragged target ids, between START and END.
    """

    def cut(source, target):
        source, target = source[:, :MAX_TOKENS], target[:, : MAX_TOKENS + 1]
        return (source.to_tensor(), target[:, :-1].to_tensor()), target[:, 1:].to_tensor()

    return (
        tf.data.Dataset.from_tensor_slices((sources, targets))
        .shuffle(BUFFER_SIZE, seed=1)
        .batch(BATCH_SIZE)
        .map(cut, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )
