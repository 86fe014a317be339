"""Which processes answer residents, and which releases each of them has in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.release_tables import LoadRow, WorkerRow
from knowledge.transactions import writing
from language.moments import Clock

# A worker says every other second that it lives; one that is this late is dead, or hangs.
LIVES_SECONDS = 6.0


class Presence:
    """What the workers say of themselves. A dead one's word expires in seconds."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def say(self, worker: str, loaded: Mapping[int, str]) -> None:
        """Say that a worker lives, and which releases (number to build) it has in memory."""
        now = self._clock()
        with writing(self._sessions) as session:
            session.execute(delete(WorkerRow).where(WorkerRow.expires_at < now, WorkerRow.id != worker))
            row = session.get(WorkerRow, worker)
            until = now + timedelta(seconds=LIVES_SECONDS)
            if row is None:
                session.add(WorkerRow(id=worker, expires_at=until))
                session.flush()
            else:
                row.expires_at = until
            loads = select(LoadRow).where(LoadRow.worker == worker)
            held = {load.release: load for load in session.scalars(loads)}
            for number in held.keys() - loaded.keys():
                session.delete(held[number])
            for number, build in loaded.items():
                if number not in held:
                    session.add(LoadRow(worker=worker, release=number, build=build))
                else:
                    held[number].build = build

    def leave(self, worker: str) -> None:
        """Say that a worker ends: nothing waits for it any more."""
        with writing(self._sessions) as session:
            session.execute(delete(WorkerRow).where(WorkerRow.id == worker))


def not_loaded(session: Session, number: int, build: str, now: datetime) -> int:
    """Return how many live workers do not have that build of a release in memory."""
    alive = set(session.scalars(select(WorkerRow.id).where(WorkerRow.expires_at >= now)))
    loads = select(LoadRow.worker).where(LoadRow.release == number, LoadRow.build == build)
    return len(alive - set(session.scalars(loads)))
