"""An exported model needs TensorFlow and tensorflow-text alone, and answers as the Python model."""

import functools
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

TEXTS = [
    "o gato vê a porta azul.".encode(),
    b"",
    "não há cães aqui!".encode(),
    b"invalid \xff\xfe UTF-8 \xe3",
    b"NUL \x00 inside",
    b"\x01\x02\x1b[0m\x7f",
    "🙂 família 👩\u200d👩\u200d👧, e\u0301, 猫".encode(),
    b" \t ",
    b"line\r\nbreak",
    "[END] ▁ \x1b1 ##s".encode(),
    b"gato " * 300,
]


both = pytest.mark.parametrize("name", ["joint", pytest.param("separate", marks=pytest.mark.long)])


@pytest.fixture(scope="module")
def served(request, tmp_path_factory):
    """What each model answers in a process of its own, elsewhere."""
    return functools.cache(lambda name: _served(name, request, tmp_path_factory))


def _served(name, request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("elsewhere")
    (directory / "texts").write_bytes(pickle.dumps(TEXTS))
    script = Path(__file__).with_name("fresh_process.py")
    model_dir = request.getfixturevalue(f"{name}_dir") / "1"
    finished = subprocess.run(
        [sys.executable, "-I", str(script), "texts", "answers", str(model_dir)],
        cwd=directory,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return pickle.loads((directory / "answers").read_bytes())


@both
def test_a_fresh_process_answers_as_the_python_model(name, served, request):
    answers = served(name)
    translator = request.getfixturevalue(name)
    text = tf.constant(TEXTS)
    beam = translator.translate_beam(text, beam_size=3)
    assert_same(answers["serving_default"], translator.translate(text))
    assert_same(answers["translate_beam"], {k: beam[k] for k in ("translations", "scores")})
    assert_same(answers["attend"], translator.attend(text))
    assert_same(answers["embed"], translator.embed(text))
    assert_same(answers["search"], translator.translate_beam(text, beam_size=2, alpha=0.0))
    assert_same(answers["sample"], translator.sample(text, 5, 0.8, 7, 0.9))


@both
def test_a_fresh_process_answers_no_rows_with_none(name, served):
    answers = served(name)
    assert all(len(rows) == 0 for rows in answers["no rows"].values())


@both
def test_the_answers_are_worth_comparing(name, served):
    answers = served(name)
    translations = answers["serving_default"]["translation"]
    assert len(set(translations)) > len(TEXTS) // 2
    assert any(answers["sample"]["translation"] != translations)


def assert_same(ours, theirs):
    """Texts, flags and ids are equal, numbers within 1e-4."""
    assert ours.keys() == theirs.keys()
    for name in ours:
        expected = theirs[name].numpy()
        assert ours[name].dtype == expected.dtype
        if np.issubdtype(expected.dtype, np.floating):
            np.testing.assert_allclose(ours[name], expected, rtol=1e-4, atol=1e-4, err_msg=name)
        else:
            np.testing.assert_array_equal(ours[name], expected, err_msg=name)
