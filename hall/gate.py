"""Keeps a worker waiting until the database is ready: it imports meanwhile, which takes longer."""

from __future__ import annotations

import os

VARIABLE = "LINLI_GATE_FD"


def wait_until_open() -> None:
    """Return once the supervisor has closed its end of the pipe; at once where there is no supervisor."""
    descriptor = os.environ.get(VARIABLE)
    if not descriptor:
        return
    os.read(int(descriptor), 1)  # nothing is ever written: it ends when nobody could
