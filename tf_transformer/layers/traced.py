"""What symbolic calls return."""

import keras


class Traced:
    """Makes symbolic calls of a layer return what real ones do, optional outputs and dtypes too.

    Keras would otherwise take `compute_output_shape` at its word: one output, in the layer's
    compute dtype. `summary` is what asks for that one.
    """

    def compute_output_spec(self, *args, **kwargs):
        return keras.Operation.compute_output_spec(self, *args, **kwargs)
