"""Releases: proposing one, publishing it in one commit, at a set time, and going back to an old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.editorial_tables import Decided, ReviewRow
from knowledge.release_info import (
    NoSuchRelease,
    NothingToRelease,
    NotLoaded,
    NotNow,
    ReleaseInfo,
    tell,
)
from knowledge.release_presence import not_loaded
from knowledge.release_sets import (
    Change,
    changes_between,
    changes_of,
    current_number,
    live_revisions,
    make_current,
    next_number,
    release_lock,
    revisions_of,
    write_set,
)
from knowledge.release_tables import (
    PENDING,
    ReleaseChangeRow,
    ReleaseKind,
    ReleaseRow,
    ReleaseState,
)
from language.moments import Clock

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Releases:
    """The releases. Every method is one transaction; all that write wait for each other.

    `timezone` says when a day begins for revisions that are due on a date.
    """

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, timezone: tzinfo = SHANGHAI) -> None:
        self._sessions = sessions
        self._clock = clock
        self._timezone = timezone

    def propose(self, author: str, note: str, due_by: date | None = None) -> int:
        """Queue a release of what is live and every approved revision due by `due_by` (default: today).

        It takes the place of an earlier one that is not published or scheduled yet. What a scheduled one
        holds waits for its time. Returns the number. Raises NothingToRelease.
        """
        with self._writing() as session:
            due = self._due(session, due_by or self._today())
            live = live_revisions(session)
            changes = [
                Change(review.guide_id, live.get(review.guide_id), review.revision, review.withdraws)
                for review in due
                if not review.withdraws or review.guide_id in live
            ]
            if not changes:
                raise NothingToRelease("nothing_to_release")
            days = [review.publish_on for review in due if review.publish_on is not None]
            row = self._queue(session, ReleaseKind.EDITS, author, note, changes)
            row.not_before = max(days, default=None)
            return row.number

    def propose_rollback(self, to_number: int, author: str, note: str) -> int:
        """Queue a new release with the set of an old one; its stored build is used again where it is kept.

        Raises NoSuchRelease, NotNow where the old one was never live, NothingToRelease where it equals today.
        """
        with self._writing() as session:
            old = _get(session, to_number)
            if old.state not in (ReleaseState.PAST, ReleaseState.CURRENT):
                raise NotNow("never_current", number=to_number)
            changes = changes_between(live_revisions(session), revisions_of(session, to_number))
            if not changes:
                raise NothingToRelease("same_as_now", number=to_number)
            row = self._queue(session, ReleaseKind.ROLLBACK, author, note, changes)
            row.goes_back_to = to_number
            return row.number

    def publish(self, number: int, author: str) -> None:
        """Make a release current, in one commit: from then on every process swaps within a second.

        Raises NoSuchRelease, NotNow, or NotLoaded while a process has it not in memory yet.
        """
        with self._writing() as session:
            row = _get(session, number, to_change=True)
            if row.state not in (ReleaseState.READY, ReleaseState.SCHEDULED):
                raise NotNow("not_ready", number=number, state=row.state)
            self._make_current(session, row, author)

    def schedule(self, number: int, at: datetime, author: str) -> None:
        """Have a ready release become current by itself at a time. Raises NoSuchRelease, NotNow."""
        with self._writing() as session:
            row = _get(session, number, to_change=True)
            if row.state not in (ReleaseState.READY, ReleaseState.SCHEDULED):
                raise NotNow("not_ready", number=number, state=row.state)
            if at <= self._clock():
                raise NotNow("too_early")
            if row.not_before is not None and at.astimezone(self._timezone).date() < row.not_before:
                raise NotNow("not_due", number=number, day=row.not_before.isoformat())
            row.state = ReleaseState.SCHEDULED
            row.becomes_current_at = at
            row.published_by = author

    def publish_due(self) -> int | None:
        """Publish the scheduled release whose time has come; return its number, None where there is none.

        Every worker asks: the lock lets one of them through, and the next finds it done. Raises NotLoaded.
        """
        due = select(ReleaseRow.number).where(
            ReleaseRow.state == ReleaseState.SCHEDULED, ReleaseRow.becomes_current_at <= self._clock()
        )
        with self._sessions() as session:
            if session.scalar(due.limit(1)) is None:
                return None  # the usual case takes no lock
        with self._writing() as session:
            number = session.scalar(due.order_by(ReleaseRow.becomes_current_at, ReleaseRow.number).limit(1))
            if number is None:
                return None
            row = _get(session, number, to_change=True)
            self._make_current(session, row, row.published_by or row.made_by)
            return number

    def override(self, number: int, admin: str, reason: str) -> None:
        """Let a release pass that the gold set refused. Raises NoSuchRelease, NotNow."""
        with self._writing() as session:
            row = _get(session, number, to_change=True)
            if row.state != ReleaseState.REFUSED:
                raise NotNow("not_refused", number=number)
            if not reason.strip():
                raise NotNow("reason_missing")
            row.override_by = admin
            row.override_why = reason.strip()
            row.state = ReleaseState.SCHEDULED if row.becomes_current_at else ReleaseState.READY

    def cancel(self, number: int, author: str = "") -> None:
        """Call a pending release off; its changes stay approved. Raises NoSuchRelease, NotNow."""
        with self._writing() as session:
            row = _get(session, number, to_change=True)
            if row.state not in PENDING:
                raise NotNow("cannot_cancel", number=number)
            _give_up(row, "called_off", who=author)

    def current(self) -> ReleaseInfo | None:
        """Return the release that residents see; None before the first."""
        with self._sessions() as session:
            row = session.get(ReleaseRow, current_number(session))
            return tell(row, changes_of(session, row.number)) if row is not None else None

    def get(self, number: int) -> ReleaseInfo:
        """Return one release. Raises NoSuchRelease."""
        with self._sessions() as session:
            return tell(_get(session, number), changes_of(session, number))

    def list(self, limit: int = 50) -> Sequence[ReleaseInfo]:
        """Return the newest releases, newest first."""
        with self._sessions() as session:
            newest = select(ReleaseRow).order_by(ReleaseRow.number.desc()).limit(limit)
            rows = session.scalars(newest).all()
            changes = _changes_by_release(session, [row.number for row in rows])
            return [tell(row, changes.get(row.number, ())) for row in rows]

    def under_way(self) -> Sequence[ReleaseInfo]:
        """Return the releases that may still become current, newest first."""
        with self._sessions() as session:
            pending = select(ReleaseRow).where(ReleaseRow.state.in_(PENDING))
            rows = session.scalars(pending.order_by(ReleaseRow.number.desc())).all()
            changes = _changes_by_release(session, [row.number for row in rows])
            return [tell(row, changes.get(row.number, ())) for row in rows]

    def _queue(
        self, session: Session, kind: ReleaseKind, author: str, note: str, changes: Iterable[Change]
    ) -> ReleaseRow:
        number, base = next_number(session), current_number(session)
        row = ReleaseRow(
            number=number,
            state=ReleaseState.QUEUED,
            kind=kind,
            base=base,
            made_by=author,
            made_at=self._clock(),
            note=note,
            step="waiting",
            progress=0.0,
            attempts=0,
        )
        # One of a kind is prepared at a time: each process holds every ready release in memory.
        earlier = select(ReleaseRow).where(
            ReleaseRow.state.in_(PENDING), ReleaseRow.becomes_current_at.is_(None), ReleaseRow.kind == kind
        )
        for other in session.scalars(earlier):
            _give_up(other, "superseded", number=number)
        session.add(row)
        session.flush()
        write_set(session, number, base, changes)
        return row

    def _make_current(self, session: Session, row: ReleaseRow, author: str) -> None:
        if row.not_before is not None and self._today() < row.not_before:
            raise NotNow("not_due", number=row.number, day=row.not_before.isoformat())
        missing = not_loaded(session, row.number, row.build or "", self._clock())
        if missing:
            raise NotLoaded("not_loaded", number=row.number, count=missing)
        make_current(session, row, author, self._clock())

    def _due(self, session: Session, day: date) -> Sequence[ReviewRow]:
        """Return the newest approved revision of each guide that is due, not shown yet and not scheduled."""
        waiting = (
            select(ReviewRow)
            .where(
                ReviewRow.state == Decided.APPROVED,
                ReviewRow.released_in.is_(None),
                ReviewRow.replaced_by.is_(None),
                ReviewRow.publish_on.is_(None) | (ReviewRow.publish_on <= day),
            )
            .order_by(ReviewRow.guide_id, ReviewRow.revision)
        )
        scheduled = (
            select(ReleaseChangeRow.guide_id, ReleaseChangeRow.to_revision)
            .join(ReleaseRow, ReleaseRow.number == ReleaseChangeRow.release)
            .where(ReleaseRow.state.in_(PENDING), ReleaseRow.becomes_current_at.is_not(None))
        )
        taken = set(session.execute(scheduled).all())
        newest = {review.guide_id: review for review in session.scalars(waiting)}
        return tuple(one for one in newest.values() if (one.guide_id, one.revision) not in taken)

    def _today(self) -> date:
        return self._clock().astimezone(self._timezone).date()

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with release_lock(self._sessions, self._clock) as session:
            yield session


def _get(session: Session, number: int, *, to_change: bool = False) -> ReleaseRow:
    row = session.get(ReleaseRow, number, with_for_update=to_change)
    if row is None:
        raise NoSuchRelease("no_such_release", number=number)
    return row


def _give_up(row: ReleaseRow, code: str, **values: object) -> None:
    row.state = ReleaseState.FAILED
    row.error = {"code": code, "values": values}
    row.lease_owner = row.lease_until = None


def _changes_by_release(session: Session, numbers: Iterable[int]) -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = {}
    rows = session.scalars(
        select(ReleaseChangeRow)
        .where(ReleaseChangeRow.release.in_(list(numbers)))
        .order_by(ReleaseChangeRow.guide_id)
    )
    for row in rows:
        change = Change(row.guide_id, row.from_revision, row.to_revision, row.withdraws)
        found.setdefault(row.release, []).append(change)
    return found
