"""One turn of a talk after the other: what two messages sent at once mean depends on which came first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from bot.turn_tickets import HELD_SECONDS, TurnTickets

# Waiting for a turn in another process: short while it lasts as long as most do, then longer.
_LOOK_AFTER_SECONDS = (0.01, 0.02, 0.02, 0.05, 0.1)


def _never() -> bool:
    return False


class TurnOrder:
    """Lets the turns of one talk in one by one, in the order of their coming; others do not wait.

    With `tickets` this holds in all processes that share the database, without them in this one.
    """

    def __init__(self, tickets: TurnTickets | None = None) -> None:
        self._tickets = tickets
        self._last: dict[str, asyncio.Lock] = {}
        self._taking: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}
        self._held: set[int] = set()
        self._renewing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn_of(
        self, key: str, turn: str = "", may_overtake: Callable[[], bool] = _never
    ) -> AsyncIterator[bool]:
        """Wait until the turns of `key` that came before are over; say whether this very turn was among them.

        `may_overtake` is asked where there is something to wait for: a call for help does not queue.
        """
        lock = self._last.setdefault(key, asyncio.Lock())
        if lock.locked() and may_overtake():
            yield False
            return
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            if self._tickets is None:
                async with lock:
                    yield False
            else:
                async with self._place(self._tickets, key, turn) as place, lock:
                    yield await self._wait(self._tickets, key, place, turn, may_overtake)
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._last[key]
                self._taking.pop(key, None)

    @asynccontextmanager
    async def _place(self, tickets: TurnTickets, key: str, turn: str) -> AsyncIterator[int]:
        # One after the other: two threads at once would take their places in any order.
        async with self._taking.setdefault(key, asyncio.Lock()):
            place = await asyncio.to_thread(tickets.take, key, turn)
        self._held.add(place)
        if self._renewing is None:
            self._renewing = asyncio.ensure_future(self._renew(tickets))
        try:
            yield place
        finally:
            self._held.discard(place)
            # Also where the turn was cancelled: a place that is left behind holds up the next turn.
            await asyncio.shield(asyncio.to_thread(tickets.give_back, place))

    async def _wait(
        self, tickets: TurnTickets, key: str, place: int, turn: str, may_overtake: Callable[[], bool]
    ) -> bool:
        was_among, looks = False, 0
        while ahead := await asyncio.to_thread(tickets.ahead, key, place):
            if looks == 0 and may_overtake():
                break
            was_among = was_among or turn in ahead
            await asyncio.sleep(_LOOK_AFTER_SECONDS[min(looks, len(_LOOK_AFTER_SECONDS) - 1)])
            looks += 1
        return was_among

    async def _renew(self, tickets: TurnTickets) -> None:
        """Renew the places held here as long as there are any; most turns are over before the first time."""
        try:
            while True:
                await asyncio.sleep(HELD_SECONDS / 3)
                if not self._held:
                    return
                with suppress(SQLAlchemyError):  # tried again in a second
                    await asyncio.to_thread(tickets.renew, tuple(self._held))
        finally:
            self._renewing = None
