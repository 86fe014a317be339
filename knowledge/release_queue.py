"""The making of releases, as those who build them see it: claimed by lease, reported on, handed back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.gold import GateReport
from knowledge.release_sets import requeue
from knowledge.release_tables import ReleaseKind, ReleaseRow, ReleaseState
from knowledge.transactions import writing
from language.moments import Clock

# Long enough for a machine that stalls, short enough that a dead one's work is taken up soon.
LEASE_SECONDS = 15.0
# A build that ends early this often is not tried again by itself.
MOST_ATTEMPTS = 3


class LeaseLost(Exception):
    """The release is no longer this builder's: called off, made anew on a newer base, or another took it."""


class ReleaseQueue:
    """Queued releases and who builds them. Every method is one transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def claim(self, owner: str) -> int | None:
        """Take the oldest release that waits, or whose builder went silent; None where there is none."""
        if not self._has_work():
            return None  # the usual case takes no lock
        with writing(self._sessions) as session:
            open_ones = _claimable(self._clock()).limit(1).with_for_update(skip_locked=True)
            row = session.scalar(open_ones)
            if row is None:
                return None
            if row.state == ReleaseState.BUILDING and not _may_retry(row):
                return None
            row.state = ReleaseState.BUILDING
            row.attempts += 1
            row.lease_owner = owner
            row.lease_until = self._clock() + timedelta(seconds=LEASE_SECONDS)
            return row.number

    def claim_one(self, number: int, owner: str) -> bool:
        """Take one release that waits; say whether it was there to take."""
        with writing(self._sessions) as session:
            row = session.get(ReleaseRow, number, with_for_update=True)
            if row is None or row.state != ReleaseState.QUEUED:
                return False
            row.state = ReleaseState.BUILDING
            row.attempts += 1
            row.lease_owner = owner
            row.lease_until = self._clock() + timedelta(seconds=LEASE_SECONDS)
            return True

    def renew(self, number: int, owner: str) -> None:
        """Say that the builder is at it. Raises LeaseLost."""
        with writing(self._sessions) as session:
            row = _own(session, number, owner)
            row.lease_until = self._clock() + timedelta(seconds=LEASE_SECONDS)

    def report(self, number: int, owner: str, step: str, progress: float) -> None:
        """Say how far the build is: a key of releases.yml, and 0 to 1. Raises LeaseLost."""
        with writing(self._sessions) as session:
            row = _own(session, number, owner)
            row.step = step
            row.progress = min(max(progress, 0.0), 1.0)
            row.lease_until = self._clock() + timedelta(seconds=LEASE_SECONDS)

    def finish(self, number: int, owner: str, build: str, gate: GateReport | None) -> None:
        """Say that the build is stored, and what the gold set said. Raises LeaseLost.

        A rollback is never refused: residents have seen it, and whoever goes back is in a hurry.
        """
        with writing(self._sessions) as session:
            row = _own(session, number, owner)
            row.build = build
            row.gate = gate.to_wire() if gate is not None else None
            row.step = "done"
            row.progress = 1.0
            row.lease_owner = row.lease_until = None
            if gate is not None and not gate.passed and row.kind != ReleaseKind.ROLLBACK:
                row.state = ReleaseState.REFUSED
            else:
                row.state = ReleaseState.SCHEDULED if row.becomes_current_at else ReleaseState.READY

    def fail(self, number: int, owner: str, code: str, values: Mapping[str, Any]) -> None:
        """Say why the release cannot be built: a key of releases.yml and its values. Raises LeaseLost."""
        with writing(self._sessions) as session:
            _fail(_own(session, number, owner), code, dict(values))

    def hand_back(self, number: int, owner: str, *, is_tired: bool = False) -> None:
        """Queue a release again whose build ended early; after three times it has failed.

        `is_tired`: the builder ends by itself, as at a stop of the hall; that is no failed attempt. Nothing
        happens where the release is another's by now.
        """
        with writing(self._sessions) as session:
            row = session.get(ReleaseRow, number, with_for_update=True)
            if row is None or row.state != ReleaseState.BUILDING or row.lease_owner != owner:
                return
            if is_tired:
                row.attempts -= 1
            elif not _may_retry(row):
                return
            requeue(row)

    def _has_work(self) -> bool:
        with self._sessions() as session:
            return session.scalar(_claimable(self._clock()).limit(1)) is not None


def _claimable(now: datetime) -> Select[ReleaseRow]:
    """Return the query for what waits, and for what a dead builder left."""
    is_queued = ReleaseRow.state == ReleaseState.QUEUED
    is_left = (ReleaseRow.state == ReleaseState.BUILDING) & (ReleaseRow.lease_until < now)
    return select(ReleaseRow).where(is_queued | is_left).order_by(ReleaseRow.number)


def _own(session: Session, number: int, owner: str) -> ReleaseRow:
    row = session.get(ReleaseRow, number, with_for_update=True)
    if row is None or row.state != ReleaseState.BUILDING or row.lease_owner != owner:
        raise LeaseLost(f"release {number} is not built by {owner} any more")
    return row


def _may_retry(row: ReleaseRow) -> bool:
    if row.attempts < MOST_ATTEMPTS:
        return True
    _fail(row, "died", {"times": row.attempts})
    return False


def _fail(row: ReleaseRow, code: str, values: dict[str, Any]) -> None:
    row.state = ReleaseState.FAILED
    row.error = {"code": code, "values": values}
    row.lease_owner = row.lease_until = None
