"""The environment says how many threads TensorFlow has, and a server sets only the rest."""

import os

import pytest

from tf_transformer.serving.threads import share_cores

WITHIN, ACROSS = NAMES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in NAMES:  # set first: what the test leaves is taken back then
        monkeypatch.setenv(name, "7")
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("batches", "alone", "limited"),
    [
        (0, True, [WITHIN]),
        (4, True, [WITHIN]),
        (1, True, []),
        (1, False, [WITHIN, ACROSS]),
    ],
)
def test_batches_share_the_cores_and_one_alone_has_all(batches, alone, limited):
    share_cores(batches, alone)
    assert {name: os.environ[name] for name in NAMES if name in os.environ} == dict.fromkeys(
        limited, "1"
    )


def test_what_a_person_has_set_stays(monkeypatch):
    monkeypatch.setenv(WITHIN, "4")
    share_cores(batches=1, alone=False)
    assert [os.environ[name] for name in NAMES] == ["4", "1"]
