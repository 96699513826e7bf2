"""The public interface, and what importing it costs."""

import subprocess
import sys

import pytest

import tf_transformer as tft


def test_importing_the_package_imports_no_framework():
    code = (
        "import sys, tf_transformer as tft; tft.UserError; tft.preset; "
        "print({'tensorflow', 'keras', 'numpy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("set()\n", "")


def test_every_public_name_is_there():
    assert len(set(tft.__all__)) == len(tft.__all__)
    for name in tft.__all__:
        value = getattr(tft, name)
        assert name == "PRESETS" or value.__name__ == name
    assert set(tft.__all__) <= set(dir(tft))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'tf_transformer' has no attribute 'Transfomer'"):
        tft.Transfomer  # noqa: B018
