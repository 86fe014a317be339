"""The hall's side of the call into Rasa: one turn out, the actions' replies back, from one of several."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.rasa_link import Link, LinkBroken
from bot.sealed_replies import open_reply
from cases.sealing import Sealer
from language.reply import Reply

logger = logging.getLogger(__name__)

# Longer than Rasa waits for an action (bot/engine/action_call.py). Nobody waits for it: see bot/turns.py.
ATTEMPT_SECONDS = 65.0
# Where a Rasa is silent for this long another one is asked as well: the turn is handled once all the same.
SILENCE_SECONDS = 2.0
# A Rasa that could not be reached is asked last for so long.
GONE_SECONDS = 1.0


class RasaAway(Exception):
    """No Rasa answered: starting, training, crashed. The turn goes on without, or later.

    `has_begun` where one may have got the turn; `is_fault` where Rasa failed at it, and would again.
    """

    def __init__(self, cause: str, *, has_begun: bool = False, is_fault: bool = False) -> None:
        super().__init__(cause)
        self.has_begun = has_begun
        self.is_fault = is_fault


@dataclass(eq=False)
class _Rasa:
    """One Rasa process."""

    url: str
    link: Link
    gone_until: float = 0.0

    def weight(self, sender: str) -> tuple[bool, bytes]:
        """Return where it stands for a conversation: the smallest is asked first, the same one each time."""
        is_gone = time.monotonic() < self.gone_until
        return is_gone, hashlib.blake2b(f"{sender}\n{self.url}".encode(), digest_size=8).digest()


class RasaClient:
    """Talks to Rasa. `urls` are the base addresses of its processes, between commas; empty: there is none."""

    def __init__(
        self,
        urls: str,
        token: str,
        sealer: Sealer,
        attempt_seconds: float = ATTEMPT_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._rasas = [_Rasa(url, Link(url, token)) for part in urls.split(",") if (url := part.strip())]
        self._sealer = sealer
        self._attempt_seconds = attempt_seconds
        self._silence_seconds = silence_seconds

    @property
    def is_configured(self) -> bool:
        """Whether there is a Rasa at all, be it away."""
        return bool(self._rasas)

    async def turn(
        self, sender: str, text: str, hall: Mapping[str, Any], intent: str | None = None
    ) -> list[Reply]:
        """Return what the actions replied, in order; nothing where a plain question was handled before.

        `hall` is what the hall found out already, with the turn's id as `turn`: sent again, to whichever
        Rasa, it is handled once. `intent` names the kind of turn where it is known. Raises RasaAway.
        """
        body = json.dumps({"sender": sender, "text": text, "hall": hall, "intent": intent}).encode()
        try:
            answer = await self._ask_all(sender, body)
            return [open_reply(self._sealer, reply, hall["turn"]) for reply in json.loads(answer)["replies"]]
        except RasaAway as away:
            logger.warning("engine did not answer: %s", away)
            raise
        except (ValueError, KeyError, TypeError) as problem:
            # Without its message, which might quote the turn.
            logger.warning("engine did not answer: %s", type(problem).__name__)
            raise RasaAway(type(problem).__name__, has_begun=True, is_fault=True) from None

    async def count_ready(self) -> int:
        """Return how many Rasas are up and have their model."""
        return sum(await asyncio.gather(*(_is_well(rasa.link) for rasa in self._rasas)))

    def __len__(self) -> int:
        """Return how many Rasas there are, up or not."""
        return len(self._rasas)

    async def close(self) -> None:
        """Close the connections."""
        for rasa in self._rasas:
            rasa.link.close()

    async def _ask_all(self, sender: str, body: bytes) -> bytes:
        """Ask the conversation's Rasa; another at once where it is gone, and as well where it is silent."""
        untried = sorted(self._rasas, key=lambda rasa: rasa.weight(sender))
        asked: set[asyncio.Task[bytes]] = set()
        away = RasaAway("no engine configured")
        try:
            while untried or asked:
                if untried:
                    asked.add(asyncio.ensure_future(self._ask(untried.pop(0), body)))
                patience = self._silence_seconds if untried else None
                done, asked = await asyncio.wait(asked, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    problem = task.exception()
                    if problem is None:
                        return task.result()
                    if not isinstance(problem, RasaAway) or problem.is_fault:
                        raise problem
                    away = RasaAway(str(problem), has_begun=away.has_begun or problem.has_begun)
        finally:
            for task in asked:
                task.cancel()
        raise away

    async def _ask(self, rasa: _Rasa, body: bytes) -> bytes:
        try:
            status, answer = await rasa.link.exchange(
                "POST", "/webhooks/hall/turn", body, self._attempt_seconds
            )
        except LinkBroken as broken:
            rasa.gone_until = time.monotonic() + GONE_SECONDS
            raise RasaAway(str(broken), has_begun=broken.was_sent) from None
        rasa.gone_until = 0.0
        if status == HTTPStatus.OK:
            return answer
        is_fault = status != HTTPStatus.SERVICE_UNAVAILABLE
        raise RasaAway(f"status {status}", has_begun=True, is_fault=is_fault)


async def _is_well(link: Link) -> bool:
    try:
        status, _ = await link.exchange("GET", "/webhooks/hall/health", b"", 2.0)
    except LinkBroken:
        return False
    return status == HTTPStatus.OK
