"""The hallway that chat and kiosk share: say(Turn) -> Reply.

Makes the reply to a turn and remembers what the next one needs; when a turn comes in and when its reply goes
out is bot/turns.py's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from operator import itemgetter

from bot.choices import Choices
from bot.choices import ChoiceUnknown as ChoiceUnknown
from bot.means import Means as Means
from bot.memory import TurnRecord
from bot.memory import TurnUnknown as TurnUnknown
from bot.missed import missed, question_of
from bot.notices import CHOICES_GOOD_FOR
from bot.replying import Replied, Replying
from bot.replying import is_call_for_help as is_call_for_help
from bot.talk_after import talk_after
from bot.turn import Channel as Channel
from bot.turn import Turn as Turn
from bot.turns import Turns, Work
from language.reply import HandledBy, Reply

logger = logging.getLogger(__name__)


class Conversation:
    """Answers turns of every door. Safe to share between requests of one process."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._choices = Choices(means.sealer)
        self._replying = Replying(means, self._choices)
        work = Work(self._say, means.memory.answered, is_call_for_help)
        self._turns = Turns(work, means.order, means.promises, means.clock)

    async def say(self, turn: Turn) -> Reply:
        """Return the reply to one turn; to a repeated `message_id` the reply it had before.

        A reply that is `late` only says that the real one follows, see `late_replies`. Raises ChoiceUnknown
        for a choice that was not issued to this person in the last ten minutes.
        """
        turn = replace(turn, id=turn.make_id(self._means.secret))
        return await self._turns.take(turn, self.key_of(turn))

    async def keep_promises(self) -> None:
        """See to it, for ever, that replies promised for later come, also those of a process that died."""
        await self._turns.keep_promises()

    def key_of(self, turn: Turn) -> str:
        """Return the key under which a talk is kept."""
        return turn.key(self._means.secret)

    async def open_guide(self, turn: Turn, guide_id: str, aspect: str | None) -> Reply:
        """Return a guide touched in a list; questions that follow are about it. Raises GuideUnknown."""
        key, started = self.key_of(turn), time.monotonic()
        turn = replace(turn, id=turn.make_id(self._means.secret))
        reply = self._means.answering().answer_guide(guide_id, aspect, turn.locale)
        talk = await self._means.memory.recall_soon(key)
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

    async def forget(self, turn: Turn) -> None:
        """Forget a talk that ended with its visitor: where it stood, what is owed to it and sealed for it.

        Rasa's own row holds tokens only, which then open nothing, and goes within a day.
        """
        key = self.key_of(turn)
        for forget in (self._means.memory.forget, self._means.promises.forget, self._means.vault.forget):
            await asyncio.to_thread(forget, key)

    async def late_replies(self, turn: Turn, after: int) -> list[tuple[int, Reply]]:
        """Return replies of this talk that came late, and notices owed to it, with their ids."""
        return await asyncio.to_thread(self._late_replies, self.key_of(turn), after)

    def _late_replies(self, key: str, after: int) -> list[tuple[int, Reply]]:
        now, late = self._means.clock(), self._means.promises.replies(key, after)
        for notice in self._means.notices.fetch(key, after):
            reply = self._choices.issue(notice.reply, key, now, CHOICES_GOOD_FOR)
            late.append((notice.number, reply))
            if notice.is_new and reply.choices:
                self._means.memory.offer(key, reply, now + CHOICES_GOOD_FOR)
        return sorted(late, key=itemgetter(0))

    async def _say(self, turn: Turn, key: str) -> Reply:
        started = time.monotonic()
        talk = await self._means.memory.recall_soon(key)
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
