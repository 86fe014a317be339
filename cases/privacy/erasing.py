"""Erasing what a resident told: on request with preview and receipt, or when its time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from cases.arrivals.categories import Privacy, load_categories
from cases.arrivals.tables import PhotoRow
from cases.case import AT_REST, CLOCK, Actor, CaseStatus, Incomplete, NotYours
from cases.store import Store, Told, Writing
from cases.tables import CaseEventRow, CaseRow, EventKind, NoticeRow, NoticeState
from cases.work.tables import WhistleCallRow, WhistleRow

CONTACT = ("contact_name", "contact_phone")
WORDS = ("description", "place", "details")
_FILE = Path(__file__).with_name("retention.yml")
_AT_ONCE = 200


@dataclass(frozen=True)
class Retention:
    """How long after its end a case keeps contact fields, and everything that somebody wrote."""

    contact: timedelta
    words: timedelta


@dataclass(frozen=True)
class Preview:
    """What erasing would take from a case: the fields that hold something, notes and photos by number."""

    number: str
    fields: tuple[str, ...]
    notes: int
    photos: int


@dataclass(frozen=True)
class ErasureReceipt:
    """What was erased, and the entry of the history that tells of it, with that entry's signature."""

    number: str
    erased: Preview
    sequence: int
    signature: str


def preview_erasure(store: Store, number: str) -> Preview:
    """Return what erasing would take; nothing is changed. Raises NoSuchCase."""
    with store.writing() as writing:
        return _preview(writing, writing.case(number))


def erase(store: Store, number: str, actor: Actor, reason: str) -> ErasureReceipt:
    """Erase everything that a resident and staff wrote about a case, and keep what happened to it.

    Raises Incomplete without a reason, NotYours while the case is worked: have it withdrawn or closed first,
    since nobody can act on what nobody knows.
    """
    if not reason.strip():
        raise Incomplete("say who asked for it and why; it is kept in the case's history")
    with store.writing() as writing:
        row = writing.case(number)
        if CaseStatus(row.status) not in AT_REST:
            raise NotYours(f"case {number} is {row.status}: it can be erased when it is closed or withdrawn")
        found = _preview(writing, row)
        _erase_words(writing, row)
        # The reason is written after the notes are gone, and stays: it says nothing of the matter.
        sequence = writing.tell(row, Told(EventKind.ERASED, actor, note=reason.strip(), about="all"))
        row.erased_at = writing.at(row)
        signature = writing.session.get_one(CaseEventRow, sequence).hash
    return ErasureReceipt(number, found, sequence, signature)


def erase_expired(store: Store) -> int:
    """Erase what has been kept as long as its class allows; return how many cases lost something."""
    now = store.clock()
    count = 0
    for privacy, retention in load_retention().items():
        ids = [category.id for category in load_categories().values() if category.privacy is privacy]
        # A case without a category is as private as the most private one.
        is_class: ColumnElement[bool] = CaseRow.category.in_(ids)
        if privacy is Privacy.SENSITIVE:
            is_class = or_(is_class, CaseRow.category.is_(None), CaseRow.category.not_in(load_categories()))
        for keeps, fields in ((retention.words, (*CONTACT, *WORDS)), (retention.contact, CONTACT)):
            is_full = or_(*(getattr(CaseRow, field).is_not(None) for field in fields))
            is_over = and_(is_class, CaseRow.ended_at <= now - keeps, is_full)
            with store.sessions() as session:
                numbers = session.scalars(select(CaseRow.number).where(is_over).limit(_AT_ONCE)).all()
            count += sum(_erase_fields(store, number, fields) for number in numbers)
    return count


@cache
def load_retention() -> Mapping[Privacy, Retention]:
    """Return how long what is kept, by class."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return {
        Privacy(name): Retention(timedelta(days=entry["contact"]), timedelta(days=entry["words"]))
        for name, entry in entries.items()
    }


def _erase_fields(store: Store, number: str, fields: Sequence[str]) -> int:
    with store.writing() as writing:
        row = writing.case(number)
        if row.ended_at is None:  # opened again in the meantime
            return 0
        if set(fields) > set(CONTACT):
            _erase_words(writing, row)
        for field in fields:
            setattr(row, field, None)
        _call_nobody(writing, row)
        writing.tell(row, Told(EventKind.ERASED, CLOCK, about=" ".join(fields)))
        row.erased_at = writing.at(row)
    return 1


def _erase_words(writing: Writing, row: CaseRow) -> None:
    for field in (*CONTACT, *WORDS):
        setattr(row, field, None)
    session = writing.session
    session.execute(update(CaseEventRow).where(CaseEventRow.number == row.number).values(note=None))
    whistles = select(WhistleRow.id).where(WhistleRow.number == row.number)
    calls = update(WhistleCallRow).where(WhistleCallRow.whistle.in_(whistles))
    session.execute(calls.values(proof=None, proof_photo=None))
    session.execute(update(WhistleRow).where(WhistleRow.number == row.number).values(reason=None))
    session.execute(delete(PhotoRow).where(PhotoRow.number == row.number))
    _call_nobody(writing, row)


def _call_nobody(writing: Writing, row: CaseRow) -> None:
    """Take a case off the list of calls: its number is gone. What was left in talks is read no more."""
    owed = NoticeRow.state.in_([NoticeState.CALL.value, NoticeState.LEFT.value])
    kept = update(NoticeRow).where(NoticeRow.number == row.number, owed)
    writing.session.execute(kept.values(state=NoticeState.KEPT.value))


def _preview(writing: Writing, row: CaseRow) -> Preview:
    def count(table: type[CaseEventRow] | type[PhotoRow], *conditions: Any) -> int:
        counted = select(func.count()).select_from(table).where(table.number == row.number, *conditions)
        return writing.session.scalar(counted) or 0

    fields = tuple(field for field in (*CONTACT, *WORDS) if getattr(row, field) is not None)
    return Preview(row.number, fields, count(CaseEventRow, CaseEventRow.note.is_not(None)), count(PhotoRow))
