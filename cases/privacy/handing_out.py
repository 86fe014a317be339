"""Everything the hall keeps about a case, handed out to its resident on request."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from cases import history
from cases.arrivals.tables import PhotoRow
from cases.case import Actor, Incomplete
from cases.desk import record_of
from cases.sealing import Sealer
from cases.store import Store, Told
from cases.tables import CaseEventRow, EventKind, NoticeRow


def hand_out(store: Store, number: str, actor: Actor, reason: str) -> dict[str, Any]:
    """Return a case's fields in clear, its history without the names of staff, its notices and photos.

    Plain values for JSON; instants in ISO 8601. The handing-out is in the history first. Raises Incomplete
    without a reason (who asked, how they showed who they are), NoSuchCase and Unopenable.
    """
    if not reason.strip():
        raise Incomplete("say who asked for it and how they showed who they are")
    with store.writing() as writing:
        row = writing.case(number)
        writing.tell(row, Told(EventKind.EXPORTED, actor, note=reason.strip()))
        session = writing.session
        events = session.scalars(
            select(CaseEventRow).where(CaseEventRow.number == number).order_by(CaseEventRow.sequence)
        ).all()
        notices = session.scalars(select(NoticeRow).where(NoticeRow.number == number)).all()
        photos = session.scalars(select(PhotoRow).where(PhotoRow.number == number)).all()
        record = record_of(store.sealer, row)
        values = {name: _plain(getattr(record, name)) for name in record.__dataclass_fields__}
        return {
            "case": values,
            "history": [_event(store.sealer, event) for event in events],
            "notices": [{"kind": n.kind, "state": n.state, "sent_at": _plain(n.sent_at)} for n in notices],
            "photos": [{"name": p.name, "added_at": _plain(p.added_at)} for p in photos],
        }


def _event(sealer: Sealer, event: CaseEventRow) -> dict[str, Any]:
    note = sealer.open(event.note, history.note_context(event.sequence)) if event.note else None
    return {
        "at": _plain(event.at),
        "what": event.kind,
        "status": event.to_status,
        "by": event.role or "staff",
        "note": note,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
