"""The desk: files requests, tells how a case stands, moves it, and keeps its history."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from cases import history, lookups
from cases.case import (
    CaseKind,
    CaseRecord,
    CaseStatus,
    CaseView,
    IllegalMove,
    NoSuchCase,
    Receipt,
    Request,
    RequestKeyTaken,
    Reveal,
    TooManyAttempts,
    may_move,
)
from cases.sealing import Sealer, Unopenable
from cases.tables import CaseEventRow, CaseRow, EventKind, NoticeRow, NoticeState, count_up
from language.moments import Clock

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo("Asia/Shanghai")
_RECORDS_AT_ONCE = 500


class Desk:
    """The case store's one way in and out. `zone` is the hall's, for the date in a case number."""

    def __init__(
        self, sessions: sessionmaker[Session], sealer: Sealer, clock: Clock, zone: ZoneInfo = SHANGHAI
    ) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock
        self._zone = zone

    def file_case(self, request: Request) -> Receipt:
        """File a request: case, history and notice in one transaction.

        Idempotent by the request key: asked again (at the same time, or after a crash) it returns the
        number and code of the first filing, with `is_new` False, whatever else the request says. Raises
        RequestKeyTaken when another conversation filed under this key.
        """
        if known := self._receipt_of(request):
            return known
        try:
            with self._sessions.begin() as session:
                receipt = self._file(session, request)
        except IntegrityError:
            # Somebody filed under the same key between our look and our insert; the constraint caught it.
            if known := self._receipt_of(request):
                return known
            raise
        log.info("case %s filed: kind=%s channel=%s", receipt.number, request.kind, request.channel)
        return receipt

    def look_up(self, number: str, code: str, conversation: str) -> CaseView | None:
        """Return how a case stands, or None where number and code do not belong together.

        Both may be typed with spaces, dashes, full-width or spoken digits. A number that does not exist
        behaves like a wrong code. Raises TooManyAttempts after 5 wrong codes for a number, or 10 from a
        conversation, in 15 minutes.
        """
        wanted = lookups.read_number(number)
        if wanted is None:
            return None
        now = self._clock()
        with self._sessions.begin() as session:
            locked = lookups.charge(session, self._sealer, wanted, conversation, now)
            view = None if locked else self._matching_view(session, wanted, lookups.read_digits(code))
            if view is not None:
                lookups.give_back(session, self._sealer, wanted, conversation)
        if locked:
            raise TooManyAttempts(-(-locked // timedelta(minutes=1)))
        return view

    def move(self, number: str, status: CaseStatus, author: str, note: str = "") -> CaseView:
        """Move a case to `status`, with history and notice. `author` is who did it, as staff know them.

        Raises NoSuchCase, and IllegalMove where the table of moves does not allow it (it names who was
        faster).
        """
        with self._sessions.begin() as session:
            sequence = history.take_turn(session)
            row = session.get(CaseRow, number)
            if row is None:
                raise NoSuchCase(number)
            present = CaseStatus(row.status)
            if not may_move(present, status):
                raise IllegalMove(number, present, status, _last_author(session, number))
            now = self._clock()
            row.status, row.updated_at = status.value, now
            self._tell(session, sequence, row, EventKind.MOVED, present, (author, note))
            return _view(row)

    def verify(self) -> list[str]:
        """Return what is wrong with the store, one sentence each; an empty list means that all is well."""
        return history.find_faults(self._sessions, self._sealer)

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
            with self._sessions.begin() as session:
                if reveal:
                    for number in some:
                        self._note_reading(session, number, reveal)
                rows = session.scalars(select(CaseRow).where(CaseRow.number.in_(some))).all()
                by_number = {row.number: self._record(row, is_clear=reveal is not None) for row in rows}
            yield from (by_number[number] for number in some if number in by_number)

    def purge_expired(self) -> None:
        """Forget look-up attempts that no longer count."""
        with self._sessions.begin() as session:
            lookups.forget_old(session, self._clock())

    def _file(self, session: Session, request: Request) -> Receipt:
        sequence = history.take_turn(session)
        now = self._clock()
        day = f"{now.astimezone(self._zone):%y%m%d}"
        number = f"{day}-{count_up(session, f'day/{day}'):04}"
        code = self._code(number, request.key)
        row = CaseRow(
            number=number,
            code_hash=self._sealer.sign("code-hash", f"{number}:{code}"),
            request_key=request.key,
            kind=request.kind.value,
            status=CaseStatus.FILED.value,
            channel=request.channel,
            conversation=request.conversation,
            created_at=now,
            updated_at=now,
            **{field: self._seal(number, field, getattr(request, field)) for field in history.SEALED_FIELDS},
        )
        session.add(row)
        session.flush()
        self._tell(session, sequence, row, EventKind.FILED, None, ("resident", ""))
        return Receipt(number, code, is_new=True)

    def _tell(
        self,
        session: Session,
        sequence: int,
        row: CaseRow,
        kind: EventKind,
        before: CaseStatus | None,
        said: tuple[str, str],
    ) -> None:
        author, note = said
        earlier = before.value if before else None
        entry = history.Entry(row.number, kind, earlier, row.status, author, note, row.updated_at)
        history.append(session, self._sealer, sequence, entry)
        session.flush()  # the notice refers to the entry
        session.add(
            NoticeRow(
                number=row.number,
                sequence=sequence,
                kind=row.status,
                state=NoticeState.PENDING.value,
                next_try_at=row.updated_at,
                created_at=row.updated_at,
            )
        )

    def _receipt_of(self, request: Request) -> Receipt | None:
        with self._sessions() as session:
            row = session.scalars(select(CaseRow).where(CaseRow.request_key == request.key)).one_or_none()
        if row is None:
            return None
        if row.conversation != request.conversation:
            raise RequestKeyTaken
        return Receipt(row.number, self._code(row.number, request.key, like=row.code_hash), is_new=False)

    def _code(self, number: str, request_key: str, like: str | None = None) -> str:
        # Derived, not drawn: so the code can be told again after a crash although it is stored nowhere.
        return self._sealer.digits("code", f"{number}:{request_key}", lookups.CODE_DIGITS, like)

    def _matching_view(self, session: Session, number: str, code: str) -> CaseView | None:
        row = session.get(CaseRow, number)
        # An unknown number is compared as well, so that it takes as long as a wrong code.
        code_hash = row.code_hash if row else self._sealer.sign("code-hash", "")
        is_right = self._sealer.is_signed("code-hash", f"{number}:{code}", code_hash)
        return _view(row) if row is not None and is_right else None

    def _note_reading(self, session: Session, number: str, reveal: Reveal) -> None:
        sequence = history.take_turn(session)
        status = session.scalars(select(CaseRow.status).where(CaseRow.number == number)).one()
        entry = history.Entry(
            number, EventKind.REVEALED, status, status, reveal.author, reveal.reason, self._clock()
        )
        history.append(session, self._sealer, sequence, entry)
        session.flush()

    def _seal(self, number: str, field: str, value: str | None) -> bytes | None:
        return None if value is None else self._sealer.seal(value, history.field_context(number, field))

    def _open(self, row: CaseRow, field: str) -> str | None:
        sealed: bytes | None = getattr(row, field)
        if sealed is None:
            return None
        try:
            return self._sealer.open(sealed, history.field_context(row.number, field))
        except Unopenable as problem:
            raise Unopenable(f"case {row.number}, {field}: {problem}") from None

    def _record(self, row: CaseRow, is_clear: bool) -> CaseRecord:
        opened: dict[str, Any] = {field: self._open(row, field) for field in history.SEALED_FIELDS}
        columns = {name: getattr(row, name) for name in CaseRecord.__dataclass_fields__ if name not in opened}
        record = CaseRecord(**columns, **opened)
        return record if is_clear else record.masked()


def _last_author(session: Session, number: str) -> str:
    entries = select(CaseEventRow.author).where(
        CaseEventRow.number == number, CaseEventRow.kind != EventKind.REVEALED.value
    )
    return session.scalars(entries.order_by(CaseEventRow.sequence.desc())).first() or "nobody"


def _view(row: CaseRow) -> CaseView:
    return CaseView(
        number=row.number,
        kind=CaseKind(row.kind),
        status=CaseStatus(row.status),
        department=row.department,
        due_at=row.due_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
