"""The turn that Rasa has under way, and the ways in which it ends without being saved."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel


@dataclass(frozen=True)
class TurnUnderWay:
    """One turn: the id that the hall gave it ("" for none) and what actions have said in it."""

    id: str
    said: CollectingOutputChannel

    def replies(self) -> list[Any]:
        """Return what the actions said so far; each is sealed by the hall."""
        return [message["custom"] for message in self.said.messages if "custom" in message]


# The channel, the tracker store and the locks see the same turn without Rasa passing it on.
under_way: ContextVar[TurnUnderWay | None] = ContextVar("turn_under_way", default=None)


class TurnHandled(Exception):
    """This turn was saved before. `replies` are the ones it had, or None where they were not kept."""

    def __init__(self, replies: list[Any] | None) -> None:
        """Keep the replies."""
        super().__init__("the turn was handled before")
        self.replies = replies


class TurnOvertaken(Exception):
    """Another process saved this conversation since it was read: the turn is to be handled anew."""


class ActionAway(BaseException):
    """An action could not be had, so the turn must end here, unsaved.

    No Exception, on purpose: Rasa goes on after any Exception of an action and saves the turn without what
    the action would have done; an answer given to a form would be lost. `is_fault` tells an action that
    failed from one that cannot be reached.
    """

    def __init__(self, name: str, *, is_fault: bool) -> None:
        """Keep what happened."""
        super().__init__(name)
        self.is_fault = is_fault


def install() -> None:
    """Have faults of the tracker store fail the turn. Call once, before the server starts.

    Stock wraps the store: a conversation that cannot be read begins anew, and one that cannot be written goes
    on in memory; either way a form that was open is gone.
    """
    Agent._create_tracker_store = staticmethod(_own_store)


def _own_store(store: Any, domain: Any) -> Any:
    store.domain = domain
    return store
