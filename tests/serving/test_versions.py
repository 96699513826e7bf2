"""Versions: which are served, which are refused, and what labels name."""

import asyncio
import json
import shutil

import pytest

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.versions import Status, Versions


class Shelf:
    """A model's directory, whose versions are loaded as their own text."""

    def __init__(self, directory):
        self.directory, self.loaded, self.told = directory, [], []
        self.versions = Versions(directory, self.load, self.told.append)

    def load(self, path):
        self.loaded.append(int(path.name))
        text = (path / "saved_model.pb").read_text()
        if text == "damaged":
            raise ValueError("it is\ndamaged")
        return text

    def put(self, number, text="good"):
        path = self.directory / str(number)
        path.mkdir(exist_ok=True)
        (path / "saved_model.pb").write_text(text)

    def label(self, **labels):
        (self.directory / "labels.json").write_text(json.dumps(labels))

    def refresh(self):
        asyncio.run(self.versions.refresh())

    def states(self):
        return [(status.version, status.state) for status in self.versions.statuses()]


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "pt_en").mkdir()
    return Shelf(tmp_path / "pt_en")


def test_the_newest_is_served_and_the_one_before_it_dropped(shelf):
    shelf.put(1)
    shelf.refresh()
    assert shelf.versions.find() == (1, "good")
    shelf.put(10, "better")
    shelf.put(9)
    shelf.refresh()
    assert shelf.versions.find() == (10, "better")
    assert shelf.loaded == [1, 10]
    assert shelf.states() == [(10, "AVAILABLE"), (1, "END")]


def test_what_has_been_found_stays_with_who_found_it(shelf):
    shelf.put(1, "old")
    shelf.refresh()
    number, model = shelf.versions.find()
    shelf.put(2)
    shelf.refresh()
    assert (number, model) == (1, "old")
    with pytest.raises(Failure, match=r"Servable not found for request: Specific\(pt_en, 1\)"):
        shelf.versions.find(1)


def test_other_files_and_folders_are_no_versions(shelf):
    for name in ("x", "007", ".3", "1e3", "٣", "99999999999999999999"):
        (shelf.directory / name).mkdir()
        (shelf.directory / name / "saved_model.pb").touch()
    (shelf.directory / "4").mkdir()
    shelf.put(2)
    shelf.refresh()
    assert shelf.loaded == [2]


def test_a_damaged_version_is_refused_once_and_the_old_one_stays(shelf):
    shelf.put(1)
    shelf.refresh()
    shelf.put(2, "damaged")
    for _ in range(3):
        shelf.refresh()
    assert shelf.versions.find() == (1, "good")
    assert shelf.loaded == [1, 2]
    assert shelf.versions.statuses(2) == [Status(2, "END", "INTERNAL", "it is damaged")]
    assert shelf.told == ["version 1 serves", "version 2 is refused: it is damaged"]


def test_a_damaged_version_is_tried_again_when_its_files_change(shelf):
    shelf.put(1)
    shelf.put(2, "damaged")
    shelf.refresh()
    shelf.put(2, "mended")
    shelf.refresh()
    assert shelf.versions.find() == (2, "mended")


def test_if_the_newest_is_taken_away_the_one_before_it_serves(shelf):
    shelf.put(1)
    shelf.put(2)
    shelf.refresh()
    shutil.rmtree(shelf.directory / "2")
    shelf.refresh()
    assert shelf.versions.find() == (1, "good")
    shutil.rmtree(shelf.directory)
    shelf.refresh()
    assert shelf.versions.find() == (1, "good")


def test_labels_keep_versions_and_can_be_moved(shelf):
    shelf.put(1, "old")
    shelf.put(2, "new")
    shelf.label(stable=1, canary=2)
    shelf.refresh()
    assert shelf.versions.find(label="stable") == (1, "old")
    assert shelf.versions.find(label="canary") == (2, "new")
    assert shelf.versions.find(1) == (1, "old")
    shelf.label(stable=2)
    shelf.refresh()
    assert shelf.versions.find(label="stable") == (2, "new")
    assert shelf.states() == [(2, "AVAILABLE"), (1, "END")]
    with pytest.raises(Failure, match="Unrecognized servable version label: canary"):
        shelf.versions.find(label="canary")


@pytest.mark.parametrize("text", ["damaged", None])
def test_a_label_does_not_leave_a_version_for_one_that_cannot_be_served(shelf, text):
    shelf.put(1, "old")
    shelf.label(stable=1)
    shelf.refresh()
    if text:
        shelf.put(2, text)
    shelf.label(stable=2)
    shelf.refresh()
    assert shelf.versions.find(label="stable") == (1, "old")


@pytest.mark.parametrize("text", ["{", "[1]", '{"stable": "x"}', '{"stable": null}', "\xff"])
def test_labels_that_cannot_be_read_stay_as_they_were(shelf, text):
    shelf.put(1)
    shelf.label(stable=1)
    shelf.refresh()
    (shelf.directory / "labels.json").write_text(text, encoding="latin-1")
    shelf.refresh()
    shelf.refresh()
    assert shelf.versions.find(label="stable") == (1, "good")
    assert len([line for line in shelf.told if "is no JSON object" in line]) == 1


def test_before_anything_is_loaded_nothing_is_found(shelf):
    shelf.put(1, "damaged")
    shelf.refresh()
    assert not shelf.versions.is_ready
    with pytest.raises(Failure, match=r"Servable not found for request: Latest\(pt_en\)"):
        shelf.versions.find()
    with pytest.raises(Failure, match="Could not find version 7 of model pt_en"):
        shelf.versions.statuses(7)
