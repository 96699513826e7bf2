"""Any number of rows, in batches of like length and of few sizes."""

import tensorflow as tf

_ROWS = (1, 8, 32, 128)  # of a batch: few sizes, as each is compiled for itself
_LONG = ((40, 32), (80, 8))  # rows of more tokens, as they differ much, go in batches of fewer
_AT_ONCE = 4  # batches that may run side by side, where there are threads for them


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

    def one_batch():  # nothing to sort, for the row that somebody waits for
        rows = tf.range(tf.maximum(tf.size(lengths), 1))
        return {name: x[: tf.size(lengths)] for name, x in function(rows).items()}

    def many_batches():
        batches = _batches(lengths)  # ragged (batches, size)
        found = tf.map_fn(
            function,
            batches,
            fn_output_signature={
                name: tf.RaggedTensorSpec([None, *spec.shape[1:]], spec.dtype, ragged_rank=0)
                for name, spec in output_spec.items()
            },
            parallel_iterations=_AT_ONCE,
        )
        places = tf.argsort(batches.flat_values, stable=True)[: tf.size(lengths)]
        return {name: tf.gather(x.flat_values, places) for name, x in found.items()}

    return tf.cond(tf.size(lengths) <= 1, one_batch, many_batches)


def sizes_for(length):
    """Return which sizes a batch may have, the least first.

    Args:
        length: of its shortest row, as a Python number.
    """
    most = min([_ROWS[-1], *(rows for limit, rows in _LONG if length > limit)])
    return _ROWS[: _ROWS.index(most) + 1]


def _batches(lengths):
    """Divide rows, those of each class of lengths by themselves: ragged `(batches, size)`."""
    order = tf.argsort(lengths, direction="DESCENDING", stable=True)
    batches, start = [], 0
    for limit in (*(limit for limit, _ in reversed(_LONG)), -1):
        end = tf.reduce_sum(tf.cast(lengths > limit, tf.int32))
        batches.append(_divide(order[start:end], sizes_for(limit + 1), tf.size(lengths)))
        start = end
    return tf.concat(batches, axis=0)


def _divide(rows, sizes, nobody):
    """Divide rows into batches of one size, two at least where that is not the least one."""
    size = round_up(tf.size(rows) // 2, sizes)
    count = (tf.size(rows) + size - 1) // size
    filled = tf.concat([rows, tf.fill([count * size - tf.size(rows)], nobody)], axis=0)
    return tf.RaggedTensor.from_uniform_row_length(filled, size, nrows=count)


def round_up(number, choices):
    """Return the least of some ascending choices that is not below a number, else the last."""
    return tf.reduce_min(tf.where(tf.constant(choices) >= number, choices, choices[-1]))
