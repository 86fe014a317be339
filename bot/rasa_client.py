"""The hall's side of the call into Rasa: one turn out, the actions' replies back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx

from language.reply import Reply

logger = logging.getLogger(__name__)


class RasaAway(Exception):
    """Rasa did not answer: starting, training, crashed, or too slow. The turn goes on without it."""


class RasaClient:
    """Talks to one Rasa process. `url` is its base address, or empty where there is none."""

    def __init__(self, url: str, token: str, timeout_seconds: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.AsyncClient(
            headers={"x-linli-token": token},
            timeout=httpx.Timeout(timeout_seconds, connect=1.0),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            trust_env=False,  # loopback is never reached through a proxy
        )

    async def turn(
        self, sender: str, text: str, hall: Mapping[str, Any], intent: str | None = None
    ) -> list[Reply]:
        """Return what the actions replied, in order.

        `hall` is what the hall found out already; `intent` names the kind of turn where it is known.
        Raises RasaAway.
        """
        if not self._url:
            raise RasaAway("no engine configured")
        body = {"sender": sender, "text": text, "hall": hall, "intent": intent}
        try:
            answer = await self._http.post(f"{self._url}/webhooks/hall/turn", json=body)
            answer.raise_for_status()
            return [Reply.from_wire(reply) for reply in answer.json()["replies"]]
        except (httpx.HTTPError, ValueError, KeyError) as problem:
            # Not the message: an HTTP error may quote the request.
            logger.warning("engine did not answer: %s", type(problem).__name__)
            raise RasaAway(type(problem).__name__) from None

    async def is_ready(self) -> bool:
        """Return whether Rasa has its model loaded."""
        if not self._url:
            return False
        try:
            answer = await self._http.get(f"{self._url}/webhooks/hall/health", timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
