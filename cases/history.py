"""The history of all cases: append-only, each entry chained by a keyed hash to the one before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.sealing import Sealer, Unopenable
from cases.tables import (
    OWES_NOTICE,
    CaseEventRow,
    CaseRow,
    CounterRow,
    EventKind,
    NoticeRow,
    count_up,
    hold_counter,
)

FIRST_HASH = "start"
SEALED_FIELDS = ("description", "place", "details", "contact_name", "contact_phone")
_COUNTER = "history"
_ROWS_AT_ONCE = 500
# Entries say what a status was called when they were written.
_FORMER_NAMES = {"filed": "received"}


@dataclass(frozen=True)
class Entry:
    """What an entry of the history says, before it is chained. `note` is clear text and gets sealed."""

    number: str
    kind: EventKind
    from_status: str | None
    to_status: str
    author: str
    note: str
    at: datetime
    role: str | None = None
    about: str | None = None


def hold(session: Session) -> None:
    """Hold the history until the transaction ends: from here on no other writer changes a case.

    Call it before reading what an entry depends on.
    """
    hold_counter(session, _COUNTER)


def take_turn(session: Session) -> int:
    """Return the sequence of the next entry; it holds the history as well."""
    return count_up(session, _COUNTER)


def append(session: Session, sealer: Sealer, sequence: int, entry: Entry) -> CaseEventRow:
    """Chain an entry to the one before it; `sequence` comes from `take_turn` in the same transaction."""
    before = session.get(CaseEventRow, sequence - 1)
    row = CaseEventRow(
        sequence=sequence,
        number=entry.number,
        kind=entry.kind.value,
        from_status=entry.from_status,
        to_status=entry.to_status,
        author=entry.author,
        role=entry.role,
        about=entry.about,
        note=sealer.seal(entry.note, note_context(sequence)) if entry.note else None,
        note_hash=sealer.sign("note", f"{sequence}:{entry.note}") if entry.note else "",
        at=entry.at,
        prev_hash=before.hash if before else FIRST_HASH,
    )
    row.hash = sealer.sign("history", _canonical(row))
    session.add(row)
    return row


def note_context(sequence: int) -> str:
    """Return what the note of an entry is sealed for."""
    return f"history/{sequence}/note"


def field_context(number: str, field: str) -> str:
    """Return what a sealed field of a case is sealed for."""
    return f"case/{number}/{field}"


def find_faults(sessions: sessionmaker[Session], sealer: Sealer) -> list[str]:
    """Return what is wrong with the store, one sentence each; an empty list means that all is well.

    Checked: the chain (nothing changed, cut out, added or cut off), every case has a history that ends in its
    status, every status it came to owes a notice, and every sealed field opens.
    """
    with sessions() as session:
        faults, last_status = _chain_faults(session, sealer)
        faults.extend(_case_faults(session, sealer, last_status))
        faults.extend(_notice_faults(session))
    return faults


def _chain_faults(session: Session, sealer: Sealer) -> tuple[list[str], dict[str, str]]:
    faults: list[str] = []
    last_status: dict[str, str] = {}
    sequence, before = 0, FIRST_HASH
    for row in _all_events(session):
        if row.sequence != sequence + 1:
            faults.append(f"history: entries {sequence + 1} to {row.sequence - 1} are missing")
        elif row.prev_hash != before:
            faults.append(
                f"history: entry {row.sequence} (case {row.number}) does not follow the one before it"
            )
        if not sealer.is_signed("history", _canonical(row), row.hash):
            faults.append(f"history: entry {row.sequence} (case {row.number}) was changed")
        if row.note is not None and not _is_note_whole(sealer, row):
            faults.append(f"history: the note of entry {row.sequence} (case {row.number}) was changed")
        if _as_now(row.from_status) != last_status.get(row.number, ""):
            faults.append(
                f"history: entry {row.sequence} does not start from the last status of case {row.number}"
            )
        last_status[row.number] = _as_now(row.to_status)
        sequence, before = row.sequence, row.hash
    counted = session.scalar(select(CounterRow.value).where(CounterRow.name == _COUNTER)) or 0
    if counted != sequence:
        faults.append(f"history: ends at entry {sequence}, but {counted} were written")
    return faults, last_status


def _case_faults(session: Session, sealer: Sealer, last_status: dict[str, str]) -> Iterator[str]:
    known = set()
    for row in session.scalars(
        select(CaseRow).order_by(CaseRow.number).execution_options(yield_per=_ROWS_AT_ONCE)
    ):
        known.add(row.number)
        if row.number not in last_status:
            yield f"case {row.number} has no history"
        elif row.status != last_status[row.number]:
            yield f"case {row.number} is {row.status}, but its history ends in {last_status[row.number]}"
        for field in SEALED_FIELDS:
            sealed: bytes | None = getattr(row, field)
            if sealed is not None and not _opens(sealer, sealed, field_context(row.number, field)):
                yield f"case {row.number}: {field} cannot be opened (altered, or its key is missing)"
    for number in sorted(last_status.keys() - known):
        yield f"case {number} is in the history but not in the store"


def _notice_faults(session: Session) -> Iterator[str]:
    owed = (
        select(CaseEventRow.sequence, CaseEventRow.number, CaseEventRow.to_status)
        .outerjoin(NoticeRow, NoticeRow.sequence == CaseEventRow.sequence)
        .where(CaseEventRow.kind.in_([kind.value for kind in OWES_NOTICE]), NoticeRow.id.is_(None))
        .order_by(CaseEventRow.sequence)
    )
    for sequence, number, status in session.execute(owed):
        yield f"case {number}: the notice of entry {sequence} ({status}) is missing"
    silent = (
        select(CaseRow.number)
        .outerjoin(NoticeRow, NoticeRow.number == CaseRow.number)
        .where(NoticeRow.id.is_(None))
        .order_by(CaseRow.number)
    )
    for number in session.scalars(silent):
        yield f"case {number} owes no notice"


def _as_now(status: str | None) -> str:
    return _FORMER_NAMES.get(status or "", status or "")


def _all_events(session: Session) -> Iterator[CaseEventRow]:
    statement = select(CaseEventRow).order_by(CaseEventRow.sequence)
    yield from session.scalars(statement.execution_options(yield_per=_ROWS_AT_ONCE))


def _is_note_whole(sealer: Sealer, row: CaseEventRow) -> bool:
    try:
        note = sealer.open(row.note or b"", note_context(row.sequence))
    except Unopenable:
        return False
    return sealer.is_signed("note", f"{row.sequence}:{note}", row.note_hash)


def _opens(sealer: Sealer, sealed: bytes, context: str) -> bool:
    try:
        sealer.open(sealed, context)
    except Unopenable:
        return False
    return True


def _canonical(row: CaseEventRow) -> str:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [
        row.number,
        row.kind,
        row.from_status,
        row.to_status,
        row.author,
        row.note_hash,
        at,
        row.prev_hash,
    ]
    # Entries of before there were these two stay what they were.
    later = [row.role, row.about] if row.role is not None or row.about is not None else []
    return json.dumps([row.sequence, *said, *later], ensure_ascii=False)
