"""Ends process groups whose supervisor has died: reads `+GROUP` and `-GROUP` lines from its standard input.

The supervisor holds the other end of that pipe. When it dies, however it dies, the pipe ends, and every group
still on the list is killed: the kernel's death signal (hall/tether.py) does not reach grandchildren.
A script of its own, so that it stays small and has nothing else to do.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Keep the list until the pipe ends, then kill what is on it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


if __name__ == "__main__":
    main()
