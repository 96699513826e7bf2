"""Training in several processes, on one machine or many, as if they were one."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import socket
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence

import keras
import numpy as np

from tf_transformer.config import Processes
from tf_transformer.data.share import WHOLE, Share
from tf_transformer.errors import UserError, require
from tf_transformer.quiet_start import silent_stdout
from tf_transformer.training.divergence import DivergedError

_LONGEST_WAIT = 3600  # seconds that process 0 may take to prepare a run
# How XLA's errors begin, such as "UNKNOWN: Gloo AllGather failed: … Connection reset by peer".
_STATUS = re.compile(r"(UNKNOWN|INTERNAL|UNAVAILABLE|ABORTED|CANCELLED|DEADLINE_EXCEEDED): ")
_HEARTBEATS = 30  # seconds without one, after which a process counts as dead


class LostProcessError(UserError):
    """A training that ended because one of its processes did."""


@contextlib.contextmanager
def together(processes: Processes | None) -> Iterator[None]:
    """Train on all devices of all processes while in this block.

    Every process gets its share of each batch, and the gradient is the mean over all of them. Only
    process 0 prints. It should enter when the run can be read, because the others wait for it here.

    Args:
        processes: the processes, and which of them this one is. If `None`, the block changes
            nothing: this process trains on one device.

    Raises:
        LostProcessError: if another process ends before its time.
        UserError: if Keras's backend is not JAX, or if process 0 cannot be found.
    """
    if not processes:
        yield
        return
    require_jax()
    if not processes.coordinator:
        with _on_all_devices():
            yield
        return
    import jax

    _join(processes)
    try:
        with _on_all_devices(), _only_first_prints(processes):
            yield
        jax.distributed.shutdown()  # when all have come so far
    except (KeyboardInterrupt, DivergedError):
        raise  # as in all other processes
    except BaseException as error:
        atexit.register(_exit_at_once)
        if not _STATUS.match(str(error)):
            raise
        reason = textwrap.shorten(str(error), 120, placeholder=" …")
        raise LostProcessError(
            f"another process of this training has ended, or is out of reach ({reason}): see what "
            "it says, then start all processes again with resume=True."
        ) from error


def require_jax() -> None:
    """Check that Keras's backend can train on several devices."""
    backend = keras.backend.backend()
    require(
        backend == "jax",
        f"distribute=True needs Keras's JAX backend, and this is {backend}: "
        "set KERAS_BACKEND=jax in the environment.",
    )


def current_share() -> Share:
    """Return the share of each batch that this process reads: all of it outside `together`."""
    if keras.distribution.distribution() is None:
        return WHOLE
    import jax

    return Share(jax.process_index(), jax.process_count(), jax.device_count())


def agreed(*wishes: bool) -> tuple[bool, ...]:
    """Return which wishes at least one process has. All processes must ask at the same step."""
    return tuple(bool(wish) for wish in _of_all(wishes).any(axis=0))


def require_same_step(step: int) -> None:
    """Check that all processes go on from the same step.

    Raises:
        UserError: if they see different checkpoints.
    """
    steps = _of_all([step])[:, 0]
    require(
        steps.min() == steps.max(),
        f"the processes see different checkpoints, after the steps {', '.join(map(str, steps))}: "
        "give all of them the same run_dir.",
    )


def _of_all(values: Sequence[int]) -> np.ndarray:
    """Return the values of all processes, `(processes, values)`."""
    values = np.array(values)
    if current_share().processes == 1:
        return values[None]
    from jax.experimental import multihost_utils

    return multihost_utils.process_allgather(values)


def _on_all_devices() -> contextlib.AbstractContextManager:
    """Distribute what is made in a block: variables to all devices, and a batch's rows over them.

    On one device, this would change only how JAX names its place, and each step would be compiled
    twice.
    """
    if keras.distribution.get_device_count() == 1:
        return contextlib.nullcontext()
    return keras.distribution.DataParallel(auto_shard_dataset=False).scope()


def _join(processes: Processes) -> None:
    import jax
    import jax.extend
    from jax.experimental import multihost_utils

    if not processes.is_first:
        _wait_for(processes.coordinator)
    jax.extend.backend.clear_backends()  # what prepared the run may have made one, for itself alone
    jax.distributed.initialize(
        processes.coordinator,
        processes.num_processes,
        processes.process_id,
        heartbeat_timeout_seconds=_HEARTBEATS,
    )
    with silent_stdout():  # gloo reports that it is connected
        multihost_utils.sync_global_devices("all are here")


def _wait_for(coordinator: str) -> None:
    """Wait until process 0 listens. Ctrl-C ends this wait, but not that of JAX."""
    print(f"Waiting for process 0 at {coordinator} …", flush=True)
    host, _, port = coordinator.rpartition(":")
    started = time.monotonic()
    while time.monotonic() - started < _LONGEST_WAIT:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=10):
            return
        time.sleep(0.5)
    raise UserError(f"coordinator={coordinator}: process 0 has not come in {_LONGEST_WAIT} s.")


def _exit_at_once() -> None:
    """End this process. JAX would wait for the others, and they are gone, or wait for this one."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


@contextlib.contextmanager
def _only_first_prints(processes: Processes) -> Iterator[None]:
    if processes.is_first:
        yield
        return
    print(f"This is process {processes.process_id} of {processes.num_processes}: 0 prints.")
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
