"""Keeps a form that was sent after its session had ended, until its member has signed in again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from cases.sealing import Sealer, Unopenable
from knowledge.transactions import writing
from language.moments import Clock
from staff.accounts import Member
from staff.tables import KeptTypingRow

KEPT = timedelta(days=1)
MOST_PER_MEMBER = 20
MOST_CHARS = 1_000_000


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent: where to, from which page, and its fields in order."""

    action: str
    back: str
    fields: Sequence[tuple[str, str]]


class KeptTyping:
    """Forms of ended sessions, sealed: only the hall's key opens them, only for who typed them."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, sealer: Sealer) -> None:
        self._sessions = sessions
        self._clock = clock
        self._sealer = sealer

    def keep(self, member: Member, form: KeptForm) -> str | None:
        """Keep a form; return its id, or None when it is too long."""
        text = json.dumps([form.action, form.back, list(form.fields)], ensure_ascii=False)
        if len(text) > MOST_CHARS:
            return None
        kept_id = secrets.token_hex(16)
        sealed = self._sealer.seal(_encodable(text), _context(member, kept_id))
        with writing(self._sessions) as session:
            session.add(KeptTypingRow(id=kept_id, member_id=member.id, sealed=sealed, kept_at=self._clock()))
            session.flush()
            newest = (
                select(KeptTypingRow.id)
                .where(KeptTypingRow.member_id == member.id)
                .order_by(KeptTypingRow.kept_at.desc())
                .limit(MOST_PER_MEMBER)
            )
            own = KeptTypingRow.member_id == member.id
            session.execute(delete(KeptTypingRow).where(own, KeptTypingRow.id.not_in(newest)))
        return kept_id

    def read(self, member: Member, kept_id: str) -> KeptForm | None:
        """Return what this member typed, or None when it is not theirs, too old, or cannot be opened."""
        with self._sessions() as session:
            row = session.get(KeptTypingRow, kept_id.replace("\0", "")[:32])
        if row is None or row.member_id != member.id or row.kept_at < self._clock() - KEPT:
            return None
        try:
            text = self._sealer.open(row.sealed, _context(member, kept_id))
        except Unopenable:
            return None
        action, back, fields = json.loads(text)
        return KeptForm(action, back, [(name, value) for name, value in fields])

    def drop(self, member: Member, kept_id: str) -> None:
        """Forget a form: it was sent again, or given up."""
        with writing(self._sessions) as session:
            own = KeptTypingRow.member_id == member.id
            session.execute(
                delete(KeptTypingRow).where(own, KeptTypingRow.id == kept_id.replace("\0", "")[:32])
            )

    def purge(self) -> None:
        """Forget what nobody came back for."""
        with writing(self._sessions) as session:
            session.execute(delete(KeptTypingRow).where(KeptTypingRow.kept_at < self._clock() - KEPT))


def _context(member: Member, kept_id: str) -> str:
    return f"staff/kept/{member.id}/{kept_id}"


def _encodable(text: str) -> str:
    # A lone surrogate, which a form may hold, has no bytes.
    return text.encode("utf-8", "replace").decode("utf-8")
