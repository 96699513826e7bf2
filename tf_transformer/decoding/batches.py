"""Any number of rows, in batches of like length and of few sizes."""

import tensorflow as tf

ROWS = (1, 8, 64)  # of a batch: few sizes, as each is compiled for itself
_AT_ONCE = 2  # batches that may run side by side, where there are threads for them


def in_batches(function, lengths, output_spec):
    """Call a function on batches of rows of like length; answer in the rows' own order.

    The last rows of a batch that is not full do not exist: their number is `len(lengths)`.

    Args:
        function: from row numbers, int32 `(size,)`, to a dictionary of tensors `(size, ...)`.
        lengths: int `(rows,)`, by which rows are sorted, longest first.
        output_spec: a dictionary of `tf.TensorSpec`s of what the function returns.

    Returns:
        A dictionary of tensors `(rows, ...)`.
    """
    rows = tf.shape(lengths)[0]
    size = round_up(rows, ROWS)
    count = tf.maximum((rows + size - 1) // size, 1)
    order = tf.argsort(lengths, direction="DESCENDING", stable=True)
    batches = tf.concat([order, tf.fill([count * size - rows], rows)], axis=0)
    found = tf.map_fn(
        function,
        tf.reshape(batches, [count, size]),
        fn_output_signature=output_spec,
        parallel_iterations=_AT_ONCE,
    )
    back = tf.math.invert_permutation(order)
    return {
        name: tf.gather(tf.reshape(x, tf.concat([[-1], tf.shape(x)[2:]], axis=0)), back)
        for name, x in found.items()
    }


def round_up(number, choices):
    """Return the least of some ascending choices that is not below a number, else the last."""
    return tf.reduce_min(tf.where(tf.constant(choices) >= number, choices, choices[-1]))
