"""The call from Rasa to an action, made cheap.

Stock Rasa compiles a JSON schema for every answer of an action server (measured: 31 ms of a 58 ms turn) and
sends the whole tracker and the whole domain with every call (20 KB at 55 events). `install` puts two methods
in place of `RemoteAction`'s: one validates with a validator compiled once, the other sends what our actions
read: slots, the active loop and the latest message. What is accepted and refused stays the same.

Stock also opens a new connection for every call (a fifth of a turn in Rasa); `KeptOpen` is an endpoint that
keeps its connections. And stock goes on with a turn whose action failed, without what it would have done;
here the turn ends unsaved, so that it can be had again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import aiohttp
import rasa
from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.engine.turns import ActionAway

# A hall that is slow is waited for: the person has had a reply after 4 s, and this one comes late. A hall
# process that hangs is killed by its supervisor before this time is up.
ACTION_SECONDS = 60.0
CONNECT_SECONDS = 2.0
REJECTED = 400  # an answer, not a fault: Rasa then asks another policy
# Shorter than the hall keeps a silent connection (Sanic: 120 s), so that this side always closes first.
IDLE_SECONDS = 30.0

_TIMEOUT = aiohttp.ClientTimeout(total=ACTION_SECONDS, sock_connect=CONNECT_SECONDS)


class KeptOpen(EndpointConfig):
    """An endpoint that keeps its connections open between calls, and calls again when one broke."""

    _kept: aiohttp.ClientSession | None = None

    @classmethod
    def like(cls, endpoint: EndpointConfig) -> KeptOpen:
        """Return such an endpoint for the address and headers of a plain one."""
        return cls(endpoint.url, endpoint.params, endpoint.headers)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Give the one session; it stays open."""
        if self._kept is None or self._kept.closed:
            self._kept = aiohttp.ClientSession(
                timeout=_TIMEOUT,
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        yield self._kept

    async def request(self, *arguments: Any, **options: Any) -> Any:
        """Send one request. A hall process that was restarted has dropped its connections: ask the new one.

        Asking twice is safe: an action only reads, or files by the form's request key. Raises ActionAway.
        """
        name, options["timeout"] = str(options["json"].get("next_action")), _TIMEOUT
        try:
            try:
                return await super().request(*arguments, **options)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                return await super().request(*arguments, **options)
        except ClientResponseError as answer:
            if answer.status == REJECTED:
                raise
            raise ActionAway(name, is_fault=True) from None
        except (aiohttp.ClientError, asyncio.TimeoutError):  # noqa: UP041 (not yet the same in 3.10)
            raise ActionAway(name, is_fault=False) from None


@lru_cache(maxsize=1)
def _validator() -> Draft7Validator:
    return Draft7Validator(RemoteAction.action_response_format_spec())


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Return True for a well-formed answer. Raises ValidationError, as stock does, for any other."""
    problem = next(_validator().iter_errors(result), None)
    if problem is None:
        return True
    raise ValidationError(
        f"{problem.message}. The hall's answer to '{self.name()}' is not a valid action result."
    )


def _action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """Return the body of the call: no past events and no domain, both of which our actions never read."""
    message = tracker.latest_message
    return {
        "next_action": self.name(),
        "sender_id": tracker.sender_id,
        "version": rasa.__version__,
        "tracker": {
            "sender_id": tracker.sender_id,
            "slots": tracker.current_slot_values(),
            "latest_message": {
                "text": message.text if message else None,
                "intent": message.intent if message else {},
                "entities": message.entities if message else [],
                "metadata": message.metadata if message else {},
            },
            "latest_event_time": None,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": _loop(tracker),
            "latest_action_name": tracker.latest_action_name,
        },
        # The SDK refuses a call without a domain unless it was given one; ours needs none.
        "domain": {},
    }


def _loop(tracker: DialogueStateTracker) -> dict[str, Any]:
    return {"name": tracker.active_loop_name} if tracker.active_loop_name else {}


def install() -> None:
    """Put the fast methods in place. Call once, before the server starts."""
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call_format
