"""What the command line sets of a configuration."""

import pytest

from tf_transformer.cli.training_flags import settings
from tf_transformer.errors import UserError


def test_values_that_are_json_count_as_such():
    assert settings(["a=2", "b=0.5", "c=true", "d=word", "e=x=y"]) == {
        "a": 2,
        "b": 0.5,
        "c": True,
        "d": "word",
        "e": "x=y",
    }


def test_a_field_is_set_once():
    assert settings(["a=2", "a=2"]) == {"a": 2}
    with pytest.raises(UserError, match="--set=a=3: a is 2 by another --set"):
        settings(["a=2", "a=3"])
