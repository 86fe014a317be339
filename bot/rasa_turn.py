"""Asks Rasa what to say to one turn; where Rasa is away, answers what can be answered without it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.fallback import Fallback
from bot.hints import hints
from bot.means import Means
from bot.memory import Talk
from bot.rasa_client import RasaAway
from bot.turn import Turn
from bot.turns import NotYet
from cases.intake import heard_request
from knowledge.answering import Finding
from language.reply import Decision, HandledBy, Reply


@dataclass(frozen=True)
class Question:
    """What goes to Rasa: a text with tokens in place of what is personal, or what was picked."""

    text: str
    finding: Finding
    choice: Mapping[str, Any] | None = None
    second: str | None = None  # what was wanted besides; a form offers it when it ends


class RasaTurn:
    """Rasa decides the kind of turn and runs the dialogue; the fallback stands in for it."""

    def __init__(self, means: Means, look_up: Callable[[str, str, str], Reply | None]) -> None:
        """`look_up` answers by (key, text, locale) a text that names a case by number and code."""
        self._means = means
        self._look_up = look_up
        self._fallback = Fallback(means.answering)

    async def ask(self, turn: Turn, key: str, talk: Talk, question: Question) -> list[Reply]:
        """Return what the hall's actions said to a question, in order, or the fallback's reply alone.

        Raises NotYet where only Rasa can go on, and may be back soon.
        """
        text, finding, choice = question.text, question.finding, question.choice
        hall = {
            **hints(text),
            "pending": talk.asks,
            "offered": bool(talk.offered.choices),
            "clarifying": talk.clarified > 0,
            "guide": talk.guide,
            "locale": turn.locale,
            "channel": str(turn.channel),
            "match": finding.to_wire(),
            "choice": choice,
            "second": question.second,
            "turn": turn.id,
            "group": await self._group(turn, key, talk, text),
        }
        try:
            replies = await self._means.rasa.turn(key, text, hall, choice["intent"] if choice else None)
            if replies:
                return replies
            away = None
        except RasaAway as problem:
            away = problem
        if talk.asks is None and choice is None:
            # Nothing is asked back, so nothing is missed without Rasa.
            found = await asyncio.to_thread(self._look_up, key, text, turn.locale)
            if found is not None:
                return [replace(found, handled_by=HandledBy.FALLBACK)]
        reply = await asyncio.to_thread(self._fallback.reply, text, finding, talk, choice, turn.locale)
        if away is not None and self._waits(away, reply, hall):
            raise NotYet(self._fallback.soon(reply, turn.locale))
        return [reply]

    async def _group(self, turn: Turn, key: str, talk: Talk, text: str) -> str | None:
        """Return a token for the id of the group where the turn may be about a request: Rasa sees no id."""
        if not turn.is_group or (talk.asks is None and heard_request(text) is None):
            return None
        return await asyncio.to_thread(self._means.vault.keep, key, "group", turn.conversation)

    def _waits(self, away: RasaAway, reply: Reply, hall: Mapping[str, Any]) -> bool:
        """Return whether the turn is better had late from Rasa than now without it."""
        if away.is_fault or not self._means.rasa.is_configured:
            return False
        # A trouble that is told opens a form. Where Rasa got it, the form may be open already.
        may_file = away.has_begun and bool(hall.get("request"))
        return may_file or reply.decision in (Decision.FORM, Decision.STATUS)
