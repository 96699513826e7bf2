"""Recipe 12 as a program: its mistakes are told in a line, before anything is served."""

import io

import pytest

from tf_transformer.cli import serve


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")  # set again afterwards, as it was
    for name in ("good/1", "version"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "saved_model.pb").touch()
    (tmp_path / "empty").write_text("\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model_dir=nowhere"], "model_dir=nowhere is not a directory"),
        (["--model_dir=version"], "model_dir=version is a version of a model"),
        (["--model_dir=empty"], "model_dir=empty is not a directory"),
        (["--model_dir=good", "--token_file=nowhere"], "nowhere"),
        (["--model_dir=good", "--token_file=empty"], "token_file=empty: it needs one line"),
        (["--rest_port=-1"], "rest_port"),
        (["--timeout=0"], "timeout"),
        (["good"], "'good' is not a flag"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(arguments, says, refused):
    assert says in refused("12", *arguments)


def test_a_missing_package_is_named_before_anything_is_loaded(refused, monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find(name)
    )
    message = refused("12", "--model_dir=good")
    assert "needs uvicorn: pip install 'tf-transformer[serving]'" in message


def test_a_log_that_cannot_be_written_is_no_reason_not_to_answer():
    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    serve.say("{}", Broken())
    whole = io.StringIO()
    serve.say("{}", whole)
    assert whole.getvalue() == "{}\n"
