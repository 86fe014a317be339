"""Reading the contact fields of one case: for a reason, which is written down before anything is shown."""

from __future__ import annotations

from cases.case import CaseRecord, Incomplete, Reveal
from cases.desk import record_of
from cases.store import Store, Told
from cases.tables import CaseRow, EventKind

REASON_MIN_CHARS = 4


def read_masked(store: Store, number: str) -> CaseRecord:
    """Return a case with its contact fields starred. Raises NoSuchCase and Unopenable."""
    with store.sessions() as session:
        row = session.get(CaseRow, number)
        if row is not None:
            return record_of(store.sealer, row).masked()
    with store.writing() as writing:
        return record_of(store.sealer, writing.case(number)).masked()


def read_clear(store: Store, number: str, reveal: Reveal) -> CaseRecord:
    """Return a case with its contact fields in clear, once the reading is in its history.

    Raises Incomplete without a reason of at least four characters, NoSuchCase and Unopenable.
    """
    if len(reveal.reason.strip()) < REASON_MIN_CHARS:
        raise Incomplete("say why contact fields are read; it is kept in the case's history")
    with store.writing() as writing:
        row = writing.case(number)
        record = record_of(store.sealer, row)
        writing.tell(row, Told(EventKind.REVEALED, reveal.actor, note=reveal.reason.strip()))
    return record
