"""The environment says how many threads TensorFlow has, and a server sets only the rest."""

import os

import pytest

from tf_transformer.serving.threads import use_one_thread

NAMES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in NAMES:  # set first: what the test leaves is taken back then
        monkeypatch.setenv(name, "7")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("across", [False, True])
def test_only_what_is_asked_for_is_set(within, across):
    use_one_thread(within, across)
    asked = zip(NAMES, (within, across), strict=True)
    assert {name for name in NAMES if name in os.environ} == {
        name for name, is_one in asked if is_one
    }


def test_what_a_person_has_set_stays(monkeypatch):
    monkeypatch.setenv(NAMES[0], "4")
    use_one_thread(within=True, across=True)
    assert [os.environ[name] for name in NAMES] == ["4", "1"]
