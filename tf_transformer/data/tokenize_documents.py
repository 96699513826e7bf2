"""From documents to one stream of token ids."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from tf_transformer.text.tokenizer import END, Tokenizer


def tokenize_documents(documents: Iterable[str], tokenizer: Tokenizer) -> np.ndarray:
    """Turn documents into one stream of token ids, with an END before each and at the end.

    A model thus learns that a text begins after END.

    Args:
        documents: the texts.
        tokenizer: turns them into ids.

    Returns:
        `(tokens,)`, int32.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters("ab")
        tft.data.tokenize_documents(["ab", "b"], tokenizer)  # [3, 4, 5, 3, 5, 3]
        ```
    """
    stream = [[END]]
    for document in documents:
        stream += [tokenizer.tokenize(tf.constant([document])).values.numpy(), [END]]
    return np.concatenate(stream).astype(np.int32)
