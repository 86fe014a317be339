"""What a release holds, and making it current: one transaction changes the pointer and all beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from knowledge.editorial_tables import Decided, ReviewRow
from knowledge.release_tables import (
    PENDING,
    ReleaseChangeRow,
    ReleaseGuideRow,
    ReleaseKind,
    ReleaseRow,
    ReleaseState,
)
from knowledge.tables import CurrentReleaseRow, GuideRow, GuideState
from language.moments import Clock

_THE_RELEASE = 1
# SQLite takes 32,766 values in one statement; a list of ids stays far below.
_IDS_AT_ONCE = 5_000


class Change(NamedTuple):
    """A guide that a release changes. `withdraws`: to_revision is the one that takes it away."""

    guide_id: str
    from_revision: int | None
    to_revision: int
    withdraws: bool = False


@contextmanager
def release_lock(
    sessions: sessionmaker[Session], clock: Clock, *, dry_run: bool = False
) -> Iterator[Session]:
    """Give a transaction that no other writer about guides overlaps; nothing of a dry run stays."""
    with sessions() as session:
        session.connection(execution_options={"sqlite_immediate": True})
        _lock(session, clock)
        yield session
        if dry_run:
            session.rollback()
        else:
            session.commit()


def _lock(session: Session, clock: Clock) -> None:
    locked = select(CurrentReleaseRow).where(CurrentReleaseRow.id == _THE_RELEASE).with_for_update()
    if session.scalar(locked) is not None:
        return
    try:
        with session.begin_nested():
            session.add(CurrentReleaseRow(id=_THE_RELEASE, number=0, changed_at=clock()))
    except IntegrityError:  # another process was first
        session.scalar(locked)


def pointer(session: Session) -> CurrentReleaseRow:
    """Return the row that says which release is current; it is there once `release_lock` was held."""
    return session.get_one(CurrentReleaseRow, _THE_RELEASE)


def current_number(session: Session) -> int:
    """Return the number of the current release, 0 before the first."""
    number = select(CurrentReleaseRow.number).where(CurrentReleaseRow.id == _THE_RELEASE)
    return session.scalar(number) or 0


def next_number(session: Session) -> int:
    """Return a number that no release has yet."""
    return max(session.scalar(select(func.max(ReleaseRow.number))) or 0, current_number(session)) + 1


def live_revisions(session: Session) -> dict[str, int]:
    """Return the revision that residents see of each guide."""
    live = select(GuideRow.id, GuideRow.revision).where(GuideRow.state == GuideState.PUBLISHED)
    return dict(session.execute(live).all())


def revisions_of(session: Session, number: int) -> dict[str, int]:
    """Return the revision of each guide in a release."""
    held = select(ReleaseGuideRow.guide_id, ReleaseGuideRow.revision).where(ReleaseGuideRow.release == number)
    return dict(session.execute(held).all())


def changes_of(session: Session, number: int) -> list[Change]:
    """Return what a release changes against its base, by guide."""
    rows = session.scalars(
        select(ReleaseChangeRow).where(ReleaseChangeRow.release == number).order_by(ReleaseChangeRow.guide_id)
    )
    return [Change(row.guide_id, row.from_revision, row.to_revision, row.withdraws) for row in rows]


def changes_between(now: Mapping[str, int], then: Mapping[str, int]) -> list[Change]:
    """Return what leads from the set `now` to the set `then`."""
    changed = [
        Change(guide_id, now.get(guide_id), revision)
        for guide_id, revision in then.items()
        if now.get(guide_id) != revision
    ]
    gone = [Change(guide_id, now[guide_id], now[guide_id], True) for guide_id in now if guide_id not in then]
    return sorted(changed + gone)


def write_set(session: Session, number: int, base: int, changes: Iterable[Change]) -> None:
    """Write what a release holds: its base's set with the changes done. Whatever it held before is gone."""
    listed = list(changes)
    for table in (ReleaseGuideRow, ReleaseChangeRow):
        session.execute(delete(table).where(table.release == number))
    copied = select(literal(number), ReleaseGuideRow.guide_id, ReleaseGuideRow.revision).where(
        ReleaseGuideRow.release == base
    )
    session.execute(insert(ReleaseGuideRow).from_select(["release", "guide_id", "revision"], copied))
    touched = [change.guide_id for change in listed]
    for start in range(0, len(touched), _IDS_AT_ONCE):
        some = touched[start : start + _IDS_AT_ONCE]
        session.execute(
            delete(ReleaseGuideRow).where(
                ReleaseGuideRow.release == number, ReleaseGuideRow.guide_id.in_(some)
            )
        )
    kept = [change for change in listed if not change.withdraws]
    if kept:
        session.execute(
            insert(ReleaseGuideRow),
            [{"release": number, "guide_id": c.guide_id, "revision": c.to_revision} for c in kept],
        )
    if listed:
        session.execute(insert(ReleaseChangeRow), [{"release": number, **c._asdict()} for c in listed])


