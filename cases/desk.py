"""The desk: files requests, tells how a case stands, moves it, and keeps its history."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases import history, lookups
from cases.arrivals.categories import Category, get_category, hear_category
from cases.case import (
    RESIDENT,
    Actor,
    ActorRole,
    AlreadyFiled,
    CaseKind,
    CaseRecord,
    CaseStatus,
    CaseView,
    Receipt,
    Request,
    RequestKeyTaken,
    Reveal,
    TooManyAttempts,
)
from cases.figures.proposals import Proposals
from cases.figures.tally_faults import find_tally_faults
from cases.notices.notice import stop_calling
from cases.notices.outcome import read_outcome
from cases.places.registry import Spot, resolve
from cases.privacy.erasing import erase_expired
from cases.sealing import Sealer, Unopenable
from cases.store import SHANGHAI as SHANGHAI
from cases.store import Store, Told, Writing
from cases.tables import CaseRow, EventKind, count_up
from cases.work import clocks
from cases.work.moving import Move, make_move, reopen_until
from cases.work.rules import Rules
from cases.work.tables import Purpose
from cases.work.ticking import Alarm, keep_time, tick
from language.moments import Clock

log = logging.getLogger(__name__)

_RECORDS_AT_ONCE = 500


@dataclass(frozen=True)
class _About:
    """What a request is about, and where."""

    category: Category | None
    spot: Spot


class Desk:
    """The case store's one way in and out. `zone` is the hall's, for the date in a case number."""

    def __init__(
        self, sessions: sessionmaker[Session], sealer: Sealer, clock: Clock, zone: ZoneInfo = SHANGHAI
    ) -> None:
        self.store = Store(sessions, sealer, clock, zone)
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock

    def file_case(self, request: Request) -> Receipt:
        """File a request: case, clocks, history and notice in one transaction.

        Idempotent by the request key: asked again (at the same time, or after a crash) it returns the
        number and code of the first filing, with `is_new` False, whatever else the request says. Raises
        RequestKeyTaken when another conversation filed under this key, AlreadyFiled when the hotline's number
        was filed under another key, and UnknownCategory.
        """
        with self._sessions() as session:
            if known := self._receipt_of(session, request):
                return known
            # Worked out before the history is held: others wait for whoever holds it.
            about = _About(self._category(request), resolve(session, request.place or "", request.group))
        with self.store.writing() as writing:
            # Somebody may have filed under the same key since we looked; from here on nobody can.
            receipt = self._receipt_of(writing.session, request) or self._file(writing, request, about)
        if receipt.is_new:
            log.info("case %s filed: kind=%s channel=%s", receipt.number, request.kind, request.channel)
        return receipt

    def look_up(self, number: str, code: str | None, conversation: str) -> CaseView | None:
        """Return how a case stands, or None where number and code do not belong together.

        Both may be typed with spaces, dashes, full-width or spoken digits. A number that does not exist
        behaves like a wrong code. Without a code (None) only the conversation that filed the case finds it;
        `conversation` must then be the key of a talk, which nobody can make up. Raises TooManyAttempts after
        5 wrong codes for a number, or 10 from a conversation, in 15 minutes.
        """
        wanted = lookups.read_number(number)
        if wanted is None:
            return None
        now = self._clock()
        with self._sessions.begin() as session:
            locked = lookups.charge(session, self._sealer, wanted, conversation, now)
            row = None if locked else self._matching_row(session, wanted, code, conversation)
            view = self._told_view(session, row) if row is not None else None
            if view is not None:
                lookups.give_back(session, self._sealer, wanted, conversation)
                if view.outcome is not None:
                    stop_calling(session, view.number, now)
        if locked:
            raise TooManyAttempts(-(-locked // timedelta(minutes=1)))
        return view

    def move(self, number: str, move: Move) -> CaseView:
        """Move a case, with clocks, history and notice.

        Raises NoSuchCase, IllegalMove where the table of moves does not allow it (it names who was faster),
        NotYours, Incomplete, UnknownDepartment and StillAtWork.
        """
        with self.store.writing() as writing:
            return _view(make_move(writing, number, move), writing.rules)

    def verify(self) -> list[str]:
        """Return what is wrong with the store, one sentence each; an empty list means that all is well."""
        faults = history.find_faults(self._sessions, self._sealer)
        with self._sessions() as session:
            return [*faults, *find_tally_faults(session, self._clock())]

    def records(self, reveal: Reveal | None = None) -> Iterator[CaseRecord]:
        """Yield every case in the order of filing, contact fields masked.

        With `reveal` they are clear, and each reading is in the case's history before its record is
        yielded. Raises Unopenable when a field was altered or its key is missing.
        """
        with self._sessions() as session:
            numbers = session.scalars(
                select(CaseRow.number).order_by(CaseRow.created_at, CaseRow.number)
            ).all()
        for start in range(0, len(numbers), _RECORDS_AT_ONCE):
            some = numbers[start : start + _RECORDS_AT_ONCE]
            with self.store.writing() if reveal else self._sessions() as opened:
                session = opened.session if isinstance(opened, Writing) else opened
                if isinstance(opened, Writing) and reveal:
                    for number in some:
                        note_reading(opened, number, reveal)
                rows = session.scalars(select(CaseRow).where(CaseRow.number.in_(some))).all()
                by_number = {row.number: _shown(self._sealer, row, reveal) for row in rows}
            yield from (by_number[number] for number in some if number in by_number)

    def purge_expired(self) -> None:
        """Forget look-ups that no longer count, and erase what was kept as long as its class allows."""
        with self._sessions.begin() as session:
            lookups.forget_old(session, self._clock())
        erase_expired(self.store)

    def tick(self) -> None:
        """Do what time has brought: alarms, paused cases that go on, reminders, closing, bursts."""
        _log(tick(self.store))
        Proposals(self.store).remember()

    def keep_time(self) -> None:
        """Do what of it cannot wait: paused cases go on, and alarms enter the history."""
        _log(keep_time(self.store))

    def _file(self, writing: Writing, request: Request, about: _About) -> Receipt:
        self._refuse_known_reference(writing, request)
        now = writing.now
        day = f"{now.astimezone(writing.zone):%y%m%d}"
        number = f"{day}-{count_up(writing.session, f'day/{day}'):04}"
        code = self._code(number, request.key)
        row = CaseRow(
            number=number,
            code_hash=self._sealer.sign("code-hash", f"{number}:{code}"),
            request_key=request.key,
            kind=request.kind.value,
            category=about.category.id if about.category else None,
            grid=about.spot.grid,
            building=about.spot.building,
            status=CaseStatus.RECEIVED.value,
            channel=request.channel,
            conversation=request.conversation,
            locale=request.locale,
            hotline_ref=request.hotline_ref,
            # Who takes a request down answers for it from then on (首问负责制).
            receiver=request.taken_by,
            answerable=request.taken_by,
            created_at=now,
            updated_at=now,
            **{field: self._seal(number, field, getattr(request, field)) for field in history.SEALED_FIELDS},
        )
        writing.session.add(row)
        writing.session.flush()
        terms = about.category or writing.rules
        clocks.start(writing, row, Purpose.RESPOND, terms.respond)
        clocks.start(writing, row, Purpose.RESOLVE, terms.resolve)
        actor = Actor(request.taken_by, ActorRole.RECEIVER) if request.taken_by else RESIDENT
        writing.tell(row, Told(EventKind.FILED, actor))
        return Receipt(number, code, is_new=True)

    def _category(self, request: Request) -> Category | None:
        if request.category is not None:
            return get_category(request.category)
        return hear_category(request.description, request.kind)

    def _refuse_known_reference(self, writing: Writing, request: Request) -> None:
        if request.hotline_ref is None:
            return
        known = select(CaseRow.number).where(CaseRow.hotline_ref == request.hotline_ref)
        if number := writing.session.scalar(known):
            raise AlreadyFiled(number)

    def _receipt_of(self, session: Session, request: Request) -> Receipt | None:
        row = session.scalars(select(CaseRow).where(CaseRow.request_key == request.key)).one_or_none()
        if row is None:
            return None
        if row.conversation != request.conversation:
            raise RequestKeyTaken
        return Receipt(row.number, self._code(row.number, request.key, like=row.code_hash), is_new=False)

    def _code(self, number: str, request_key: str, like: str | None = None) -> str:
        # Derived, not drawn: so the code can be told again after a crash although it is stored nowhere.
        return self._sealer.digits("code", f"{number}:{request_key}", lookups.CODE_DIGITS, like)

    def _matching_row(
        self, session: Session, number: str, code: str | None, conversation: str
    ) -> CaseRow | None:
        row = session.get(CaseRow, number)
        if code is None:
            return row if row is not None and row.conversation == conversation else None
        # An unknown number is compared as well, so that it takes as long as a wrong code.
        code_hash = row.code_hash if row else self._sealer.sign("code-hash", "")
        is_right = self._sealer.is_signed("code-hash", f"{number}:{lookups.read_digits(code)}", code_hash)
        return row if row is not None and is_right else None

    def _told_view(self, session: Session, row: CaseRow) -> CaseView:
        outcome = read_outcome(session, self._sealer, row)
        return replace(_view(row, self.store.rules), outcome=outcome)

    def _seal(self, number: str, field: str, value: str | None) -> bytes | None:
        return None if value is None else self._sealer.seal(value, history.field_context(number, field))


def record_of(sealer: Sealer, row: CaseRow) -> CaseRecord:
    """Return a case with its sealed fields opened. Raises Unopenable, naming case and field."""
    opened: dict[str, Any] = {field: _open(sealer, row, field) for field in history.SEALED_FIELDS}
    columns = {name: getattr(row, name) for name in CaseRecord.__dataclass_fields__ if name not in opened}
    return CaseRecord(**columns, **opened)


def _log(alarms: Iterable[Alarm]) -> None:
    for alarm in alarms:
        log.info("case %s: %s is %s", alarm.number, alarm.purpose, alarm.level.name.lower())


def note_reading(writing: Writing, number: str, reveal: Reveal) -> None:
    """Write into a case's history who reads its contact fields, and why."""
    writing.tell(writing.case(number), Told(EventKind.REVEALED, reveal.actor, note=reveal.reason))


def _view(row: CaseRow, rules: Rules) -> CaseView:
    return CaseView(
        number=row.number,
        kind=CaseKind(row.kind),
        status=CaseStatus(row.status),
        department=row.department,
        due_at=row.due_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        rating=row.rating,
        reopen_until=reopen_until(row, rules),
    )


def _shown(sealer: Sealer, row: CaseRow, reveal: Reveal | None) -> CaseRecord:
    record = record_of(sealer, row)
    return record if reveal else record.masked()


def _open(sealer: Sealer, row: CaseRow, field: str) -> str | None:
    sealed: bytes | None = getattr(row, field)
    if sealed is None:
        return None
    try:
        return sealer.open(sealed, history.field_context(row.number, field))
    except Unopenable as problem:
        raise Unopenable(f"case {row.number}, {field}: {problem}") from None
