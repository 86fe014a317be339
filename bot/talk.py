"""Where a talk stands between two turns, and how that is sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from language.reply import Reply

# Nobody returns to more than the last few services in one visit.
GUIDES_REMEMBERED = 3


class Awaits(StrEnum):
    """What the hallway asked for in free words; the next turn may answer it or be about something else."""

    REASON = "reason"  # what was wrong with an answer that was rated low
    QUESTION = "question"  # what to leave for staff
    CASE_REASON = "case_reason"  # why a case shall be opened again


@dataclass(frozen=True)
class Offered:
    """What could be picked last, as payloads with the `label`, `guide` and `note` that were shown.

    `until` is the second at which it ends, as a timestamp. `is_last` while nothing was said since;
    `asked_back` where the hall did not know which was meant.
    """

    choices: tuple[Mapping[str, Any], ...] = ()
    until: int = 0
    is_last: bool = False
    asked_back: bool = False

    @classmethod
    def by(cls, reply: Reply, until: datetime, *, asked_back: bool = False) -> Offered:
        """Return what a reply offers, which is the last thing shown."""
        choices = tuple(
            {**choice.payload, "label": choice.label, "guide_title": choice.guide, "note": choice.note}
            for choice in reply.choices
        )
        return cls(choices, int(until.timestamp()), is_last=True, asked_back=asked_back)


@dataclass(frozen=True)
class Talk:
    """Where a talk stands: the guide just discussed, the form field just asked, what may be picked."""

    guide: str | None = None
    asks: str | None = None
    clarified: int = 0  # turns in a row that asked back
    aspect: str | None = None  # what about the guide was answered last
    failures: int = 0  # turns in a row that led nowhere
    last_turn: str | None = None  # the turn that a rating in words is about
    before: tuple[str, ...] = ()  # guides discussed before, the latest first
    offered: Offered = field(default_factory=Offered)
    awaits: Awaits | None = None
    rated: Mapping[str, Any] | None = None  # the last rating in words: `turn` (None: the visit) and `stars`
    asked_reason: bool = False  # it is asked once in a talk what was wrong
    again: Mapping[str, Any] | None = None  # how to say the last reply once more
    case: Mapping[str, str] | None = None  # the case of which a reason was asked, as in a choice's payload
    abandoned: bool = False  # a request was left unfinished in an earlier talk, and that was not said yet

    @property
    def is_on_guide(self) -> bool:
        """Whether the last reply was about the guide, and nothing came in between."""
        return self.again is not None and self.guide is not None and self.again.get("guide") == self.guide

    def sealable(self) -> str:
        """Return the part that is kept sealed, as JSON: labels and replies may quote the person."""
        parts = {
            "before": self.before,
            "offered": asdict(self.offered),
            "awaits": self.awaits,
            "rated": self.rated,
            "asked_reason": self.asked_reason,
            "again": self.again,
            "case": self.case,
            "abandoned": self.abandoned,
        }
        return json.dumps({name: part for name, part in parts.items() if part}, ensure_ascii=False)

    def with_sealable(self, text: str) -> Talk:
        """Return the talk with what `sealable` wrote."""
        parts: dict[str, Any] = json.loads(text)
        offered = parts.get("offered", {})
        return replace(
            self,
            before=tuple(parts.get("before", ())),
            offered=Offered(**{**offered, "choices": tuple(offered.get("choices", ()))}),
            awaits=Awaits(parts["awaits"]) if "awaits" in parts else None,
            rated=parts.get("rated"),
            asked_reason=bool(parts.get("asked_reason")),
            again=parts.get("again"),
            case=parts.get("case"),
            abandoned=bool(parts.get("abandoned")),
        )
