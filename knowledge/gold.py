"""The gold set: questions whose right guide is known, and what they say of a new release."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.curation_tables import GoldRow
from knowledge.matching import Match
from knowledge.transactions import writing
from language.moments import Clock
from language.normalise import normalise
from language.reply import Decision

SHIPPED = Path(__file__).with_name("gold.yml")
SHIPPED_ORIGIN = "shipped"
STAFF_ORIGIN = "staff"

# How many of the ranked guides a resident is shown when asked back.
CHOICES_SHOWN = 4
# The share of the questions asked by which a release may be worse than the live one. Learning anew moves the
# thresholds a little: five small edits that touched no gold question lost up to 1 point of 177.
DEFAULT_MARGIN = 0.01
MAX_CHARS = 200


class Judgement(Protocol):
    """What was made of a question: a Verdict of the matcher or a Finding of Answering."""

    @property
    def decision(self) -> Decision:
        """Return whether it is answered, asked back or declined."""

    @property
    def matches(self) -> tuple[Match, ...]:
        """Return the guides, likeliest first."""


Judge = Callable[[str], Judgement]


class GoldError(ValueError):
    """A gold question that cannot be kept; the message says what to write instead."""


@dataclass(frozen=True)
class GoldQuestion:
    """A question and the one guide that answers it; `guide_id` is None where it must not be answered."""

    id: int
    text: str
    guide_id: str | None
    added_by: str
    added_at: datetime
    origin: str = STAFF_ORIGIN


@dataclass(frozen=True)
class GoldRecord:
    """A gold question as files carry it."""

    text: str
    guide_id: str | None


@dataclass(frozen=True)
class GoldImport:
    """What an import did, counted; `same` includes shipped questions that staff had changed or taken out."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True)
class GoldChange:
    """A question that the new release gets more or less right than the live one.

    `expected` is a guide's id or None (must be declined). `new` and `live` are the ids of the guides that
    come first, None where there is none; the decisions are answer, clarify or decline.
    """

    text: str
    expected: str | None
    new: str | None
    live: str | None
    new_decision: str
    live_decision: str


