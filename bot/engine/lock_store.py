"""Locks within one process, for people who touch twice: the second touch waits 20 ms, not a second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore


class QuickLockStore(InMemoryLockStore):
    """Rasa's in-memory locks with a short wait between tries.

    For several Rasa processes use Rasa's own RedisLockStore instead (see docs/operators.md).
    """

    def __init__(self, endpoint_config: object = None) -> None:
        """Start without locks; Rasa hands every custom store its endpoint configuration."""
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 0.02,
    ) -> AsyncIterator[TicketLock]:
        """Hold the lock of one conversation."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as held:
            yield held
