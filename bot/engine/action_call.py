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

import json
from functools import lru_cache
from typing import Any

import rasa
from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.engine.hall_link import HallGone, HallLink
from bot.engine.turns import ActionAway

REJECTED = 400  # an answer, not a fault: Rasa then asks another policy


class KeptOpen(EndpointConfig):
    """An endpoint that keeps its connections open between calls, and calls again when one broke."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Keep the address and headers; the first call connects."""
        super().__init__(*arguments, **options)
        self.link = HallLink(self.url, self.headers)

    @classmethod
    def like(cls, endpoint: EndpointConfig) -> KeptOpen:
        """Return such an endpoint for the address and headers of a plain one."""
        return cls(endpoint.url, endpoint.params, endpoint.headers)

    async def request(self, *arguments: Any, **options: Any) -> Any:
        """Send one call and return its answer. Raises ActionAway, or ClientResponseError for a rejection."""
        call = options["json"]
        name = str(call.get("next_action"))
        try:
            status, answer = await self.link.post(json.dumps(call).encode())
            if status == REJECTED:
                raise ClientResponseError(status, "rejected", answer.decode())
            if status < REJECTED:
                return json.loads(answer)
        except HallGone:
            raise ActionAway(name, is_fault=False) from None
        except ValueError:
            pass  # what cannot be read is a fault too
        raise ActionAway(name, is_fault=True)


@lru_cache(maxsize=1)
def _validator() -> Draft7Validator:
    return Draft7Validator(RemoteAction.action_response_format_spec())


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Return True for a well-formed answer. Raises ValidationError, as stock does, for any other."""
    said = result.get("responses")
    if result.get("events") == [] and isinstance(said, list) and all(isinstance(one, dict) for one in said):
        return True  # the schema of an answer without events, at a glance
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
