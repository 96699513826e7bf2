"""keras-hub's `TransformerEncoder` and `TransformerDecoder`, combined as in its guides."""

import keras
import keras_hub


def keras_hub_transformer(config):
    """Return a functional Keras model from `(source_ids, target_ids)` to logits.

    Its layers have a single dropout rate, also for attention and hidden units. Positions are
    learned, which is what the library offers with an embedding.

    Args:
        config: a `TransformerConfig`: pre-norm, with one table for all.
    """
    embedding = keras_hub.layers.TokenAndPositionEmbedding(
        config.source_vocab_size, config.max_length, config.d_model, mask_zero=True
    )
    layer = {
        "intermediate_dim": config.d_ff,
        "num_heads": config.num_heads,
        "dropout": config.dropout,
        "normalize_first": True,
    }
    source_ids = keras.Input([None], dtype="int32", name="source_ids")
    target_ids = keras.Input([None], dtype="int32", name="target_ids")
    source_mask = keras.ops.not_equal(source_ids, 0)
    target_mask = keras.ops.not_equal(target_ids, 0)

    memory = keras.layers.Dropout(config.dropout)(embedding(source_ids))
    for _ in range(config.num_layers):
        memory = keras_hub.layers.TransformerEncoder(**layer)(memory, padding_mask=source_mask)
    memory = keras.layers.LayerNormalization()(memory)

    x = keras.layers.Dropout(config.dropout)(embedding(target_ids))
    for _ in range(config.num_layers):
        x = keras_hub.layers.TransformerDecoder(**layer)(
            x,
            memory,
            decoder_padding_mask=target_mask,
            encoder_padding_mask=source_mask,
        )
    x = keras.layers.LayerNormalization()(x)
    logits = embedding.token_embedding(x, reverse=True)
    return keras.Model([source_ids, target_ids], logits)
