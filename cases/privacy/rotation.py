"""Sealing anew with the newest key what older keys sealed, in small steps that may be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import LargeBinary, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from cases import history
from cases.arrivals.photos import photo_context
from cases.arrivals.tables import PhotoRow
from cases.store import Store
from cases.tables import Base, CaseEventRow, CaseRow
from cases.work.tables import WhistleCallRow, WhistleRow
from cases.work.whistles import proof_context, reason_context

_AT_ONCE = 200
_Context = Callable[[Any], str]


def _field_context(field: str) -> _Context:
    return lambda row: history.field_context(row.number, field)


# Every sealed column of cases that lasts; the vault's values expire in a day and are left to it.
SEALED: tuple[tuple[InstrumentedAttribute[bytes | None] | InstrumentedAttribute[bytes], _Context], ...] = (
    (CaseRow.description, _field_context("description")),
    (CaseRow.place, _field_context("place")),
    (CaseRow.details, _field_context("details")),
    (CaseRow.contact_name, _field_context("contact_name")),
    (CaseRow.contact_phone, _field_context("contact_phone")),
    (CaseEventRow.note, lambda row: history.note_context(row.sequence)),
    (WhistleRow.reason, lambda row: reason_context(row.id)),
    (WhistleCallRow.proof, lambda row: proof_context(row.id)),
    (PhotoRow.sealed, lambda row: photo_context(row.number, row.digest)),
)


def seal_anew(store: Store) -> int:
    """Seal with the newest key what an older one sealed; return how many values.

    The old keys must stay in the key file: signatures of the history and the codes that residents hold were
    made with them. From then on an old key opens no field that is stored. Raises Unopenable.
    """
    return sum(_seal_column(store, column, context) for column, context in SEALED)


def _seal_column(store: Store, column: InstrumentedAttribute[Any], context: _Context) -> int:
    table = column.class_
    (key,) = inspect(table).primary_key
    primary = getattr(table, key.name)
    count, last = 0, None
    while True:
        with store.writing() as writing:
            some = select(table).where(column.is_not(None)).order_by(primary).limit(_AT_ONCE)
            rows = writing.session.scalars(some if last is None else some.where(primary > last)).all()
            if not rows:
                return count
            for row in rows:
                sealed: bytes = getattr(row, column.key)
                if not store.sealer.is_current(sealed):
                    clear = store.sealer.open_bytes(sealed, context(row))
                    setattr(row, column.key, store.sealer.seal_bytes(clear, context(row)))
                    count += 1
            last = getattr(rows[-1], key.name)


def sealed_columns() -> set[str]:
    """Return every binary column of the case store, as `table.column`: a test compares it with SEALED."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
