"""Alerts: staff are wanted, by an emergency that was said or by a person who asks for a person.

An alert says what kind of help, at which door, when, and who looks after it; never what was said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.tables import AlertRow
from knowledge.transactions import writing
from language.moments import Clock

HELP = "help"
# Whoever calls again and again is one alert, not many: nobody can flood the staff's list.
ONCE_IN = timedelta(minutes=10)
ALERTS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Alert:
    """One call: `kind` is an emergency's (bot.emergencies) or HELP, `channel` the door."""

    id: int
    kind: str
    channel: str
    at: datetime
    seen_at: datetime | None
    seen_by: str | None  # login


class Alerts:
    """Keeps alerts until staff have seen them, and a month for looking back."""

    def __init__(
        self, sessions: sessionmaker[Session], clock: Clock, is_open: Callable[[datetime], bool]
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._is_open = is_open

    def raise_alert(self, kind: str, channel: str, key: str) -> None:
        """Tell staff; the same call of the same talk within ten minutes is the same alert."""
        now = self._clock()
        same = select(AlertRow.id).where(
            AlertRow.key == key,
            AlertRow.kind == kind,
            AlertRow.at > now - ONCE_IN,
        )
        with writing(self._sessions) as session:
            if session.scalar(same.limit(1)) is None:
                session.add(AlertRow(kind=kind, channel=channel, key=key, at=now))

    def call(self, channel: str, key: str) -> bool:
        """Tell staff that somebody asks for a person; False, and nobody told, while the hall is closed."""
        if not self._is_open(self._clock()):
            return False
        self.raise_alert(HELP, channel, key)
        return True

    def count_open(self) -> int:
        """Return how many alerts nobody has seen to."""
        with self._sessions() as session:
            found = session.scalar(select(func.count()).where(AlertRow.seen_at.is_(None)))
        return found or 0

    def recent(self, most: int) -> list[Alert]:
        """Return the latest alerts, those that nobody has seen to first, then newest first."""
        newest = select(AlertRow).order_by(AlertRow.seen_at.is_not(None), AlertRow.id.desc()).limit(most)
        with self._sessions() as session:
            rows = session.scalars(newest).all()
        return [Alert(row.id, row.kind, row.channel, row.at, row.seen_at, row.seen_by) for row in rows]

    def mark_seen(self, number: int, login: str) -> bool:
        """Note who looks after an alert; return False where somebody does already, or where there is none."""
        with writing(self._sessions) as session:
            is_open = session.scalar(
                select(AlertRow.id).where(AlertRow.id == number, AlertRow.seen_at.is_(None))
            )
            if is_open is None:
                return False
            session.execute(
                update(AlertRow).where(AlertRow.id == number).values(seen_at=self._clock(), seen_by=login)
            )
        return True

    def purge_expired(self) -> None:
        """Forget alerts after a month."""
        with self._sessions.begin() as session:
            session.execute(delete(AlertRow).where(AlertRow.at < self._clock() - ALERTS_KEPT))
