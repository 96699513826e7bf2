"""The usual search for translations."""

from __future__ import annotations

SEARCH = {"beam_size": 4, "alpha": 0.6}
"""How translations are searched for, unless something else is asked for."""
