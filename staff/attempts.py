"""Holds back whoever guesses: so many wrong tries in a quarter of an hour, for a login and for an address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from knowledge.transactions import writing
from language.moments import Clock
from staff.tables import AttemptRow

WINDOW = timedelta(minutes=15)
WRONG_PER_LOGIN = 5
# A whole hall may sit behind one address.
WRONG_PER_ADDRESS = 30


class Attempts:
    """Counts tries before they are made, so that many at once cannot slip past the limit."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def charge(self, most_of: Mapping[str, int]) -> timedelta | None:
        """Count one try for each subject; return how long to wait where one has had too many, else None."""
        now = self._clock()
        wait = None
        with writing(self._sessions) as session:
            # Always in the same order: two at once then cannot wait for each other.
            for subject in sorted(most_of):
                failures, since = _count(session, _hash(subject), now)
                if failures > most_of[subject]:
                    left = max(since + WINDOW - now, timedelta(minutes=1))
                    wait = max(wait or left, left)
        return wait

    def forgive(self, subject: str) -> None:
        """Forget the wrong tries of a subject: the person has shown who they are."""
        with writing(self._sessions) as session:
            session.execute(delete(AttemptRow).where(AttemptRow.subject == _hash(subject)))

    def give_back(self, subject: str) -> None:
        """Take back the last try alone; earlier wrong ones stay counted."""
        with writing(self._sessions) as session:
            session.execute(
                update(AttemptRow)
                .where(AttemptRow.subject == _hash(subject), AttemptRow.failures > 0)
                .values(failures=AttemptRow.failures - 1)
            )

    def purge(self) -> None:
        """Delete counts whose window has passed."""
        with writing(self._sessions) as session:
            session.execute(delete(AttemptRow).where(AttemptRow.since <= self._clock() - WINDOW))


def _hash(subject: str) -> str:
    # What was typed as a login may be anything, a password too.
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()


def _count(session: Session, subject: str, at: datetime) -> tuple[int, datetime]:
    row = AttemptRow
    is_over = row.since <= at - WINDOW
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        make(row)
        .values(subject=subject, failures=1, since=at)
        .on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "failures": case((is_over, 1), else_=row.failures + 1),
                "since": case((is_over, at), else_=row.since),
            },
        )
        .returning(row.failures, row.since)
    )
    failures, since = session.execute(statement).one()
    return failures, since
