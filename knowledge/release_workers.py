"""Tells staff which processes answer residents now, and which releases each has in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.release_tables import LoadRow, WorkerRow
from language.moments import Clock


@dataclass(frozen=True)
class Worker:
    """A process that answers residents; `loaded` leads from a release's number to the build it read."""

    id: str
    loaded: Mapping[int, str]


def live_workers(sessions: sessionmaker[Session], clock: Clock) -> list[Worker]:
    """Return the processes that said in the last seconds that they live, by id."""
    alive = select(WorkerRow.id).where(WorkerRow.expires_at >= clock()).order_by(WorkerRow.id)
    loads = select(LoadRow.worker, LoadRow.release, LoadRow.build)
    with sessions() as session:
        found: dict[str, dict[int, str]] = {worker: {} for worker in session.scalars(alive)}
        for worker, release, build in session.execute(loads):
            if worker in found:
                found[worker][release] = build
    return [Worker(worker, loaded) for worker, loaded in found.items()]
