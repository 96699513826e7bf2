"""The words of errors."""

import re

import pytest

from tests.first_run import CHECKOUT
from tf_transformer.errors import UserError, counted, require, suggest


def test_what_is_required_is_said_in_the_error():
    require(True, "never said")
    with pytest.raises(UserError, match=r"^said$"):
        require(False, "said")


def test_the_nearest_names_are_suggested_or_all_of_them():
    assert suggest("norms", {"norm", "dropout"}) == "did you mean norm?"
    assert suggest("zzz", {"norm", "dropout"}) == "choose one of dropout, norm."
    assert suggest("zzz", map(str, range(1000, 2000))).endswith(", 1073, 1074 and others.")
    assert suggest("lr", {"learning_rate", "dropout"}) == "did you mean learning_rate?"
    assert suggest("BT", {"batch_tokens", "optimizer"}) == "did you mean batch_tokens?"


ROOMS = ("tf_transformer", "recipes", "benchmarks")
_UNCOUNTED = re.compile(
    r"\{[^{}]*\} (?:batches|pairs|sentences|epochs|lines|files|cores)\b(?! (?:a|per) second)[^\"]*"
)
_MANY = {  # what is never one, or is said of another number
    "{len(rows):,} lines: the columns seem to be swapped; ",  # ten at least
    "{len(files)} files where one or two are needed, TRAIN,TEST",
}


def test_one_thing_is_not_counted_in_the_plural():
    scripts = [path for room in ROOMS for path in (CHECKOUT / room).rglob("*.py")]
    found = {each for path in scripts for each in _UNCOUNTED.findall(path.read_text("utf-8"))}
    assert {each for each in found if "counted(" not in each} <= _MANY


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
