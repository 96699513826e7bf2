"""The processes that train together, as flags and Keras's environment variables name them."""

import pytest

from tf_transformer.config import Processes
from tf_transformer.errors import UserError

NAMES = ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")


@pytest.fixture
def surroundings(monkeypatch):
    """Sets Keras's variables, in the order of `NAMES`."""

    def set_them(*values):
        for name, value in zip(NAMES, values, strict=True):
            monkeypatch.setenv(f"KERAS_DISTRIBUTION_{name}", value)

    for name in NAMES:
        monkeypatch.delenv(f"KERAS_DISTRIBUTION_{name}", raising=False)
    return set_them


def test_flags_come_before_the_environment(surroundings):
    assert Processes.from_environment() == Processes()
    surroundings("10.0.0.1:1234,10.0.0.2:1234", "2", "1")
    assert Processes.from_environment() == Processes("10.0.0.1:1234", 2, 1)
    assert Processes.from_environment(process_id=0).is_first
    assert Processes.from_environment(coordinator="other:99").coordinator == "other:99"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"num_processes": 2}, "2 processes need a coordinator"),
        ({"coordinator": "10.0.0.1", "num_processes": 2}, "write HOST:PORT"),
        ({"coordinator": "a:1", "num_processes": 2, "process_id": 2}, "from 0 to 1"),
    ],
)
def test_what_does_not_belong_together_is_refused_in_one_line(surroundings, fields, words):
    with pytest.raises(UserError, match=words):
        Processes.from_environment(**fields)


def test_a_variable_that_is_no_number_is_named(surroundings):
    surroundings("a:1", "two", "0")
    with pytest.raises(UserError, match="KERAS_DISTRIBUTION_NUM_PROCESSES=two"):
        Processes.from_environment()
