"""Properties that hold for all text: few examples of it in each run, many in `make long`."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.tasks.conftest import export_tasks


@pytest.fixture(scope="session")
def exported(shared):
    """Where a model of each kind is exported: the same that tests of tasks export."""
    return shared("tasks", export_tasks)


@pytest.fixture(
    params=[pytest.param(4, id="few"), pytest.param(150, id="many", marks=pytest.mark.long)]
)
def for_all(request):
    """Checks a property: `for_all(strategy, check)` calls `check` with examples of the strategy.

    The examples are the same each time. An example is a list, as many texts cost what one does.
    """
    rules = settings(
        max_examples=request.param,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shrink an example calls a model for minutes
        suppress_health_check=list(HealthCheck),
    )

    def run(strategy, check):
        rules(given(strategy)(lambda example: check(example)))()

    return run
