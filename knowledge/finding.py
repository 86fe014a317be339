"""What a question was taken to mean: a Finding, which may travel as JSON between deciding and answering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.guide import Aspect
from knowledge.matching import Match
from language.reply import Decision


@dataclass(frozen=True)
class Finding:
    """What a question was taken to mean, before anything is said."""

    decision: Decision  # answer, clarify or decline
    matches: tuple[Match, ...] = ()  # likeliest first, at most 10
    aspect: Aspect | None = None
    bare_aspect: bool = False  # asks an aspect without naming a subject: 要带什么材料
    about_hall: str | None = None  # hours, address, phone or windows: 几点下班
    also: Aspect | None = None  # asked in the same breath, of the same guide: 多少钱，要带什么材料

    def to_wire(self) -> dict[str, Any]:
        """Return plain JSON types, complete enough for `from_wire`."""
        return {
            "decision": str(self.decision),
            "matches": [
                {"guide_id": match.guide_id, "confidence": match.confidence, "exact": match.exact}
                for match in self.matches
            ],
            "aspect": str(self.aspect) if self.aspect else None,
            "bare_aspect": self.bare_aspect,
            "about_hall": self.about_hall,
            "also": str(self.also) if self.also else None,
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Finding:
        """Read back what `to_wire` wrote. Raises KeyError or ValueError on anything else."""
        return cls(
            decision=Decision(wire["decision"]),
            matches=tuple(Match(**match) for match in wire["matches"]),
            aspect=Aspect(wire["aspect"]) if wire["aspect"] else None,
            bare_aspect=wire["bare_aspect"],
            about_hall=wire["about_hall"],
            # Talks begun before this was kept have none.
            also=Aspect(wire["also"]) if wire.get("also") else None,
        )
