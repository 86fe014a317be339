"""One transaction of the case store: it holds the history, finds cases, and writes down what was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases import history
from cases.case import Actor, NoSuchCase
from cases.figures import tallies
from cases.sealing import Sealer
from cases.tables import OWES_NOTICE, CaseRow, EventKind, NoticeRow, NoticeState
from cases.turns import InTurn
from cases.work.deadlines import OfficeTime
from cases.work.rules import Rules, load_rules
from cases.work.tables import CalendarYearRow
from language.moments import Clock
from language.workdays import Announcement, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Told:
    """What an entry of the history says: `note` is clear text, `about` holds no person's words.

    `is_known` where its resident need not be told of it: they did it, in the talk that a notice would go to.
    """

    kind: EventKind
    actor: Actor
    before: str | None = None
    note: str = ""
    about: str | None = None
    is_known: bool = False


class Writing:
    """A transaction that changes cases. From its start to its end no other one does."""

    def __init__(self, session: Session, store: Store) -> None:
        self.session = session
        self.sealer = store.sealer
        self.rules = store.rules
        self.zone = store.zone
        self.now = store.clock()
        self._told: dict[str, CaseRow] = {}

    def case(self, number: str) -> CaseRow:
        """Return the row of a case. Raises NoSuchCase."""
        row = self.session.get(CaseRow, number)
        if row is None:
            raise NoSuchCase(number)
        return row

    @cached_property
    def office(self) -> OfficeTime:
        """Office time on the calendar as announced, with what staff have loaded."""
        return read_office(self.session, self.rules, self.zone)

    def at(self, row: CaseRow) -> datetime:
        """Return the instant of what is done now: no clock set back puts it before the last change."""
        return max(self.now, row.updated_at)

    def tell(self, row: CaseRow, told: Told) -> int:
        """Write an entry of the history, and the notice that it owes; return its sequence."""
        sequence = history.take_turn(self.session)
        at = self.at(row)
        entry = history.Entry(
            number=row.number,
            kind=told.kind,
            from_status=told.before if told.kind is EventKind.FILED else told.before or row.status,
            to_status=row.status,
            author=told.actor.login,
            note=told.note,
            at=at,
            role=told.actor.role.value,
            about=told.about,
        )
        history.append(self.session, self.sealer, sequence, entry)
        self.session.flush()  # the notice refers to the entry
        if told.kind is not EventKind.FILED:  # what was just filed is not settled
            self._told[row.number] = row
        if told.kind in OWES_NOTICE:
            is_move = told.kind in (EventKind.FILED, EventKind.MOVED)
            kind = row.status if is_move else told.kind.value
            self.session.add(
                NoticeRow(
                    number=row.number,
                    sequence=sequence,
                    kind=kind,
                    state=(NoticeState.SENT if told.is_known else NoticeState.PENDING).value,
                    next_try_at=at,
                    created_at=at,
                    sent_at=at if told.is_known else None,
                )
            )
            row.updated_at = at
        return sequence

    def keep_figures(self) -> None:
        """Bring the sums of settled cases up to what was done."""
        tallies.keep_up(self.session, self._told.values(), self.zone, self.now)


@dataclass(frozen=True)
class Store:
    """What every part of the case store works with. `zone` is the hall's."""

    sessions: sessionmaker[Session]
    sealer: Sealer
    clock: Clock
    zone: ZoneInfo = SHANGHAI
    rules: Rules = field(default_factory=load_rules)
    # SQLite lets whoever asks at the right moment write next: 16 threads kept one waiting for 5 of the 10
    # seconds after which it gives up. Here they wait in turn, and on PostgreSQL without a connection each.
    turn: InTurn = field(default_factory=InTurn, repr=False, compare=False)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Give a transaction that commits at the end, or leaves nothing behind."""
        with self.turn, self.sessions.begin() as session:
            history.hold(session)
            writing = Writing(session, self)
            yield writing
            writing.keep_figures()


def read_office(session: Session, rules: Rules, zone: ZoneInfo) -> OfficeTime:
    """Return office time on the calendar as announced, with what staff have loaded."""
    rows = session.scalars(select(CalendarYearRow)).all()
    announced = {
        row.year: Announcement(
            row.year,
            frozenset(map(date.fromisoformat, row.off)),
            frozenset(map(date.fromisoformat, row.worked)),
            row.source,
        )
        for row in rows
    }
    return OfficeTime(WorkCalendar(announced), zone, rules.office_hours)
