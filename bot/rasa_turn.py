"""Asks Rasa what to say to one turn, and answers by itself where Rasa is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.fallback import Fallback
from bot.hints import hints
from bot.means import Means
from bot.memory import Talk
from bot.rasa_client import RasaAway
from bot.turn import Turn
from knowledge.answering import Finding
from language.reply import Reply


@dataclass(frozen=True)
class Question:
    """What goes to Rasa: a text with tokens in place of what is personal, or what was picked."""

    text: str
    finding: Finding
    choice: Mapping[str, Any] | None = None


class RasaTurn:
    """Rasa decides the kind of turn and runs the dialogue; the fallback stands in for it."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._fallback = Fallback(means.answering)

    async def ask(self, turn: Turn, key: str, talk: Talk, question: Question) -> list[Reply]:
        """Return what the hall's actions said to a question, in order, or the fallback's reply alone."""
        text, finding, choice = question.text, question.finding, question.choice
        hall = {
            **hints(text),
            "pending": talk.asks,
            "guide": talk.guide,
            "locale": turn.locale,
            "channel": str(turn.channel),
            "match": finding.to_wire(),
            "choice": choice,
            "turn": turn.id,
        }
        try:
            replies = await self._means.rasa.turn(key, text, hall, choice["intent"] if choice else None)
        except RasaAway:
            replies = []
        if replies:
            return replies
        reply = await asyncio.to_thread(self._fallback.reply, text, finding, talk, choice, turn.locale)
        return [reply]
