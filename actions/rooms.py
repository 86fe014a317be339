"""The rooms that actions open onto, and the shape that every action shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.heard import Heard, hear
from cases.desk import Desk
from cases.vault import Vault
from knowledge.answering import Answering
from language.reply import Reply
from language.texts import Texts

Events = list[dict[str, Any]]


@dataclass(frozen=True)
class Rooms:
    """What the hall gives its actions."""

    answering: Callable[[], Answering]
    desk: Desk
    vault: Vault
    texts: Texts


class HallAction(Action):
    """An action of the hall: hears the turn, returns at most one Reply and the slots to set."""

    def __init__(self, name: str, rooms: Rooms) -> None:
        self._name = name
        self._rooms = rooms

    def name(self) -> str:
        """Return the name that bot/domain.yml knows it by."""
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Act on the turn; rasa_sdk calls this."""
        reply, events = await self.act(hear(tracker))
        if reply is not None:
            dispatcher.utter_message(json_message=reply.to_wire())
        return events

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Return what to say and which slots to set."""
        raise NotImplementedError
