"""Whether code runs in a notebook, which shows pictures beneath the cell."""

from __future__ import annotations

import sys


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
