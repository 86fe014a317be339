"""Run a command that dies with the process that started it: `python tether.py PARENT_PID COMMAND...`.

A script of its own rather than a `preexec_fn`: Python code between fork and exec may deadlock in a process
that has threads. It only uses the standard library, so any interpreter from 3.8 on runs it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when `parent` dies; leave at once if it is dead already.

    The wish survives the exec that follows. Elsewhere than on Linux it does nothing: there the undertaker
    (hall/undertaker.py) is the only guard.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)


def main(arguments: list[str]) -> None:
    """Tie this process to the parent named first and become the command that follows."""
    die_with_parent(int(arguments[0]))
    os.execvp(arguments[1], arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
