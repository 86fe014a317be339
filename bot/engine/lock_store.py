"""Locks of conversations: one turn of a conversation at a time, in this process and, with Redis, in all.

The hall already sends the turns of a conversation one after the other, and a tracker's version lets only one
of two saves through (tracker_store.py). So a lock only spares work that would be thrown away: where Redis is
gone, turns go on without it.

Stock looks at a lock once a second, so a double tap waits; it holds a dead process's lock for a minute.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockStore

from bot.engine.turns import under_way

logger = logging.getLogger(__name__)

# A lock is renewed while its turn lasts; a process that died loses it after this long.
HELD_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.02
# Redis answers in under a millisecond, or it is not there.
REDIS_SECONDS = 0.5
FORGET_REDIS_SECONDS = 2.0

_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class TurnLockStore(LockStore):
    """Lock conversations in this process, and in Redis where `LINLI_REDIS_URL` names one."""

    def __init__(self, endpoint_config: object = None) -> None:
        """Start without locks; Rasa hands every custom store its endpoint configuration."""
        super().__init__()
        url = os.environ.get("LINLI_REDIS_URL", "")
        self._shared = RedisLocks(url) if url else None
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = LOOK_EVERY_SECONDS,
    ) -> AsyncIterator[TicketLock]:
        """Hold the lock of one conversation, in the order of coming within this process."""
        own = self._locks.setdefault(conversation_id, asyncio.Lock())
        self._waiting[conversation_id] = self._waiting.get(conversation_id, 0) + 1
        try:
            async with own:
                if self._shared is None:
                    yield TicketLock(conversation_id)
                else:
                    async with self._shared.lock(conversation_id, wait_time_in_seconds):
                        yield TicketLock(conversation_id)
        finally:
            self._waiting[conversation_id] -= 1
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id], self._locks[conversation_id]


class RedisLocks:
    """Locks that several processes see: a key each, which bears the id of the turn that holds it."""

    def __init__(self, url: str) -> None:
        """Connect when the first lock is asked for."""
        from redis import asyncio as redis
        from redis.exceptions import RedisError

        self._faults = (RedisError, OSError, asyncio.TimeoutError)
        self._redis: Any = redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        )
        self._gone_until = 0.0

    @asynccontextmanager
    async def lock(self, conversation: str, look_every_seconds: float) -> AsyncIterator[None]:
        """Hold the lock; without Redis hold nothing."""
        turn = under_way.get()
        holder = (turn.id if turn else "") or secrets.token_hex(8)
        key = f"linli:turn:{conversation}"
        while not await self._take(key, holder):  # noqa: ASYNC110 (what it waits for is in Redis)
            await asyncio.sleep(look_every_seconds)
        renewing = asyncio.ensure_future(self._renew(key, holder))
        try:
            yield
        finally:
            renewing.cancel()
            await self._ask(self._redis.eval, _RELEASE, 1, key, holder)

    async def _take(self, key: str, holder: str) -> bool:
        """Return whether the lock is held now.

        A lock that this very turn holds is its own: the process that took it died or was given up.
        """
        milliseconds = round(HELD_SECONDS * 1000)
        if await self._ask(self._redis.set, key, holder, nx=True, px=milliseconds):
            return True
        if self._is_gone():
            return True
        held_by = await self._ask(self._redis.get, key)
        return self._is_gone() or held_by == holder.encode()

    async def _renew(self, key: str, holder: str) -> None:
        while True:
            await asyncio.sleep(HELD_SECONDS / 3)
            await self._ask(self._redis.eval, _RENEW, 1, key, holder, round(HELD_SECONDS * 1000))

    async def _ask(self, call: Any, *arguments: Any, **options: Any) -> Any:
        """Return Redis' answer; None where it is gone, and for a while after it was found so."""
        if self._is_gone():
            return None
        try:
            return await call(*arguments, **options)
        except self._faults as problem:
            if not self._is_gone():
                logger.warning("Redis is away (%s): locks hold within this process", type(problem).__name__)
            self._gone_until = time.monotonic() + FORGET_REDIS_SECONDS
            return None

    def _is_gone(self) -> bool:
        return time.monotonic() < self._gone_until
