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


def test_of_settings_of_one_field_the_last_counts():
    assert settings(["a=2", "a=3"]) == {"a": 3}


@pytest.mark.parametrize("text", ["a", "a:2"])
def test_a_setting_without_its_sign_is_refused(text):
    with pytest.raises(UserError, match="write --set=NAME=VALUE"):
        settings([text])
