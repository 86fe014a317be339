"""From a turn to its reply: what is dangerous, hostile or switched off goes no further than here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot import emergencies, wishes
from bot.choices import Choices
from bot.etiquette import is_private_matter, may_speak, without_call
from bot.means import Means
from bot.memory import Talk
from bot.missed import Asked
from bot.privacy import Sealed, seal_personal_data, without_personal_data
from bot.rasa_turn import Question, RasaTurn
from bot.screening import MAX_CHARS, Refused, Screened, is_english, screen
from bot.turn import Turn
from knowledge.answering import MAX_CHOICES, Finding
from knowledge.switches import Switch
from language.reply import Choice, Decision, HandledBy, Reply, text_block
from language.script import simplified
from language.texts import Texts


class Replying:
    """Makes the reply to one turn of a talk; remembers nothing itself."""

    def __init__(self, means: Means, choices: Choices) -> None:
        self._means = means
        self._choices = choices
        self._rasa = RasaTurn(means)
        self._texts = Texts(Path(__file__).parent / "texts.yml")

    async def reply(self, turn: Turn, key: str, talk: Talk) -> tuple[Reply, Asked | None]:
        """Return the reply, and what was asked where it was a question. Raises ChoiceUnknown."""
        switch = self._means.standing().at_door(turn.channel)
        if turn.choice is not None:
            choice = self._choices.open(turn.choice, key, self._means.clock())
            if switch is not None:
                return self.withhold(switch, turn, talk), None
            return await self._ask(turn, key, talk, Sealed("", False), choice)
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
            return self.withhold(switch, turn, talk), None
        if isinstance(screened, Refused):
            return self._refuse(turn, screened, talk), None
        sealed = await asyncio.to_thread(seal_personal_data, self._means.vault, key, screened.text, talk.asks)
        reply, asked = await self._ask(turn, key, talk, sealed, None)
        if is_private_matter(turn, reply, sealed.has_personal_data):
            reply = replace(reply, private=True)
        return self._mention_cut(reply, screened, turn.locale), asked

    def withhold(self, switch: Switch, turn: Turn, talk: Talk) -> Reply:
        """Say what staff have written in place of every answer; a form that is open stays open."""
        blocks = [text_block(switch.text(turn.locale))]
        if talk.asks is not None:
            blocks.append(text_block(self._texts.say("form_kept", turn.locale)))
        speech = "".join(block.text for block in blocks)
        return Reply(Decision.DECLINE, tuple(blocks), speech, handled_by=HandledBy.SCREEN, asks=talk.asks)

    async def _ask(
        self, turn: Turn, key: str, talk: Talk, sealed: Sealed, choice: Mapping[str, Any] | None
    ) -> tuple[Reply, Asked | None]:
        text = simplified(sealed.text) or str((choice or {}).get("asks") or (choice or {}).get("label", ""))
        text, finding, second = await asyncio.to_thread(self._consider, text, talk, choice)
        picked = choice is not None and "asks" not in choice
        asked = Asked(without_personal_data(text), finding, picked)
        reply = await self._rasa.ask(turn, key, talk, Question(text, finding, choice))
        return self._offer(reply, second, turn.locale), asked

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
