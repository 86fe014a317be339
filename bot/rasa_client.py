"""The hall's side of the call into Rasa: one turn out, the actions' replies back."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bot.rasa_link import Link, LinkBroken
from language.reply import Reply

logger = logging.getLogger(__name__)


class RasaAway(Exception):
    """Rasa did not answer: starting, training, crashed, or too slow. The turn goes on without it."""


class RasaClient:
    """Talks to one Rasa process. `url` is its base address, or empty where there is none."""

    def __init__(self, url: str, token: str, timeout_seconds: float = 10.0) -> None:
        self._link = Link(url, token) if url else None
        self._timeout_seconds = timeout_seconds

    async def turn(
        self, sender: str, text: str, hall: Mapping[str, Any], intent: str | None = None
    ) -> list[Reply]:
        """Return what the actions replied, in order.

        `hall` is what the hall found out already; `intent` names the kind of turn where it is known.
        Raises RasaAway.
        """
        if self._link is None:
            raise RasaAway("no engine configured")
        body = json.dumps({"sender": sender, "text": text, "hall": hall, "intent": intent}).encode()
        try:
            status, answer = await self._link.exchange(
                "POST", "/webhooks/hall/turn", body, self._timeout_seconds
            )
            if status != HTTPStatus.OK:
                raise LinkBroken(f"status {status}")
            return [Reply.from_wire(reply) for reply in json.loads(answer)["replies"]]
        except (LinkBroken, ValueError, KeyError, TypeError) as problem:
            # A broken link names its cause; what cannot be read might quote the turn.
            cause = str(problem) if isinstance(problem, LinkBroken) else type(problem).__name__
            logger.warning("engine did not answer: %s", cause)
            raise RasaAway(cause) from None

    async def is_ready(self) -> bool:
        """Return whether Rasa has its model loaded."""
        if self._link is None:
            return False
        try:
            status, _ = await self._link.exchange("GET", "/webhooks/hall/health", b"", 2.0)
        except LinkBroken:
            return False
        return status == HTTPStatus.OK

    async def close(self) -> None:
        """Close the connections."""
        if self._link is not None:
            self._link.close()
