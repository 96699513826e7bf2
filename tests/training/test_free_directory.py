"""A page that is run again makes a new run, beside the one before."""

import os

from tf_transformer.config import ClassifierConfig, ClassifierTraining, preset
from tf_transformer.training import Run, finished_runs, free_directory, newest_run


def test_the_first_free_path_is_taken(tmp_path):
    path = tmp_path / "first"
    assert free_directory(path) == path
    path.mkdir()
    assert free_directory(path) == path  # it is empty
    (path / "config.json").touch()
    assert free_directory(str(path)) == tmp_path / "first-2"
    (tmp_path / "first-2").touch()  # a file
    assert free_directory(path) == tmp_path / "first-3"
    assert Run.create(free_directory(path)).directory.name == "first-3"
    assert free_directory(path) == tmp_path / "first-4"


def test_the_newest_finished_run_of_a_task_is_found(tmp_path):
    def add(name, configs, time):
        run = Run.create(tmp_path / name)
        run.save_config("phrasebook", *configs)
        if time:
            run.metrics_path.write_text("{}")
            os.utime(run.metrics_path, (time, time))
        return run.directory

    assert finished_runs(tmp_path) == []
    assert newest_run("translator", tmp_path) is None
    new = add("a", preset("tiny"), 2e9)
    old = add("deep/b", preset("tiny"), 1e9)
    classes = add("c", (ClassifierConfig(), ClassifierTraining()), 3e9)
    add("unfinished", preset("tiny"), 0)
    (other := tmp_path / "other").mkdir()
    for name in ("config.json", "metrics.json"):
        (other / name).write_text("{}")  # another program's, and the newest of all
    assert [path for path in finished_runs(tmp_path) if path != other] == [old, new, classes]
    assert newest_run("translator", tmp_path) == new
    assert newest_run("classifier", tmp_path) == classes
    assert newest_run("completer", tmp_path) is None
