"""Of the snapshots on disk the newest whole one counts, and there is always one before it."""

import errno
import os
import shutil

import numpy as np
import pytest

from tf_transformer.errors import UserError
from tf_transformer.training.snapshots import Snapshots

ARRAYS = [
    np.float32([[0.1, -2.5e-30], [np.inf, 7]]),
    np.int64(12),
    np.uint32([4294967295, 0]),
    np.zeros((0, 3), "float32"),
]


@pytest.fixture
def snapshots(tmp_path):
    """Two snapshots, 10 and 20, of which the second needs a file."""
    snapshots = Snapshots(tmp_path / "run")
    snapshots.save(10, ARRAYS, {"step": 10})
    (snapshots.directory / "step-20.model").write_text("a model")
    snapshots.save(20, ARRAYS[:2], {"step": 20, "loss": 0.1}, needs=["step-20.model"])
    return snapshots


def newest_step(snapshots):
    """Return the number of the newest snapshot, as another process would find it."""
    return Snapshots(snapshots.directory).newest()[1]["step"]


def names(snapshots):
    return sorted(path.name for path in snapshots.directory.iterdir())


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def empty(path):
    os.truncate(path, 0)


def remove(path):
    path.unlink()


DAMAGES = [flip_a_bit, cut, empty, remove]


def test_what_is_saved_comes_back(tmp_path):
    Snapshots(tmp_path).save(10, ARRAYS, {"loss": 0.1, "epochs": [{"bleu": 1 / 3}], "best": None})
    arrays, values = Snapshots(tmp_path).newest()
    for array, expected in zip(arrays, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)
        assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
    assert values == {"loss": 0.1, "epochs": [{"bleu": 1 / 3}], "best": None}


def test_an_empty_directory_has_none(tmp_path):
    assert Snapshots(tmp_path).newest() is None
    assert Snapshots(tmp_path / "nowhere").newest() is None


def test_two_are_kept_with_what_they_need_and_nothing_else(snapshots):
    (snapshots.directory / ".writing-abc").mkdir()
    (snapshots.directory / ".writing-abc" / "half").write_text("of a snapshot")
    snapshots.save(30, ARRAYS, {"step": 30})
    assert names(snapshots) == ["step-0000020", "step-0000030", "step-20.model"]
    snapshots.save(40, ARRAYS, {"step": 40})
    assert names(snapshots) == ["step-0000030", "step-0000040"]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    "name", ["variables.npz", "progress.json", "manifest.json", "../step-20.model"]
)
def test_the_one_before_a_damaged_one_counts_and_one_line_says_so(name, damage, snapshots, capsys):
    path = snapshots.directory / "step-0000020"
    assert newest_step(snapshots) == 20
    assert capsys.readouterr().out == ""
    damage(path / name)
    assert newest_step(snapshots) == 10
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{path} is damaged (")
    assert line.endswith("going back to step-0000010.")


def test_the_same_again_is_not_written_again(snapshots, monkeypatch):
    monkeypatch.delattr(os, "replace")
    snapshots.save(20, ARRAYS, {"step": 20})
    resumed = Snapshots(snapshots.directory)
    resumed.newest()
    resumed.save(20, ARRAYS, {"step": 20})
    assert {"step-0000010", "step-0000020"} < set(names(snapshots))


def test_a_damaged_one_makes_way_for_a_new_one(snapshots):
    cut(snapshots.directory / "step-0000020" / "variables.npz")
    resumed = Snapshots(snapshots.directory)
    assert resumed.newest()[1]["step"] == 10
    resumed.save(15, ARRAYS, {"step": 15})
    assert names(snapshots) == ["step-0000010", "step-0000015"]

    cut(snapshots.directory / "step-0000015" / "variables.npz")
    resumed = Snapshots(snapshots.directory)
    assert resumed.newest()[1]["step"] == 10
    resumed.save(15, ARRAYS, {"step": 15})
    assert names(snapshots) == ["step-0000010", "step-0000015"]
    assert newest_step(snapshots) == 15


def test_if_all_are_damaged_nothing_is_changed_and_it_is_a_user_error(snapshots):
    for step in (10, 20):
        flip_a_bit(snapshots.directory / f"step-{step:07d}" / "variables.npz")
    before = names(snapshots)
    with pytest.raises(UserError, match=r"step-0000020 is damaged .*step-0000010 is damaged .*"):
        newest_step(snapshots)
    assert names(snapshots) == before


def test_one_that_cannot_be_written_leaves_those_before_it(snapshots, monkeypatch):
    before = names(snapshots)

    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for function in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, full_disk)
            with pytest.raises(OSError, match="No space left"):
                snapshots.save(30, ARRAYS, {"step": 30})
        assert names(snapshots) == before
    assert newest_step(snapshots) == 20


def test_one_that_reads_back_wrong_replaces_none(snapshots, monkeypatch):
    replace = os.replace

    def replace_badly(source, target):
        flip_a_bit(source / "variables.npz")
        replace(source, target)

    monkeypatch.setattr(os, "replace", replace_badly)
    with pytest.raises(OSError, match=r"step-0000030 was not written correctly"):
        snapshots.save(30, ARRAYS, {"step": 30})
    assert {"step-0000010", "step-0000020"} < set(names(snapshots))
    assert newest_step(snapshots) == 20


def test_everything_is_on_disk_before_it_has_its_name(snapshots, monkeypatch):
    fsync, replace, done = os.fsync, os.replace, []

    def note_fsync(descriptor):
        done.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def note_replace(source, target):
        done.append("rename")
        replace(source, target)

    if not os.path.exists("/proc/self/fd"):
        pytest.skip("names of open files are in /proc on Linux alone")
    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    snapshots.save(30, ARRAYS, {"step": 30})
    assert sorted(done[:3]) == ["manifest.json", "progress.json", "variables.npz"]
    assert done[3:] == ["step-0000030", "rename", "run"]


def test_a_copy_of_a_run_elsewhere_is_whole(snapshots, tmp_path):
    copy = shutil.copytree(snapshots.directory, tmp_path / "copy")
    assert Snapshots(copy).newest()[1]["step"] == 20
