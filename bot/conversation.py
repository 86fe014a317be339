"""The hallway that chat and kiosk share: say(Turn) -> Reply.

Keeps the turns of a talk in order, answers a repeated message once, and remembers what the next turn needs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from bot.choices import Choices
from bot.choices import ChoiceUnknown as ChoiceUnknown
from bot.means import Means as Means
from bot.memory import TurnRecord
from bot.memory import TurnUnknown as TurnUnknown
from bot.missed import missed, question_of
from bot.replying import Replied, Replying
from bot.talk_after import talk_after
from bot.turn import Channel as Channel
from bot.turn import Turn as Turn
from bot.turn_order import TurnOrder
from language.reply import HandledBy, Reply

logger = logging.getLogger(__name__)


class Conversation:
    """Answers turns of every door. Safe to share between requests of one process."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._choices = Choices(means.sealer)
        self._replying = Replying(means, self._choices)
        self._order = TurnOrder()
        self._under_way: dict[tuple[str, str], asyncio.Task[Reply]] = {}

    async def say(self, turn: Turn) -> Reply:
        """Return the reply to one turn; to a repeated `message_id` the reply it had before.

        Raises ChoiceUnknown for a choice that was not issued to this person in the last ten minutes.
        """
        key = self.key_of(turn)
        turn = replace(turn, id=turn.make_id(self._means.secret))
        if turn.message_id is None:
            return await self._say(turn, key)
        under_way = self._under_way.get((key, turn.message_id))
        if under_way is None:
            answered = await asyncio.to_thread(self._means.memory.answered, key, turn.message_id)
            if answered is not None:
                return answered
            under_way = self._under_way.setdefault(
                (key, turn.message_id), asyncio.ensure_future(self._say(turn, key))
            )
            under_way.add_done_callback(lambda _: self._under_way.pop((key, str(turn.message_id)), None))
        # A platform that hangs up and sends again must not cancel the turn it repeats.
        return await asyncio.shield(under_way)

    def key_of(self, turn: Turn) -> str:
        """Return the key under which a talk is kept."""
        return turn.key(self._means.secret)

    async def open_guide(self, turn: Turn, guide_id: str, aspect: str | None) -> Reply:
        """Return a guide touched in a list; questions that follow are about it. Raises GuideUnknown."""
        key, started = self.key_of(turn), time.monotonic()
        turn = replace(turn, id=turn.make_id(self._means.secret))
        reply = self._means.answering().answer_guide(guide_id, aspect, turn.locale)
        talk = await asyncio.to_thread(self._means.memory.recall, key)
        switch = self._means.standing().at_door(turn.channel)
        reply = (
            replace(reply, handled_by=HandledBy.SCREEN)
            if switch is None
            else self._replying.withhold(switch, turn, talk)
        )
        return await self._finish(turn, key, Replied(reply, talk), started)

    async def rate(self, turn: Turn, turn_id: str, stars: int, reason: str = "") -> None:
        """Keep a rating (1 to 5 stars) of an answer given in this talk. Raises TurnUnknown."""
        key = self.key_of(turn)
        await asyncio.to_thread(self._means.memory.rate, key, turn_id, stars, reason)

    async def late_replies(self, turn: Turn, after: int) -> list[tuple[int, Reply]]:
        """Return replies of this talk that came late, with their ids."""
        key = self.key_of(turn)
        return await asyncio.to_thread(self._means.memory.late_replies, key, after)

    async def _say(self, turn: Turn, key: str) -> Reply:
        started = time.monotonic()
        async with self._order.turn_of(key):
            talk = await asyncio.to_thread(self._means.memory.recall, key)
            return await self._finish(turn, key, await self._replying.reply(turn, key, talk), started)

    async def _finish(self, turn: Turn, key: str, replied: Replied, started: float) -> Reply:
        """Make the reply ready to be shown, and remember the turn."""
        talk, asked, now = replied.talk, replied.asked, self._means.clock()
        reply = replace(self._choices.issue(replied.reply, key, now), turn=turn.id)
        milliseconds = round((time.monotonic() - started) * 1000)
        record = TurnRecord(
            reply.turn,
            key,
            turn.message_id,
            str(turn.channel),
            milliseconds,
            question_of(asked, talk, reply),
            replied.left or missed(asked, talk, reply),
        )
        after = replace(talk_after(talk, reply, now), awaits=replied.awaits)
        await asyncio.to_thread(self._means.memory.record, record, reply, after)
        self._means.observe(reply, turn.channel, milliseconds)
        logger.info(
            "turn %s %s %s guide=%s confidence=%s by=%s %d ms",
            reply.turn[:8],
            turn.channel,
            reply.decision,
            reply.guide.id if reply.guide else None,
            reply.confidence,
            reply.handled_by,
            milliseconds,
        )
        return reply
