"""The trail of what staff did: a row before each act, and its outcome after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from knowledge.transactions import writing
from language.moments import Clock
from staff.tables import AuditRow

PAGE_ROWS = 50
_VALUE_CHARS = 200


class Outcome(StrEnum):
    """How an act ended. `BEGUN` stays where the process died in the middle."""

    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Act:
    """What was done to what. `before` and `after` are short facts, never a resident's words."""

    act: str
    object_kind: str = ""
    object_id: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One row of the trail."""

    id: int
    at: datetime
    login: str
    outcome: Outcome
    act: Act


@dataclass(frozen=True)
class Wanted:
    """Which rows to show; empty means any. `since` and `until` are instants, `until` excluded."""

    login: str = ""
    act: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditTrail:
    """Writes and reads the trail; nothing in it is ever changed but the outcome of what was begun."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def begin(self, login: str, act: Act) -> int:
        """Note that an act begins; return the row's id."""
        with writing(self._sessions) as session:
            row = AuditRow(at=self._clock(), login=login[:64], outcome=Outcome.BEGUN, **_columns(act))
            session.add(row)
            session.flush()
            return row.id

    def finish(self, entry: int, outcome: Outcome, act: Act) -> None:
        """Note how it ended, and what it was done to."""
        with writing(self._sessions) as session:
            session.execute(
                update(AuditRow).where(AuditRow.id == entry).values(outcome=outcome, **_columns(act))
            )

    def note(self, login: str, act: Act, outcome: Outcome = Outcome.DONE) -> None:
        """Note an act that is over already, such as a sign-in."""
        self.finish(self.begin(login, act), outcome, act)

    def find(self, wanted: Wanted, page: int = 1) -> tuple[list[Entry], int]:
        """Return one page of rows, the newest first, and how many rows there are in all."""
        query = _matching(wanted)
        with self._sessions() as session:
            count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(
                query.order_by(AuditRow.id.desc()).offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS)
            ).all()
        return [_entry(row) for row in rows], count

    def every(self, wanted: Wanted, most: int) -> list[Entry]:
        """Return up to `most` rows, the newest first, for a sheet."""
        with self._sessions() as session:
            rows = session.scalars(_matching(wanted).order_by(AuditRow.id.desc()).limit(most)).all()
        return [_entry(row) for row in rows]

    def acts(self) -> list[str]:
        """Return the acts that occur, for a choice."""
        with self._sessions() as session:
            return sorted(session.scalars(select(AuditRow.act).distinct()))


def _matching(wanted: Wanted) -> Select[AuditRow]:
    query = select(AuditRow)
    if wanted.login:
        query = query.where(AuditRow.login == wanted.login)
    if wanted.act:
        query = query.where(AuditRow.act == wanted.act)
    if wanted.object_id:
        query = query.where(AuditRow.object_id == wanted.object_id)
    if wanted.since:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditRow.at < wanted.until)
    return query


def _columns(act: Act) -> dict[str, Any]:
    return {
        "act": act.act[:64],
        "object_kind": act.object_kind[:32],
        "object_id": _plain(act.object_id)[:120],
        "before": _short(act.before) or None,
        "after": _short(act.after) or None,
    }


def _short(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _fact(value) for name, value in facts.items()}


def _fact(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_fact(one) for one in value[:50]]
    return _plain(str(value))[:_VALUE_CHARS]


def _plain(text: str) -> str:
    # PostgreSQL takes no NUL.
    return text.replace("\0", "")


def _entry(row: AuditRow) -> Entry:
    act = Act(row.act, row.object_kind, row.object_id, row.before or {}, row.after or {})
    return Entry(row.id, row.at, row.login, Outcome(row.outcome), act)