@dataclass(frozen=True)
class GateReport:
    """Whether a release may go live. A right question counts 1, one rightly asked back 1/2."""

    passed: bool
    asked: int
    right_new: float
    right_live: float
    margin: float
    lost: tuple[GoldChange, ...] = ()
    won: tuple[GoldChange, ...] = ()
    set_aside: tuple[GoldRecord, ...] = ()  # not asked: their guide is not among the new release's

    def to_wire(self) -> dict[str, Any]:
        """Return plain JSON types, complete enough for `from_wire`."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> GateReport:
        """Read back what `to_wire` wrote. Raises KeyError or TypeError on anything else."""
        return cls(
            passed=bool(wire["passed"]),
            asked=int(wire["asked"]),
            right_new=float(wire["right_new"]),
            right_live=float(wire["right_live"]),
            margin=float(wire["margin"]),
            lost=tuple(GoldChange(**change) for change in wire["lost"]),
            won=tuple(GoldChange(**change) for change in wire["won"]),
            set_aside=tuple(GoldRecord(**record) for record in wire["set_aside"]),
        )


def points(judgement: Judgement, expected: str | None) -> float:
    """Return how right a judgement is: 1, 1/2 or 0.

    Answered with the right guide is right; asked back with it among the four choices is half right. What
    must be declined is right unless it is answered: being asked back misleads nobody.
    """
    if expected is None:
        return 0.0 if judgement.decision is Decision.ANSWER else 1.0
    ids = [match.guide_id for match in judgement.matches]
    if judgement.decision is Decision.ANSWER:
        return 1.0 if ids[:1] == [expected] else 0.0
    return 0.5 if judgement.decision is Decision.CLARIFY and expected in ids[:CHOICES_SHOWN] else 0.0


def gate(
    judge_new: Judge,
    judge_live: Judge | None,
    questions: Iterable[GoldQuestion | GoldRecord],
    margin: float = DEFAULT_MARGIN,
    guides: Container[str] | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> GateReport:
    """Ask both releases every gold question; the new one passes unless it is worse by more than `margin`.

    `margin` is a share of the questions asked. `judge_live` is None for a first release, which passes. With
    `guides` (the ids of the new release's) questions about others are set aside: their guide was withdrawn by
    two people, and the list says which questions now need another answer.
    """
    listed = list(questions)
    asked, set_aside = _asked(listed, guides)
    lost: list[GoldChange] = []
    won: list[GoldChange] = []
    right_new = right_live = 0.0
    for place, question in enumerate(asked):
        new = judge_new(question.text)
        live = judge_live(question.text) if judge_live is not None else new
        got, had = points(new, question.guide_id), points(live, question.guide_id)
        right_new += got
        right_live += had
        if got != had:
            (won if got > had else lost).append(_change(question, new, live))
        progress((place + 1) / len(asked))
    return GateReport(
        passed=right_live - right_new <= margin * len(asked),
        asked=len(asked),
        right_new=right_new,
        right_live=right_live,
        margin=margin,
        lost=tuple(lost),
        won=tuple(won),
        set_aside=tuple(GoldRecord(question.text, question.guide_id) for question in set_aside),
    )


def _asked(
    questions: Sequence[GoldQuestion | GoldRecord], guides: Container[str] | None
) -> tuple[list[GoldQuestion | GoldRecord], list[GoldQuestion | GoldRecord]]:
    asked: list[GoldQuestion | GoldRecord] = []
    set_aside: list[GoldQuestion | GoldRecord] = []
    for question in questions:
        has_guide = guides is None or question.guide_id is None or question.guide_id in guides
        (asked if has_guide else set_aside).append(question)
    return asked, set_aside


def _change(question: GoldQuestion | GoldRecord, new: Judgement, live: Judgement) -> GoldChange:
    return GoldChange(
        text=question.text,
        expected=question.guide_id,
        new=first_of(new),
        live=first_of(live),
        new_decision=str(new.decision),
        live_decision=str(live.decision),
    )


def first_of(judgement: Judgement) -> str | None:
    """Return the id of the guide that comes first, None where there is none."""
    return judgement.matches[0].guide_id if judgement.matches else None


def shipped_gold(path: Path = SHIPPED) -> list[GoldRecord]:
    """Return the gold questions that come with Linli."""
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    inside = [
        GoldRecord(str(text), str(guide_id)) for guide_id, texts in read["guides"].items() for text in texts
    ]
    return [*inside, *(GoldRecord(str(text), None) for text in read["decline"])]


class Gold:
    """The gold questions in the database. Every method is one transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def questions(self) -> list[GoldQuestion]:
        """Return all gold questions, oldest first."""
        query = select(GoldRow).where(GoldRow.removed_at.is_(None)).order_by(GoldRow.id)
        with self._sessions() as session:
            return [_question(row) for row in session.scalars(query)]

    def add(self, text: str, guide_id: str | None, added_by: str, origin: str = STAFF_ORIGIN) -> GoldQuestion:
        """Keep a question with its right guide; one with the same wording is changed. Raises GoldError."""
        record = checked(GoldRecord(text, guide_id))
        with writing(self._sessions) as session:
            row, _ = self._put(session, record, added_by, origin)
            session.flush()
            return _question(row)

    def remove(self, question_id: int, removed_by: str) -> bool:
        """Take a question out; return whether there was one."""
        with writing(self._sessions) as session:
            row = session.get(GoldRow, question_id)
            if row is None or row.removed_at is not None:
                return False
            row.removed_by, row.removed_at = removed_by, self._clock()
            return True

    def import_records(
        self, records: Sequence[GoldRecord], author: str, origin: str = STAFF_ORIGIN
    ) -> GoldImport:
        """Add and change questions, all or none. Raises GoldError, naming the first that cannot be kept."""
        done = {"new": 0, "changed": 0, "same": 0}
        with writing(self._sessions) as session:
            for record in map(checked, records):
                done[self._put(session, record, author, origin)[1]] += 1
        return GoldImport(**done)

    def import_shipped(self, records: Sequence[GoldRecord]) -> GoldImport:
        """Add shipped questions; those that staff changed or took out stay as staff left them."""
        return self.import_records(records, SHIPPED_ORIGIN, SHIPPED_ORIGIN)

    def records(self) -> list[GoldRecord]:
        """Return the questions as files carry them."""
        return [GoldRecord(question.text, question.guide_id) for question in self.questions()]

    def _put(self, session: Session, record: GoldRecord, author: str, origin: str) -> tuple[GoldRow, str]:
        folded = normalise(record.text)
        row = session.scalar(select(GoldRow).where(GoldRow.folded == folded))
        if row is None:
            row = GoldRow(text=record.text, folded=folded, guide_id=record.guide_id, origin=origin)
            row.added_by, row.added_at = author, self._clock()
            session.add(row)
            return row, "new"
        of_staff = row.origin != SHIPPED_ORIGIN or row.removed_at is not None
        is_same = row.guide_id == record.guide_id and row.removed_at is None
        if is_same or (origin == SHIPPED_ORIGIN and of_staff):
            return row, "same"
        row.text, row.guide_id, row.origin = record.text, record.guide_id, origin
        row.added_by, row.added_at = author, self._clock()
        row.removed_by = row.removed_at = None
        return row, "changed"


def checked(record: GoldRecord) -> GoldRecord:
    """Return the record with its text trimmed. Raises GoldError for a text that nothing can be asked by."""
    text = " ".join(record.text.split())
    if not normalise(text):
        raise GoldError("the question has no words: write it as a resident would ask it")
    if len(text) > MAX_CHARS:
        raise GoldError(f"the question has {len(text)} characters: keep it under {MAX_CHARS}")
    return GoldRecord(text, record.guide_id or None)


def _question(row: GoldRow) -> GoldQuestion:
    return GoldQuestion(row.id, row.text, row.guide_id, row.added_by, row.added_at, row.origin)
