"""The environment of a run: versions and machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tf_transformer.errors import counted

_PACKAGES = ("tf-transformer", "keras", "tensorflow", "tensorflow-text", "numpy", "sacrebleu")


def environment() -> dict[str, Any]:
    """Return the versions and the machine that produced a result."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "threads": {  # of TensorFlow; 0 lets it choose
            "intra_op": tf.config.threading.get_intra_op_parallelism_threads(),
            "inter_op": tf.config.threading.get_inter_op_parallelism_threads(),
        },
        "device": device_name(),
        "backend": keras.backend.backend(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }


def device_name() -> str:
    """Return what Keras computes on, in words."""
    devices = keras.distribution.list_devices()
    kind, count = devices[0].split(":")[0].upper(), len(devices)
    if kind == "CPU":
        kind, count = "CPU core", os.cpu_count()
    return counted(count, kind)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")
