import numpy as np
import pytest

from tests.training.tiny_run import CONFIG, STEPS, VALIDATION, new_model, run_training, state
from tf_transformer.training import compile_model
from tf_transformer.training.fit import _build


@pytest.fixture(scope="session")
def compiled():
    """The model of a `tiny_run`, and the values that its variables have at first."""
    model = new_model()
    compile_model(model, CONFIG, STEPS)
    _build(model, VALIDATION)
    return model, state(model)


@pytest.fixture
def model(compiled):
    """A model as if it were new: one for all tests, as tracing it takes longest."""
    return as_new(*compiled)


def as_new(model, values):
    """Give all variables of a model the values that they had."""
    variables = [*model.variables, *model.optimizer.variables]
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return model


@pytest.fixture(scope="session")
def uninterrupted(compiled, tmp_path_factory):
    """The final state and the checkpoints of a `tiny_run` that nothing disturbed."""
    directory = tmp_path_factory.mktemp("uninterrupted")
    model, checkpoints = run_training(directory, model=as_new(*compiled))
    return [np.array(value) for value in state(model)], checkpoints
