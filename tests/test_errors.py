"""The words of errors."""

import pytest

from tf_transformer.errors import UserError, counted, require, suggest


def test_what_is_required_is_said_in_the_error():
    require(True, "never said")
    with pytest.raises(UserError, match=r"^said$"):
        require(False, "said")


def test_the_nearest_names_are_suggested_or_all_of_them():
    assert suggest("norms", {"norm", "dropout"}) == "did you mean norm?"
    assert suggest("zzz", {"norm", "dropout"}) == "choose one of dropout, norm."
    assert suggest("lr", {"learning_rate", "dropout"}) == "did you mean learning_rate?"
    assert suggest("BT", {"batch_tokens", "optimizer"}) == "did you mean batch_tokens?"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, "pair"), "1 pair"),
        ((0, "pair"), "0 pairs"),
        ((2000, "pair"), "2,000 pairs"),
        ((1, "batch", "batches"), "1 batch"),
        ((2, "batch", "batches"), "2 batches"),
    ],
)
def test_a_number_goes_with_its_noun(arguments, words):
    assert counted(*arguments) == words
