import itertools
import json

import pytest

from benchmarks.comparison import Comparison, Result, save
from benchmarks.measure import Contender, Threads, compare

ONE = (Threads(1),)


def pretender(name, **options):
    return Contender(name, f"tests.benchmarks.pretenders:{name}", ONE, options)


def test_contenders_take_turns_and_never_work_side_by_side(tmp_path):
    journal = tmp_path / "journal"
    contenders = [pretender("timing", journal=str(journal)) for _ in range(3)]
    compare("Turns", "things", contenders, repeats=3)
    lines = [line.split() for line in journal.read_text().splitlines()]
    assert len(lines) == 9
    for before, after in itertools.pairwise(lines):
        assert float(before[1]) <= float(after[0])
    processes = [line[2] for line in lines]
    for first in range(0, 9, 3):
        assert len(set(processes[first : first + 3])) == 3


def test_medians_and_their_ratio(capsys):
    ours = pretender("counting", first=10)
    peer = pretender("counting", first=2)
    comparison = compare("Counts", "things", [ours, peer], repeats=3, minutes=0.1)
    assert [result.figures for result in comparison.results] == [[10, 20, 30], [2, 4, 6]]
    assert comparison.ratio(comparison.results[1]) == 5
    assert capsys.readouterr().out.startswith(
        "Counts (things): counting, counting; 3 rounds, about 0.1 min\n"
    )


@pytest.mark.parametrize(("lower_is_better", "best"), [(False, 21), (True, 11)])
def test_the_best_threads_compete(lower_is_better, best):
    threads = [Threads(1, 1), Threads(2, 1), Threads(1, 3)]
    contender = Contender("sweep", "tests.benchmarks.pretenders:threads_seen", threads)
    comparison = compare("Sweep", "things", [contender], 2, lower_is_better=lower_is_better)
    assert comparison.results[0].figures == [best, best]
    assert comparison.results[0].sweep == {"1 × 1": [11, 11], "2 × 1": [21, 21], "1 × 3": [13, 13]}


@pytest.mark.parametrize(("name", "reason"), [("failing", "this contender is lame"), ("dying", "")])
def test_a_contender_that_fails_is_named_with_its_reason(name, reason):
    with pytest.raises(RuntimeError, match=rf"(?s){name} \(1 × 1 threads\) failed.*{reason}"):
        compare("Failure", "things", [pretender(name)])


def test_a_contender_whose_package_is_missing_is_left_out(capsys):
    absent = Contender("absent", "nowhere:nothing", requires=["no_such_package"])
    comparison = compare("Absent", "things", [pretender("counting", first=1), absent], 1)
    assert [result.name for result in comparison.results] == ["counting"]
    assert "absent is left out: pip" in capsys.readouterr().out


def comparison_of(ours, peer, lower_is_better=False):
    results = [Result("ours", "1 × 1", ours), Result("peer", "1 × 1", peer, at_least=2, aim=3)]
    return Comparison("Title", "things", results, lower_is_better)


@pytest.mark.parametrize(
    ("ours", "peer", "lower_is_better", "ratio", "verdict"),
    [
        ([19], [10], False, 1.9, "missed"),
        ([1, 20, 90], [10], False, 2, "met"),
        ([30], [10], False, 3, "aim"),
        ([10], [30], True, 3, "aim"),
        ([20], [30], True, 1.5, "missed"),
    ],
)
def test_ratio_says_how_many_times_better_ours_is(ours, peer, lower_is_better, ratio, verdict):
    comparison = comparison_of(ours, peer, lower_is_better)
    assert comparison.ratio(comparison.results[1]) == pytest.approx(ratio)
    assert comparison.verdict(comparison.results[1]) == verdict
    assert f"{ratio:.2f} ×" in comparison.table()
    assert verdict in comparison.table()


def test_json_holds_raw_figures_and_what_they_ran_on(tmp_path):
    save(tmp_path / "new" / "figures.json", [comparison_of([30.5, 29.5], [10, 11])])
    values = json.loads((tmp_path / "new" / "figures.json").read_text())
    assert {"command", "cpu", "cores", "packages", "python"} <= values.keys()
    ours, peer = values["comparisons"][0]["results"]
    assert ours["figures"] == [30.5, 29.5]
    assert peer["ours_is"] == pytest.approx(30 / 10.5)
