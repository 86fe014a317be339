"""The hallway that chat and kiosk share: say(Turn) -> Reply.

Screens the text, asks Rasa, falls back when Rasa is away, and remembers what the next turn needs.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from bot import emergencies, wishes
from bot.choices import Choices
from bot.choices import ChoiceUnknown as ChoiceUnknown
from bot.etiquette import is_private_matter, may_speak, without_call
from bot.fallback import Fallback
from bot.hints import hints
from bot.memory import Memory, Talk, TurnRecord
from bot.memory import TurnUnknown as TurnUnknown
from bot.missed import Asked, missed, question_of
from bot.privacy import Sealed, seal_personal_data, without_personal_data
from bot.rasa_client import RasaAway, RasaClient
from bot.screening import MAX_CHARS, Refused, Screened, is_english, screen
from bot.turn import Channel as Channel
from bot.turn import Turn as Turn
from bot.turn_order import TurnOrder
from cases.sealing import Sealer
from cases.vault import Vault
from knowledge.answering import MAX_CHOICES, Answering, Finding
from knowledge.switches import Standing, Switch
from language.moments import Clock
from language.reply import Choice, Decision, HandledBy, Reply, text_block
from language.script import simplified
from language.texts import Texts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Means:
    """What a conversation needs; wired by hall/."""

    answering: Callable[[], Answering]  # the release that is current at the moment of asking
    rasa: RasaClient
    memory: Memory
    vault: Vault
    sealer: Sealer
    secret: bytes  # makes the keys of talks
    clock: Clock
    observe: Callable[[Reply, Channel, int], None]  # told of every turn, with its milliseconds
    standing: Callable[[], Standing] = Standing  # what staff have switched off at the moment of asking


class Conversation:
    """Answers turns of every door. Safe to share between requests of one process."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._choices = Choices(means.sealer)
        self._fallback = Fallback(means.answering)
        self._texts = Texts(Path(__file__).parent / "texts.yml")
        self._order = TurnOrder()
        self._under_way: dict[tuple[str, str], asyncio.Task[Reply]] = {}

    async def say(self, turn: Turn) -> Reply:
        """Return the reply to one turn; to a repeated `message_id` the reply it had before.

        Raises ChoiceUnknown for a choice that was not issued to this person in the last ten minutes.
        """
        key = self.key_of(turn)
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
        reply = self._means.answering().answer_guide(guide_id, aspect, turn.locale)
        talk = await asyncio.to_thread(self._means.memory.recall, key)
        switch = self._means.standing().at_door(turn.channel)
        reply = (
            replace(reply, handled_by=HandledBy.SCREEN)
            if switch is None
            else self._withhold(switch, turn, talk)
        )
        return await self._finish(turn, key, talk, (reply, None), started)

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
            return await self._finish(turn, key, talk, await self._reply(turn, key, talk), started)

    async def _finish(
        self, turn: Turn, key: str, talk: Talk, replied: tuple[Reply, Asked | None], started: float
    ) -> Reply:
        """Make the reply ready to be shown, and remember the turn."""
        reply, asked = replied
        now = self._means.clock()
        reply = replace(self._choices.issue(reply, key, now), turn=secrets.token_hex(16))
        milliseconds = round((time.monotonic() - started) * 1000)
        record = TurnRecord(
            reply.turn,
            key,
            turn.message_id,
            str(turn.channel),
            milliseconds,
            question_of(asked, talk, reply),
            missed(asked, talk, reply),
        )
        await asyncio.to_thread(self._means.memory.record, record, reply, _talk_after(talk, reply))
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

    async def _reply(self, turn: Turn, key: str, talk: Talk) -> tuple[Reply, Asked | None]:
        switch = self._means.standing().at_door(turn.channel)
        if turn.choice is not None:
            choice = self._choices.open(turn.choice, key, self._means.clock())
            if switch is not None:
                return self._withhold(switch, turn, talk), None
            return await self._ask_rasa(turn, key, talk, Sealed("", False), choice)
        screened = screen(without_call(turn))
        if isinstance(screened, Screened):
            if is_english(screened.text):
                turn = replace(turn, locale="en")
            emergency = emergencies.detect(simplified(screened.text))
            if emergency is not None:
                return await self._raise_alarm(turn, key, talk, emergency), None
        if not may_speak(turn):
            return Reply(Decision.SILENT, handled_by=HandledBy.SCREEN, asks=talk.asks), None
        if switch is not None:
            return self._withhold(switch, turn, talk), None
        if isinstance(screened, Refused):
            return self._refuse(turn, screened, talk), None
        sealed = await asyncio.to_thread(seal_personal_data, self._means.vault, key, screened.text, talk.asks)
        reply, asked = await self._ask_rasa(turn, key, talk, sealed, None)
        if is_private_matter(turn, reply, sealed.has_personal_data):
            reply = replace(reply, private=True)
        return self._mention_cut(reply, screened, turn.locale), asked

    async def _ask_rasa(
        self, turn: Turn, key: str, talk: Talk, sealed: Sealed, choice: Mapping[str, Any] | None
    ) -> tuple[Reply, Asked | None]:
        text = simplified(sealed.text) or str((choice or {}).get("asks") or (choice or {}).get("label", ""))
        text, finding, second = await asyncio.to_thread(self._consider, text, talk, choice)
        picked = choice is not None and "asks" not in choice
        asked = Asked(without_personal_data(text), finding, picked)
        hall = {
            **hints(text),
            "pending": talk.asks,
            "guide": talk.guide,
            "locale": turn.locale,
            "channel": str(turn.channel),
            "match": finding.to_wire(),
            "choice": choice,
        }
        try:
            replies = await self._means.rasa.turn(key, text, hall, choice["intent"] if choice else None)
        except RasaAway:
            replies = []
        if not replies:
            reply = await asyncio.to_thread(self._fallback.reply, text, finding, talk, choice, turn.locale)
            return self._offer(reply, second, turn.locale), asked
        return self._offer(reduce(_followed_by, replies), second, turn.locale), asked

    def _consider(
        self, text: str, talk: Talk, choice: Mapping[str, Any] | None
    ) -> tuple[str, Finding, str | None]:
        """Return what to answer now, what it was taken to mean, and a second wish in the same text."""
        answering = self._means.answering()
        if talk.asks is None and choice is None and "[[" not in text:
            understood = wishes.understand(text, answering.consider)
            return understood.text, understood.finding, understood.second
        return text, answering.consider(without_personal_data(text)), None

    def _offer(self, reply: Reply, second: str | None, locale: str) -> Reply:
        if second is None or reply.decision not in (Decision.ANSWER, Decision.CLARIFY):
            return reply
        label = self._texts.say("choice_second", locale, question=second)
        choice = Choice(label, payload={"intent": "ask_guide", "asks": second})
        offered = text_block(self._texts.say("offer_second", locale, question=second))
        others = reply.choices[: MAX_CHOICES - 1]
        # What the hall asks back comes first: the first question is still open.
        choices = (choice, *others) if reply.decision is Decision.ANSWER else (*others, choice)
        return replace(reply, blocks=(*reply.blocks, offered), choices=choices)

    def _withhold(self, switch: Switch, turn: Turn, talk: Talk) -> Reply:
        """Say what staff have written in place of every answer; a form that is open stays open."""
        blocks = [text_block(switch.text(turn.locale))]
        if talk.asks is not None:
            blocks.append(text_block(self._texts.say("form_kept", turn.locale)))
        speech = "".join(block.text for block in blocks)
        return Reply(Decision.DECLINE, tuple(blocks), speech, handled_by=HandledBy.SCREEN, asks=talk.asks)

    def _refuse(self, turn: Turn, refused: Refused, talk: Talk) -> Reply:
        sentence = self._texts.say(refused, turn.locale)
        # The form that is open stays open.
        return Reply(
            Decision.DECLINE, (text_block(sentence),), sentence, handled_by=HandledBy.SCREEN, asks=talk.asks
        )

    async def _raise_alarm(self, turn: Turn, key: str, talk: Talk, emergency: emergencies.Emergency) -> Reply:
        await asyncio.to_thread(self._means.memory.alert, str(emergency.kind), str(turn.channel), key)
        if not may_speak(turn):
            return Reply(Decision.SILENT, handled_by=HandledBy.SCREEN, asks=talk.asks)
        return replace(emergencies.reply(emergency, turn.locale), asks=talk.asks)

    def _mention_cut(self, reply: Reply, screened: Screened, locale: str) -> Reply:
        if not screened.was_cut:
            return reply
        return replace(
            reply, blocks=(*reply.blocks, text_block(self._texts.say("cut", locale, chars=MAX_CHARS)))
        )


def _followed_by(reply: Reply, later: Reply) -> Reply:
    """Return both replies as one; a form that refused a value and asked again does not ask a second time."""
    if later.decision is Decision.FORM and reply.decision is Decision.FORM and reply.asks == later.asks:
        return reply
    return reply.then(later)


def _talk_after(talk: Talk, reply: Reply) -> Talk:
    """Return where the talk stands after a reply: a new guide replaces the old one, small talk leaves it."""
    # A guide that is switched off is declined, and is spoken of all the same.
    if reply.decision in (Decision.ANSWER, Decision.DECLINE) and reply.guide is not None:
        return Talk(reply.guide.id, reply.asks)
    if reply.decision is Decision.CLARIFY:
        return Talk(talk.guide, reply.asks, talk.clarified + 1)
    aside = reply.decision in (Decision.SMALLTALK, Decision.SILENT)
    return Talk(talk.guide, reply.asks, talk.clarified if aside else 0)
