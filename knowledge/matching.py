"""Which guide a question means: exact where it can be, else the nearest by shared characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.aspects import Wordings
from knowledge.guide import Guide
from language.normalise import normalise
from language.reply import Decision


@dataclass(frozen=True)
class Match:
    """A guide that may be meant. `confidence` is 0 to 1; `exact` where the question is one of its names."""

    guide_id: str
    confidence: float
    exact: bool = False


@dataclass(frozen=True)
class Verdict:
    """The ranked guides and what their confidence allows: answer, clarify or decline."""

    decision: Decision
    matches: tuple[Match, ...]


class Matcher:
    """Ranks the guides of one release for a question."""

    def __init__(self, wordings: Wordings, texts: list[tuple[str, str]]) -> None:
        self.wordings = wordings
        self._texts = texts

    @classmethod
    def build(cls, guides: Iterable[Guide]) -> Matcher:
        """Index the names and phrasings of `guides`."""
        wordings = Wordings()
        texts = [
            (guide.id, wordings.topic(text))
            for guide in guides
            for text in (guide.title, guide.plain_name, *guide.aliases, *guide.phrasings)
        ]
        return cls(wordings, texts)

    def rank(self, text: str, limit: int = 10) -> list[Match]:
        """Return up to `limit` guides, likeliest first."""
        topic = self.wordings.topic(normalise(text))
        asked = set(topic)
        best: dict[str, float] = {}
        for guide_id, known in self._texts:
            shared = 2 * len(asked & set(known)) / max(1, len(asked) + len(set(known)))
            best[guide_id] = max(best.get(guide_id, 0.0), shared)
        ranked = sorted(best.items(), key=lambda pair: -pair[1])[:limit]
        return [Match(guide_id, score, score == 1.0) for guide_id, score in ranked]

    def judge(self, text: str, limit: int = 10) -> Verdict:
        """Rank the guides and decide whether the best may be answered."""
        matches = tuple(self.rank(text, limit))
        top = matches[0].confidence if matches else 0.0
        decision = Decision.ANSWER if top >= 0.6 else Decision.CLARIFY if top >= 0.4 else Decision.DECLINE
        return Verdict(decision, matches)
