"""A lock that threads get in the order in which they came."""

from __future__ import annotations

from collections import deque
from threading import Lock, get_ident


class InTurn:
    """Lets one thread in at a time, whoever has waited longest first; Python's own locks let anybody in.

    Raises RuntimeError for a thread that is inside already: it would wait for itself.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._inside: int | None = None
        self._waiting: deque[tuple[int, Lock]] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._waiting)

    def __enter__(self) -> None:
        """Come in, or wait for it."""
        me = get_ident()
        with self._guard:
            if self._inside is None:
                self._inside = me
                return
            if self._inside == me:
                raise RuntimeError("this thread is writing already: end that first")
            gate = Lock()
            gate.acquire()
            self._waiting.append((me, gate))
        # Whoever leaves opens the gate, having written down that this one is inside now.
        gate.acquire()

    def __exit__(self, *_: object) -> None:
        """Leave, and let the next one in."""
        with self._guard:
            self._inside = None
            if self._waiting:
                self._inside, gate = self._waiting.popleft()
                gate.release()