def make_current(session: Session, release: ReleaseRow, author: str, at: datetime) -> None:
    """Make a release the one that residents see, in the caller's transaction, under `release_lock`."""
    changes = changes_of(session, release.number)
    session.execute(
        update(ReleaseRow)
        .where(ReleaseRow.state == ReleaseState.CURRENT, ReleaseRow.number != release.number)
        .values(state=ReleaseState.PAST)
    )
    release.state = ReleaseState.CURRENT
    release.published_by = author
    release.becomes_current_at = at
    release.step = "done"
    release.progress = 1.0
    _move_guides(session, changes)
    _settle_reviews(session, release.number, changes)
    current = pointer(session)
    current.number = release.number
    current.changed_at = at
    session.flush()
    _rebase_others(session, release.number)


def _move_guides(session: Session, changes: Iterable[Change]) -> None:
    moved = [
        {
            "id": change.guide_id,
            "revision": change.to_revision,
            "state": GuideState.WITHDRAWN if change.withdraws else GuideState.PUBLISHED,
        }
        for change in changes
    ]
    if moved:
        session.execute(update(GuideRow), moved)


def _settle_reviews(session: Session, number: int, changes: Iterable[Change]) -> None:
    """Note which approved revisions are shown now, and which never will be since a later one is."""
    shown = {change.guide_id: change.to_revision for change in changes}
    waiting = select(ReviewRow).where(
        ReviewRow.state == Decided.APPROVED, ReviewRow.released_in.is_(None), ReviewRow.replaced_by.is_(None)
    )
    for review in session.scalars(waiting):
        now = shown.get(review.guide_id)
        if now == review.revision:
            review.released_in = number
        elif now is not None and now > review.revision:
            review.replaced_by = now


def _rebase_others(session: Session, number: int) -> None:
    """Queue every pending release again: what is current has moved under it."""
    pending = select(ReleaseRow).where(ReleaseRow.state.in_(PENDING), ReleaseRow.base != number)
    rows = list(session.scalars(pending.with_for_update()))  # a builder may be about to finish one
    live = live_revisions(session) if rows else {}
    for row in rows:
        if row.kind == ReleaseKind.ROLLBACK:
            changes = changes_between(live, revisions_of(session, row.goes_back_to or 0))
        else:
            changes = [
                change._replace(from_revision=live.get(change.guide_id))
                for change in changes_of(session, row.number)
                if _still_waits(session, change, live)
            ]
        requeue(row)
        row.base = number
        row.attempts = 0
        write_set(session, row.number, number, changes)
        if not changes:
            row.state = ReleaseState.FAILED
            row.error = {"code": "overtaken", "values": {"number": number}}


def _still_waits(session: Session, change: Change, live: Mapping[str, int]) -> bool:
    if change.withdraws and change.guide_id not in live:
        return False
    review = session.get(ReviewRow, (change.guide_id, change.to_revision))
    return review is not None and review.released_in is None and review.replaced_by is None


def requeue(release: ReleaseRow) -> None:
    """Have a release built again, from the beginning."""
    release.state = ReleaseState.QUEUED
    release.step = "waiting"
    release.progress = 0.0
    release.lease_owner = release.lease_until = None
    release.build = release.gate = release.error = None
    release.override_by = release.override_why = None
