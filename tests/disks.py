"""A real disk that is small and gets full."""

import os
import shutil
import subprocess

import pytest


def mount(disk, size):
    """Mount a disk of so many bytes ("4m"), where root may, and unmount it in the end."""
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("only root may mount a disk, and not everywhere")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def leave_free(disk, kilobytes):
    """Fill a disk, but for so many kilobytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    state = os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, state.f_bavail * state.f_frsize - 1024 * kilobytes)))
