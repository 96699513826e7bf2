"""How long tests took: the longest files go first, and long tests are marked `slow`.

`python -m pytest --write-durations` measures them anew, in `durations.json`.
"""

import collections
import json
from pathlib import Path

import pytest

PATH = Path(__file__).with_name("durations.json")
LONG = 0.5  # seconds: such a test is slow
TRAINED = {"first_run", "trained", "uninterrupted"}  # fixtures: what needs them is slow
MAKERS = ("first_run", "trained")  # trainings that many files share: long to make
UNKNOWN = 5.0  # seconds that a file may take which has not been measured


class Durations:
    """Measures the tests of a session, and writes the file at its end."""

    def __init__(self):
        self.files = collections.Counter()
        self.slow = set()

    def pytest_runtest_logreport(self, report):
        file = report.nodeid.split("::", 1)[0]
        self.files[file] += report.duration
        if report.duration > LONG and not report.user_properties:
            # What is set up is used by others of the file.
            self.slow.add(report.nodeid if report.when == "call" else file)

    def pytest_sessionfinish(self):
        files = {file: round(seconds, 1) for file, seconds in sorted(self.files.items())}
        slow = [name for name in sorted(self.slow) if name.split("::")[0] not in self.slow]
        slow += self.slow & self.files.keys()
        PATH.write_text(json.dumps({"files": files, "slow": sorted(slow)}, indent=1) + "\n")


def longest_first(items):
    """Sort tests such that files that take longest come first, and mark those that are slow."""
    known = json.loads(PATH.read_text()) if PATH.exists() else {"files": {}, "slow": []}
    slow = set(known["slow"])
    needs = collections.defaultdict(set)  # file → its trainings
    for item in items:
        trained = TRAINED & set(item.fixturenames)
        needs[_file(item)] |= trained
        item.user_properties += [("needs", name) for name in sorted(trained)]
        is_long = item.get_closest_marker("long") is not None
        if trained or is_long or {item.nodeid, _file(item)} & slow:
            item.add_marker(pytest.mark.slow)
    order = sorted(needs, key=lambda file: -known["files"].get(file, UNKNOWN))
    # One process makes a training while the other makes another: none waits for the other's.
    makers = [next((f for f in order if name in needs[f]), None) for name in MAKERS]
    place = {file: i for i, file in enumerate(dict.fromkeys([*makers, *order]))}
    items.sort(key=lambda item: place[_file(item)])


def _file(item):
    return item.nodeid.split("::", 1)[0]
