"""The two ways to say a turn: to a hall as a chat program does, and to a stock Rasa's REST channel."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from bot.hints import hints
from hall.bench.loopback import Connection
from knowledge.answering import Finding


@dataclass(frozen=True)
class Said:
    """What one turn took and what it did; `decision` is None where the turn went wrong."""

    milliseconds: float
    decision: str | None


class Talker(Protocol):
    """Someone who can be spoken to over several connections at once."""

    port: int

    async def say(self, connection: Connection, conversation: str, text: str) -> Said:
        """Say one turn and return what it took."""
        ...


class HallTalker:
    """Speaks to a hall: everything that a turn needs happens inside the measured time."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def say(self, connection: Connection, conversation: str, text: str) -> Said:
        """Say one turn; only what Rasa answered counts, a fallback is a failure here."""
        body = json.dumps({"conversation": conversation, "text": text}).encode()
        started = time.perf_counter()
        status, answer = await connection.exchange("POST", "/api/chat", body)
        milliseconds = (time.perf_counter() - started) * 1000
        reply = json.loads(answer) if status == 200 else {}
        return Said(milliseconds, reply["decision"] if reply.get("handled_by") == "rasa" else None)


@dataclass(frozen=True)
class _Standing:
    """Where a talk stands, as bot.memory keeps it for the hall."""

    guide: str | None = None
    asks: str | None = None


class StockTalker:
    """Speaks to a stock Rasa, and tells it with each turn what the hall would have told it.

    The match is worked out before the clock starts: stock is spared what the hall spends on it.
    """

    def __init__(self, port: int, consider: Callable[[str], Finding]) -> None:
        self.port = port
        self._match = lru_cache(maxsize=None)(lambda text: consider(text).to_wire())
        self._standing: dict[str, _Standing] = {}

    async def say(self, connection: Connection, conversation: str, text: str) -> Said:
        """Say one turn through the REST channel."""
        standing = self._standing.get(conversation, _Standing())
        body = json.dumps(
            {"sender": conversation, "message": text, "metadata": {"hall": self._hall(standing, text)}}
        ).encode()
        started = time.perf_counter()
        status, answer = await connection.exchange("POST", "/webhooks/rest/webhook", body)
        milliseconds = (time.perf_counter() - started) * 1000
        replies = (
            [message["custom"] for message in json.loads(answer) if "custom" in message]
            if status == 200
            else []
        )
        if not replies:
            return Said(milliseconds, None)
        self._standing[conversation] = _standing_after(standing, replies)
        return Said(milliseconds, replies[0]["decision"])

    def _hall(self, standing: _Standing, text: str) -> dict[str, Any]:
        return {
            "pending": standing.asks,
            **hints(text),
            "guide": standing.guide,
            "locale": "zh",
            "channel": "chat",
            "match": self._match(text),
            "choice": None,
            "second": None,
            "turn": "",
        }


def _standing_after(before: _Standing, replies: list[dict[str, Any]]) -> _Standing:
    guide = replies[0]["guide"]
    is_new = replies[0]["decision"] == "answer" and guide is not None
    return _Standing(guide["id"] if is_new else before.guide, replies[-1]["asks"])
