"""Which processes answer residents, and which releases each of them has in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.release_tables import LoadRow, ReleaseRow, ReleaseState, WorkerRow
from knowledge.tables import CurrentReleaseRow
from knowledge.transactions import writing
from language.moments import Clock

# A worker says every other second that it lives; one that is this late is dead, or hangs.
LIVES_SECONDS = 6.0
# A release that waits for its time is loaded this long before it.
SOON = timedelta(minutes=10)


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


class Held(NamedTuple):
    """A release in one build; a release that was never built beforehand has none."""

    number: int
    build: str | None


class Seen(NamedTuple):
    """What is current, and what may become so soon."""

    current: Held
    coming: tuple[Held, ...]


class ReleaseWatch:
    """Looks which release is current and which to load beforehand: cheap, asked several times a second."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def look(self) -> Seen:
        """Return what is current now and what is to be in memory before it is published."""
        soon = self._clock() + SOON
        coming = (
            select(ReleaseRow.number, ReleaseRow.build)
            .where(
                (ReleaseRow.state == ReleaseState.READY)
                | ((ReleaseRow.state == ReleaseState.SCHEDULED) & (ReleaseRow.becomes_current_at <= soon))
            )
            .order_by(ReleaseRow.number)
        )
        current = select(CurrentReleaseRow.number, ReleaseRow.build).outerjoin(
            ReleaseRow, ReleaseRow.number == CurrentReleaseRow.number
        )
        with self._sessions() as session:
            ready = tuple(Held(number, build) for number, build in session.execute(coming))
            now = session.execute(current).first()
        return Seen(Held(*now) if now is not None else Held(0, None), ready)
