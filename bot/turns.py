"""A turn from its coming to its reply: once, in its order, and never without an answer for long.

Whoever waits has a reply within four seconds. Where the real one takes longer, the turn goes on, is kept
(bot/promises.py) and delivered late, by another process if need be.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from bot.etiquette import may_speak
from bot.promises import HELD_SECONDS, Promised, Promises
from bot.screening import is_english
from bot.turn import Turn
from bot.turn_order import TurnOrder
from language.moments import Clock
from language.reply import Decision, HandledBy, Reply, text_block
from language.texts import Texts

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 1.0


class NotYet(Exception):
    """Only Rasa can do this turn, and it is away for now. `reply` tells the person so."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("Rasa is away")
        self.reply = reply


@dataclass(frozen=True)
class Pace:
    """How long a person waits for a word, and how long a turn is tried."""

    honest_after_seconds: float = 4.0
    give_up_after: timedelta = timedelta(minutes=3)


@dataclass(frozen=True)
class Work:
    """What turns are made of. `answered` finds the reply to a message that was answered before."""

    reply: Callable[[Turn, str], Awaitable[Reply]]
    answered: Callable[[str, str], Reply | None]
    may_overtake: Callable[[Turn], bool]


class Turns:
    """The turns that this process has under way."""

    def __init__(
        self, work: Work, order: TurnOrder, promises: Promises, clock: Clock, pace: Pace | None = None
    ) -> None:
        self._work = work
        self._order = order
        self._promises = promises
        self._clock = clock
        self._pace = pace or Pace()
        self._texts = Texts(Path(__file__).parent / "texts.yml")
        self._under_way: dict[tuple[str, str], asyncio.Task[Reply]] = {}
        self._promised: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._delivering: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, turn: Turn, key: str) -> Reply:
        """Return the reply to a turn, or a word that it will come; to a repeated message the same one.

        Raises what the work raises.
        """
        if turn.message_id is None:
            return await self._in_time(turn, key)
        name = (key, turn.message_id)
        under_way = self._under_way.get(name)
        if under_way is None:
            answered = await asyncio.to_thread(self._work.answered, *name)
            if answered is not None:
                return answered
            if name not in self._under_way:
                self._under_way[name] = self._begin(self._in_time(turn, key))
                self._under_way[name].add_done_callback(lambda _: self._under_way.pop(name, None))
            under_way = self._under_way[name]
        # A platform that hangs up and sends again must not cancel the turn it repeats.
        return await asyncio.shield(under_way)

    async def keep_promises(self) -> None:
        """Renew this process's promises and take over those of processes that died, for ever."""
        while True:
            await asyncio.sleep(HELD_SECONDS / 3)
            try:
                if self._promised:
                    await asyncio.to_thread(self._promises.renew, set(self._promised))
                for promised in await asyncio.to_thread(self._promises.take_over):
                    if promised.turn.id not in self._promised:
                        logger.info("turn %s is taken over", promised.turn.id[:8])
                        self._begin(self._resume(promised))
            except SQLAlchemyError as fault:
                # Without its message, which may quote what was to be written.
                logger.warning("promises cannot be looked at (%s); tried again", type(fault).__name__)

    async def _in_time(self, turn: Turn, key: str) -> Reply:
        """Return the reply, or after four seconds (sooner where Rasa is away) a word that it will come."""
        soon: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        give_up_at = self._clock() + self._pace.give_up_after
        # A task of its own: it goes on when the caller has hung up.
        work: asyncio.Task[Reply] = self._begin(self._see_through(turn, key, soon, give_up_at))
        await asyncio.wait(
            (work, soon), timeout=self._pace.honest_after_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if work.done():
            return work.result()
        await asyncio.to_thread(self._promises.make, turn, key)
        if work.done():
            await asyncio.to_thread(self._promises.take_back, turn.id)
            return work.result()
        self._begin(self._deliver(work, turn, key))
        logger.info("turn %s %s is answered late", turn.id[:8], turn.channel)
        if not may_speak(turn):
            return Reply(Decision.SILENT, handled_by=HandledBy.SCREEN)
        honest = soon.result() if soon.done() else self._say("still_at_work", turn)
        return replace(honest, late=True, turn=turn.id)

    async def _see_through(
        self, turn: Turn, key: str, soon: asyncio.Future[Reply], give_up_at: datetime
    ) -> Reply:
        async with self._order.turn_of(key, turn.id, lambda: self._work.may_overtake(turn)) as was_elsewhere:
            if was_elsewhere and turn.message_id is not None:
                answered = await asyncio.to_thread(self._work.answered, key, turn.message_id)
                if answered is not None:
                    return answered
            pause = FIRST_PAUSE_SECONDS
            while True:
                try:
                    return await self._work.reply(turn, key)
                except NotYet as not_yet:
                    if not soon.done():
                        soon.set_result(not_yet.reply)
                if self._clock() > give_up_at:
                    return self._say("gave_up", turn)
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    async def _deliver(self, work: asyncio.Task[Reply], turn: Turn, key: str) -> None:
        self._promised.add(turn.id)
        # One reply of a talk after the other: two threads at once would keep them in any order.
        lock = self._delivering.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                reply = await self._reply_or_regret(work, turn)
                await asyncio.to_thread(self._promises.keep, turn.id, key, reply)
        finally:
            # Where the database is away the promise stays, and is taken up again when it is back.
            self._promised.discard(turn.id)

    async def _reply_or_regret(self, work: asyncio.Task[Reply], turn: Turn) -> Reply:
        try:
            return await work
        except Exception as fault:  # noqa: BLE001  the edge of a turn nobody waits for: said, and logged
            where = "".join(traceback.format_tb(fault.__traceback__))
            logger.error("turn %s failed late: %s\n%s", turn.id[:8], type(fault).__name__, where)
            return self._say("gave_up", turn)

    async def _resume(self, promised: Promised) -> None:
        turn, key = promised.turn, promised.key
        soon: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        give_up_at = promised.at + self._pace.give_up_after
        await self._deliver(self._begin(self._see_through(turn, key, soon, give_up_at)), turn, key)

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task and hold on to it: the loop alone would let it be forgotten."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen by who waits; nobody may, when a caller hung up

    def _say(self, name: str, turn: Turn) -> Reply:
        sentence = self._texts.say(name, "en" if is_english(turn.text or "") else turn.locale)
        return Reply(
            Decision.SMALLTALK, (text_block(sentence),), sentence, handled_by=HandledBy.FALLBACK, turn=turn.id
        )
