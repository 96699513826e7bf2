"""The lock that lets only one process at a time write to a run."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import weakref
from pathlib import Path

from tf_transformer.errors import UserError

NAME = ".lock"

_TAKEN = (errno.EACCES, errno.EAGAIN)


class RunLock:
    """Keeps other processes out of a run's directory until this object is gone.

    The system releases the lock when the process ends, however it ends. The file stays, and names
    the last process that had it. On file systems without locks, there is no lock.

    Args:
        directory: directory of the run.

    Raises:
        UserError: if another process has the lock.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        weakref.finalize(self, os.close, descriptor)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _TAKEN:
                raise UserError(
                    f"run_dir={directory} is in use by {_holder(path)}: wait for it or stop it, or "
                    "choose another run_dir."
                ) from None
        else:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())

    @classmethod
    def of(cls, directory: str | os.PathLike) -> RunLock:
        """Return the lock of a run: the one that this process has, or a new one.

        Raises:
            UserError: if another process has the lock.
        """
        directory = Path(directory).resolve()
        key = (os.getpid(), directory)  # a forked process inherits no lock
        lock = _OURS.get(key) or cls(directory)
        return _OURS.setdefault(key, lock)


# Closing a file releases all locks that the process has on it. It is thus opened only once.
_OURS: weakref.WeakValueDictionary[tuple[int, Path], RunLock] = weakref.WeakValueDictionary()


def _holder(path: Path) -> str:
    """Describe the process that has the lock."""
    try:
        return path.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"
