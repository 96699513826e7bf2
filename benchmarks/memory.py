"""How much memory a process has held; this module imports nothing that would count."""

import re
import resource
import sys
from pathlib import Path


def peak_memory_mb():
    """Return the most memory that this process has held so far, in MB."""
    try:  # Linux counts what the parent held into `ru_maxrss`
        status = Path("/proc/self/status").read_text()
        return round(int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1e3)
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / (1e6 if sys.platform == "darwin" else 1e3))  # bytes on macOS, else KB
