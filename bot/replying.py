"""From a turn to its reply: what is dangerous, hostile or switched off goes no further than here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from bot import emergencies
from bot.acts import Acts, Done, Said
from bot.case_acts import CaseActs
from bot.case_words import INTENTS, act_in_words
from bot.choices import Choices
from bot.etiquette import is_private_matter, may_speak, without_call
from bot.hearing import Heard, Hearing, WhichOfThem
from bot.means import Means
from bot.memory import Talk
from bot.missed import Asked
from bot.picking import NoSuchChoice
from bot.privacy import Sealed, has_personal_data, seal_personal_data, without_personal_data
from bot.rasa_turn import Question, RasaTurn
from bot.screening import MAX_CHARS, Refused, Screened, is_english, screen
from bot.talk import Awaits
from bot.talk_after import SAID_AGAIN
from bot.turn import Turn
from bot.ways import with_unfinished, with_ways_on
from knowledge.answering import MAX_CHOICES
from knowledge.switches import Switch
from knowledge.unanswered import Missed, Reason
from language.brevity import said_briefly
from language.reply import Choice, Decision, HandledBy, Reply, text_block
from language.script import simplified
from language.texts import Texts


@dataclass(frozen=True)
class Replied:
    """A reply and what has to be remembered with it: the talk that it was made in, and what was asked."""

    reply: Reply
    talk: Talk
    asked: Asked | None = None
    awaits: Awaits | None = None
    left: Missed | None = None  # a question that its person leaves for staff with this turn


def is_call_for_help(turn: Turn) -> bool:
    """Return whether someone is in danger: such a turn waits for none that came before it."""
    screened = screen(without_call(turn)) if turn.choice is None else None
    if not isinstance(screened, Screened):
        return False
    return emergencies.detect(simplified(screened.text)) is not None


class Replying:
    """Makes the reply to one turn of a talk; remembers nothing itself."""

    def __init__(self, means: Means, choices: Choices) -> None:
        self._means = means
        self._choices = choices
        self._texts = Texts(Path(__file__).parent / "texts.yml")
        self._acts = Acts(means, self._texts)
        self._case_acts = CaseActs(means.residents, means.vault, self._texts)
        self._rasa = RasaTurn(means, self._case_acts.look_up)
        self._hearing = Hearing(means.answering, means.clock)

    async def reply(self, turn: Turn, key: str, talk: Talk) -> Replied:
        """Return the reply to a turn. Raises ChoiceUnknown."""
        screened = screen(without_call(turn)) if turn.choice is None else None
        if isinstance(screened, Screened) and is_english(screened.text):
            turn = replace(turn, locale="en")
        replied = await self._reply(turn, key, talk, screened)
        reply = with_ways_on(replied.reply, talk, self._texts, turn.locale)
        reply = with_unfinished(reply, talk, self._texts, turn.locale)
        if isinstance(screened, Screened) and screened.was_cut and may_speak(turn):
            reply = _with_more(reply, self._texts.say("cut", turn.locale, chars=MAX_CHARS))
        return replace(replied, reply=replace(reply, speech=said_briefly(reply.speech)))

    def withhold(self, switch: Switch, turn: Turn, talk: Talk) -> Reply:
        """Say what staff have written in place of every answer; a form that is open stays open."""
        blocks = [text_block(switch.text(turn.locale))]
        if talk.asks is not None:
            blocks.append(text_block(self._texts.say("form_kept", turn.locale)))
        speech = "".join(block.text for block in blocks)
        return Reply(
            Decision.DECLINE,
            tuple(blocks),
            speech,
            handled_by=HandledBy.SCREEN,
            asks=talk.asks,
            act="withheld",
        )

    async def _reply(self, turn: Turn, key: str, talk: Talk, screened: Screened | Refused | None) -> Replied:
        switch = self._means.standing().at_door(turn.channel)
        if turn.choice is not None:
            choice = self._choices.open(turn.choice, key, self._means.clock())
            if switch is not None:
                return Replied(self.withhold(switch, turn, talk), talk)
            if _is_in_english(choice):  # whoever was answered in English reads English
                turn = replace(turn, locale="en")
            heard = await asyncio.to_thread(self._hearing.of_choice, choice)
            return await self._ask(turn, key, talk, heard)
        if isinstance(screened, Screened):
            is_answer = talk.asks is not None
            emergency = emergencies.detect(simplified(screened.text), in_form=is_answer)
            if emergency is not None:
                return Replied(await self._raise_alarm(turn, key, talk, emergency), talk)
        if not may_speak(turn):
            return Replied(Reply(Decision.SILENT, handled_by=HandledBy.SCREEN, asks=talk.asks), talk)
        if switch is not None:
            return Replied(self.withhold(switch, turn, talk), talk)
        if not isinstance(screened, Screened):
            return Replied(self._refuse(turn, screened or Refused.NOTHING_SAID, talk), talk)
        sealed = Sealed(screened.text, False)
        if has_personal_data(screened.text, talk.asks):
            sealed = await asyncio.to_thread(
                seal_personal_data, self._means.vault, key, screened.text, talk.asks
            )
        replied = await self._hear(turn, key, talk, sealed)
        if is_private_matter(turn, replied.reply, sealed.has_personal_data):
            return replace(replied, reply=replace(replied.reply, private=True))
        return replied

    async def _hear(self, turn: Turn, key: str, talk: Talk, sealed: Sealed) -> Replied:
        heard = await self._hearing.of_text_soon(simplified(sealed.text), talk)
        said = Said(turn, key, talk, without_personal_data(heard.text), heard.choice or {})
        asked = Asked(said.text, heard.finding)
        if isinstance(heard.slip, NoSuchChoice):
            return Replied(self._acts.no_such_choice(said, heard.slip.count), talk)
        if isinstance(heard.slip, WhichOfThem):
            return Replied(self._acts.which_of_them(said, heard.finding), talk)
        if heard.slip is not None:
            return Replied(self._acts.misunderstood(said), talk)
        if heard.answers is Awaits.CASE_REASON:
            return _replied(await asyncio.to_thread(self._case_acts.take_reason, said, heard.text))
        if heard.choice is None and talk.asks is None and act_in_words(heard.text) is not None:
            told = await asyncio.to_thread(self._case_acts.told, said, heard.text)
            if told is not None:
                return _replied(told)
        if heard.answers is Awaits.REASON:
            return Replied(await asyncio.to_thread(self._acts.keep_reason, said), talk)
        if heard.answers is Awaits.QUESTION:
            reply = await asyncio.to_thread(self._acts.left, said)
            nearest = asked.finding.matches[0].guide_id if asked.finding.matches else None
            is_left = reply.act == "leave_question"
            return Replied(reply, talk, left=Missed(said.text, Reason.LEFT, nearest) if is_left else None)
        return await self._ask(turn, key, talk, heard)

    async def _ask(self, turn: Turn, key: str, talk: Talk, heard: Heard) -> Replied:
        said = Said(turn, key, talk, without_personal_data(heard.text), heard.choice or {})
        if self._case_acts.is_one(said):
            return _replied(await asyncio.to_thread(self._case_acts.carry_out, said))
        question = Question(heard.text, heard.finding, heard.choice, heard.second)
        replies = await self._rasa.ask(turn, key, talk, question)
        return await self.settle(turn, key, talk, heard, replies)

    async def settle(
        self, turn: Turn, key: str, talk: Talk, heard: Heard, replies: Sequence[Reply]
    ) -> Replied:
        """Return one reply of what Rasa's actions (or the fallback) said to a turn."""
        said = Said(turn, key, talk, without_personal_data(heard.text), heard.choice or {})
        replied = Replied(Reply(Decision.SMALLTALK), talk, Asked(said.text, heard.finding, heard.is_picked))
        done = []
        for reply in replies:
            act = await self._acts.carry_out(reply, replace(said, talk=replied.talk))
            done.append(act.reply)
            replied = replace(replied, talk=act.talk, awaits=act.awaits or replied.awaits)
        # What has nothing to say, like "say it again" in a form that asks again by itself, is not said.
        spoken = [reply for reply in done if reply.blocks] or done
        reply = self._offer(reduce(_followed_by, spoken), heard, turn.locale)
        if reply.decision is Decision.DECLINE and reply.asks is None and reply.guide is None:
            reply = self._acts.with_aspects(reply, said)
        if reply.decision is Decision.HANDOFF and not turn.is_group and reply.act != SAID_AGAIN:
            reply = await self._call_staff(turn, key, reply)
        return replace(replied, reply=reply)

    async def _call_staff(self, turn: Turn, key: str, reply: Reply) -> Reply:
        """Tell staff that somebody asks for a person, and say so; only where the hall is open."""
        told = await asyncio.to_thread(self._means.alerts.call, str(turn.channel), key)
        return _with_more(reply, self._texts.say("staff_told", turn.locale)) if told else reply

    def _offer(self, reply: Reply, heard: Heard, locale: str) -> Reply:
        """Offer what was wanted besides."""
        if heard.second_choice is not None:
            label = str(heard.second_choice.get("label", ""))
            choice = Choice(label, payload={**heard.second_choice, "yes": True})
            offered = self._texts.say("offer_second_choice", locale, label=label)
        elif heard.second is not None and reply.decision in (Decision.ANSWER, Decision.CLARIFY):
            label = self._texts.say("choice_second", locale, question=heard.second)
            choice = Choice(label, payload={"intent": "ask_guide", "asks": heard.second})
            offered = self._texts.say("offer_second", locale, question=heard.second)
        else:
            return reply
        others = reply.choices[: MAX_CHOICES - 1]
        # What the hall asks back comes first: the first question is still open.
        choices = (*others, choice) if reply.decision is Decision.CLARIFY else (choice, *others)
        return replace(_with_more(reply, offered), choices=choices)

    def _refuse(self, turn: Turn, refused: Refused, talk: Talk) -> Reply:
        sentence = self._texts.say(refused, turn.locale)
        # The form that is open stays open.
        return Reply(
            Decision.DECLINE, (text_block(sentence),), sentence, handled_by=HandledBy.SCREEN, asks=talk.asks
        )

    async def _raise_alarm(self, turn: Turn, key: str, talk: Talk, emergency: emergencies.Emergency) -> Reply:
        await asyncio.to_thread(self._means.alerts.raise_alert, str(emergency.kind), str(turn.channel), key)
        if not may_speak(turn):
            return Reply(Decision.SILENT, handled_by=HandledBy.SCREEN, asks=talk.asks)
        return replace(emergencies.reply(emergency, turn.locale), asks=talk.asks)


def _is_in_english(choice: Mapping[str, Any]) -> bool:
    label = str(choice.get("label", ""))
    # Satisfied is one word, too short to tell by; but no level or act has a Latin name in Chinese.
    return is_english(label) or (choice.get("intent") in INTENTS and label.isascii())


def _replied(done: Done) -> Replied:
    return Replied(done.reply, done.talk, awaits=done.awaits)


def _with_more(reply: Reply, sentence: str) -> Reply:
    return replace(reply, blocks=(*reply.blocks, text_block(sentence)))


def _followed_by(reply: Reply, later: Reply) -> Reply:
    """Return both replies as one; a form that refused a value and asked again does not ask a second time."""
    if later.decision is Decision.FORM and reply.decision is Decision.FORM and reply.asks == later.asks:
        return reply
    return reply.then(later)
