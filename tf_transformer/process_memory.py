"""The peak memory of a process. This module imports nothing that would add to it."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_memory_mb() -> int:
    """Return the most memory that this process has held so far, in MB."""
    try:  # on Linux, `ru_maxrss` includes what the parent held
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return round(int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024 / 1e6)
    except (OSError, TypeError):  # not Linux, or a kernel without this
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)  # in bytes on macOS
