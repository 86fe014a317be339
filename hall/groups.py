"""Process groups: signal one whole, and have one killed when this process dies (hall/undertaker.py)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

LOOK_EVERY_SECONDS = 1.0
SCRIPT = Path(__file__).with_name("undertaker.py")


def kill_group(group: int, number: signal.Signals) -> None:
    """Send a signal to every process of a group; nothing happens when it has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class Undertaker:
    """The little process that ends every group on its list when this process dies (hall/undertaker.py)."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._process = self._start()

    def watch(self, group: int) -> None:
        """Put a process group on the list."""
        self._groups.add(group)
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Take a process group off the list, since it has ended and its number may be given to another."""
        self._groups.discard(group)
        self._tell(f"-{group}\n")

    async def keep(self) -> None:
        """See each second that it lives, for ever: one that was killed is replaced."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            if self._process.poll() is not None:
                self._replace()

    def dismiss(self) -> None:
        """Let it end; what is on the list is killed."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if not self._groups:
            self._process.kill()  # nothing left to do: do not wait for a Python to close down
        self._process.wait(timeout=2)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", str(SCRIPT)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            self._replace()

    def _replace(self) -> None:
        """Start a new one and give it the whole list."""
        self._process.kill()  # it has ended, or is about to
        self._process.wait()
        self._process = self._start()
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"+{group}\n" for group in self._groups).encode())
        self._process.stdin.flush()
