"""One turn of a talk after the other: what two messages sent at once mean depends on which came first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TurnOrder:
    """Lets the turns of one talk in one by one, in the order of their coming; others do not wait.

    It holds within a process. Between processes Rasa's lock keeps the order of its own part.
    """

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    @asynccontextmanager
    async def turn_of(self, key: str) -> AsyncIterator[None]:
        """Wait until the turns of `key` that came before are over."""
        lock = self._last.setdefault(key, asyncio.Lock())
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._last[key]
