"""What a matcher says of a question: which guides may be meant, how surely, and what that allows."""

from __future__ import annotations

from dataclasses import dataclass

from language.reply import Decision


@dataclass(frozen=True)
class Match:
    """A guide that may be meant. `confidence` is 0 to 1; `exact` where the question is one of its texts."""

    guide_id: str
    confidence: float
    exact: bool = False


@dataclass(frozen=True)
class Verdict:
    """The ranked guides and what their confidence allows: answer, clarify or decline."""

    decision: Decision
    matches: tuple[Match, ...]
