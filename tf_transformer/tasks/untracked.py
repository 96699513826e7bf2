"""What a SavedModel is not to hold."""


class Untracked:
    """Hides what belongs to the code from SavedModel's tracking: weights are tracked by themselves,
    and what is compiled for training does not belong into what is served.

    Args:
        hidden: what a call returns.
    """

    def __init__(self, hidden):
        self._hidden = hidden

    def __call__(self):
        return self._hidden
