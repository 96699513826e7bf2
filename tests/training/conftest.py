import pytest

from tests.training.tiny_run import run_training


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory):
    """The model and the checkpoints of a `tiny_run` that nothing disturbed."""
    return run_training(tmp_path_factory.mktemp("uninterrupted"))
