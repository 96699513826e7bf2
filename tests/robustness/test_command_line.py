"""Whatever is typed or piped: a line out for a line in, or one line that says what is wrong."""

import pytest
import tensorflow as tf
from hypothesis import strategies as st

import tf_transformer as tft
from tests.recipes.conftest import recipe  # noqa: F401 (fixture)
from tests.robustness.texts import BYTES, TEXT


class Echo:
    """Translates a text as itself."""

    def search(self, text, beam_size, alpha):
        return {
            "translations": tf.repeat(text[:, None], beam_size, axis=1),
            "scores": tf.zeros([len(text), beam_size]),
            "truncated": tf.fill([len(text), beam_size], False),
        }


@pytest.fixture
def translate(recipe, monkeypatch):  # noqa: F811
    """Runs recipe 06 with an `Echo`."""
    monkeypatch.setattr(tft, "load_saved_model", lambda directory, **_: Echo())
    return lambda *arguments, **options: recipe("06", "--model_dir=.", *arguments, **options)


def test_a_line_of_any_bytes_on_standard_input_gives_one_of_output(translate, for_all):
    def check(lines):
        lines = [line.replace(b"\n", b" ") for line in lines]
        finished = translate(stdin=b"".join(line + b"\n" for line in lines))
        assert finished.code == 0, finished
        assert finished.out.count("\n") == len(lines)

    for_all(st.lists(BYTES, min_size=1, max_size=20), check)


ARGUMENT = st.one_of(
    TEXT,
    st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3),  # of no encoding
    TEXT.map(lambda text: f"--{text}"),
    st.tuples(st.sampled_from(["beam_size", "alpha", "n_best", "model_dir", "help"]), TEXT).map(
        lambda x: f"--{x[0]}={x[1]}"
    ),
).map(lambda text: text.replace("\0", ""))


def test_any_arguments_are_translated_or_refused_in_a_line(translate, for_all):
    def check(arguments):
        finished = translate(*arguments, stdin=b"x\n")
        assert "Traceback" not in finished.err
        if finished.code:
            assert finished.code == 2
            assert finished.err.startswith("error: ")
            assert finished.err.count("\n") == 1

    for_all(st.lists(ARGUMENT, min_size=1, max_size=3), check)
