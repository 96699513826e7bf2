"""The one exception for mistakes that the user can mend."""


class UserError(ValueError):
    """A mistake of the user's: its text is one line that says what is wrong and how to mend it.

    Recipes print that line and exit with code 2; library callers see an ordinary `ValueError`.
    """
