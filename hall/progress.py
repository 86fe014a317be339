"""How far a long command is, on standard error: one line written over; in a log, a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

_ON_SCREEN_SECONDS = 0.2
# In a log every line stays.
_IN_A_LOG_SECONDS = 10.0


class Progress:
    """Tells what is being done and how far it is. As a context manager it clears its line at the end."""

    def __init__(self, out: TextIO | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._out = out or sys.stderr
        self._seconds = seconds
        self._over = self._out.isatty()
        self._told_at = self._seconds()
        self._written = 0

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear the line."""
        if self._written:
            self._out.write("\r" + " " * self._written + "\r")
            self._out.flush()

    def tell(self, what: str, share: float) -> None:
        """Say that `what` is done to `share` (0 to 1), unless something was said a moment ago."""
        now = self._seconds()
        if now - self._told_at < (_ON_SCREEN_SECONDS if self._over else _IN_A_LOG_SECONDS):
            return
        self._told_at = now
        line = f"{what}: {share:.0%}"
        if self._over:
            self._out.write("\r" + line.ljust(self._written))
            self._written = len(line)
        else:
            self._out.write(line + "\n")
        self._out.flush()
