"""What an action hears: the tracker that Rasa sends, read once into plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from knowledge.answering import Finding


@dataclass(frozen=True)
class Heard:
    """One turn as an action sees it. `text` holds tokens where something personal stood."""

    key: str  # the talk's key; opens its sealed values and no other's
    text: str
    intent: str
    locale: str
    channel: str
    guide: str | None  # the guide just discussed
    choice: Mapping[str, Any]
    second: str | None  # what was wanted besides, where the hall split the message
    slots: Mapping[str, Any]
    finding: Finding
    group: str | None = None  # a token for the channel's id of the group, where a request may need it


def hear(tracker: Tracker) -> Heard:
    """Return the turn in a tracker. Raises KeyError when it did not come through the hall's channel."""
    message = tracker.latest_message
    hall = message["metadata"]["hall"]
    return Heard(
        key=tracker.sender_id,
        text=message["text"] or "",
        intent=message["intent"]["name"],
        locale=hall["locale"],
        channel=hall["channel"],
        guide=hall["guide"],
        choice=hall["choice"] or {},
        second=hall.get("second"),
        slots=tracker.slots,
        finding=Finding.from_wire(hall["match"]),
        group=hall.get("group"),
    )
