"""The shape of what the hall says back: a Reply made of blocks and choices.

Both rooms write Replies and every door shows them, so the shape lives in the leaf that all may import.
A Reply crosses two process borders as JSON (action -> Rasa -> hall, hall -> browser); `to_wire` and
`from_wire` are that border. Choices leave the hall with an opaque id only, never with their payload.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Decision(StrEnum):
    """What a turn did."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    DECLINE = "decline"
    FORM = "form"
    CASE = "case"
    STATUS = "status"
    HANDOFF = "handoff"
    EMERGENCY = "emergency"
    SMALLTALK = "smalltalk"
    SILENT = "silent"


class HandledBy(StrEnum):
    """Which part of the hall made the reply."""

    RASA = "rasa"
    SCREEN = "screen"
    FALLBACK = "fallback"


class BlockKind(StrEnum):
    """How a block wants to be shown; every kind also has a plain-text form."""

    TEXT = "text"  # a sentence or two; the first block is always the direct answer
    LIST = "list"  # items: plain strings, in order
    MATERIALS = "materials"  # items: what to bring, one by one
    FACTS = "facts"  # items: label and value pairs
    SOURCE = "source"  # where the answer comes from, and its date
    NOTICE = "notice"  # something to be careful about: outdated, partial, not verified
    RECEIPT = "receipt"  # number and code of a case


@dataclass(frozen=True)
class Item:
    """One line of a block. Which fields are set depends on the block's kind."""

    text: str
    label: str = ""
    note: str = ""
    badge: str = ""  # MATERIALS: 原件, 复印件, 1 份 ...
    tick: bool = True  # MATERIALS: False where the window fetches it itself

    def plain(self) -> str:
        """Return the item as one line of plain text."""
        is_english = (self.label + self.badge).isascii() and bool(self.label or self.badge)
        colon, comma, brackets = (": ", ", ", " ({})") if is_english else ("：", "，", "（{}）")
        head = f"{self.label}{colon}{self.text}" if self.label else self.text
        extras = comma.join(part for part in (self.badge, self.note) if part)
        return head + brackets.format(extras) if extras else head


@dataclass(frozen=True)
class Block:
    """One piece of a reply: a sentence, a list, a source line."""

    kind: BlockKind
    text: str = ""
    title: str = ""
    items: tuple[Item, ...] = ()
    url: str = ""
    date: str = ""  # SOURCE: the source's own date, or the words for "date unknown"

    def plain(self) -> str:
        """Return the block as plain text, items on lines of their own."""
        lines = [part for part in (self.title, self.text) if part]
        numbered = self.kind in (BlockKind.LIST, BlockKind.MATERIALS)
        for position, item in enumerate(self.items, start=1):
            lines.append(f"{position}. {item.plain()}" if numbered else item.plain())
        return "\n".join(lines)


@dataclass(frozen=True)
class Choice:
    """One thing the person may pick next.

    `payload` says what picking it means (`{"intent": "choose", "guide": ..., "aspect": ...}`). It never
    leaves the hall: bot.conversation replaces it by an opaque `id` before a door sees the reply.
    """

    label: str
    id: str = ""
    guide: str | None = None  # official name of the guide it leads to
    note: str = ""  # what tells it apart from the others
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GuideRef:
    """The guide an answer was taken from."""

    id: str
    title: str
    revision: int
    source_date: str | None
    verified_on: str | None
    english_title: str | None = None


@dataclass(frozen=True)
class CaseRef:
    """Number and look-up code of a filed case."""

    number: str
    code: str


@dataclass(frozen=True)
class Reply:
    """The whole answer to one turn.

    `confidence` is 0 to 1, calibrated. `asks` names the form field that the next turn is expected to fill
    (it stays inside the hall). `speech` is what is read aloud; numbers in it are still digits. `act` says
    what the turn did to the talk itself (browse, rate, say_again ...) and stays inside the hall as well.
    `voice` is what the kiosk's voice shall become: slower, faster, louder or softer. `late` where this only
    says that the real reply is under way.
    """

    decision: Decision
    blocks: tuple[Block, ...] = ()
    speech: str = ""
    choices: tuple[Choice, ...] = ()
    guide: GuideRef | None = None
    aspect: str | None = None
    confidence: float | None = None
    case: CaseRef | None = None
    private: bool = False
    handled_by: HandledBy = HandledBy.RASA
    asks: str | None = None
    turn: str = ""  # id of the turn, for rating it
    act: str | None = None
    voice: str | None = None
    late: bool = False

    @property
    def text(self) -> str:
        """All blocks as plain text."""
        return "\n\n".join(plain for block in self.blocks if (plain := block.plain()))

    def then(self, later: Reply) -> Reply:
        """Return this reply followed by `later`: an answer in mid-form, then the form's question again."""
        return replace(
            self,
            blocks=self.blocks + later.blocks,
            speech="".join(part for part in (self.speech, later.speech) if part),
            choices=later.choices or self.choices,
            case=self.case or later.case,
            private=self.private or later.private,
            asks=later.asks,
            voice=self.voice or later.voice,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return plain JSON types, complete enough for `from_wire` (payloads and `asks` included)."""
        return {
            "decision": str(self.decision),
            "blocks": [_block_to_wire(block) for block in self.blocks],
            "speech": self.speech,
            "choices": [
                {"id": c.id, "label": c.label, "guide": c.guide, "note": c.note, "payload": dict(c.payload)}
                for c in self.choices
            ],
            "guide": vars(self.guide) if self.guide else None,
            "aspect": self.aspect,
            "confidence": self.confidence,
            "case": vars(self.case) if self.case else None,
            "private": self.private,
            "handled_by": str(self.handled_by),
            "asks": self.asks,
            "turn": self.turn,
            "act": self.act,
            "voice": self.voice,
            "late": self.late,
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Reply:
        """Read back what `to_wire` wrote. Raises KeyError or ValueError on anything else."""
        return cls(
            decision=Decision(wire["decision"]),
            blocks=tuple(_block_from_wire(block) for block in wire["blocks"]),
            speech=wire["speech"],
            choices=tuple(Choice(**choice) for choice in wire["choices"]),
            guide=GuideRef(**wire["guide"]) if wire["guide"] else None,
            aspect=wire["aspect"],
            confidence=wire["confidence"],
            case=CaseRef(**wire["case"]) if wire["case"] else None,
            private=wire["private"],
            handled_by=HandledBy(wire["handled_by"]),
            asks=wire["asks"],
            turn=wire.get("turn", ""),
            act=wire.get("act"),
            voice=wire.get("voice"),
            late=wire.get("late", False),
        )

    def to_public(self) -> dict[str, Any]:
        """Return what a door may show: no payloads, no inner state."""
        wire = self.to_wire()
        del wire["asks"], wire["act"]
        for choice in wire["choices"]:
            del choice["payload"]
        return {**wire, "text": self.text}


def text_block(text: str) -> Block:
    """Return a TEXT block."""
    return Block(BlockKind.TEXT, text=text)


def _block_to_wire(block: Block) -> dict[str, Any]:
    return {
        "kind": str(block.kind),
        "text": block.text,
        "title": block.title,
        "items": [vars(item) for item in block.items],
        "url": block.url,
        "date": block.date,
    }


def _block_from_wire(wire: Mapping[str, Any]) -> Block:
    return Block(
        kind=BlockKind(wire["kind"]),
        text=wire["text"],
        title=wire["title"],
        items=tuple(Item(**item) for item in wire["items"]),
        url=wire["url"],
        date=wire["date"],
    )
