"""The guides in the database: their immutable revisions, which are current, and the release's number."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from knowledge.guide import Guide
from knowledge.guide_file import SHIPPED as SHIPPED_FOLDER
from knowledge.guide_file import guide_to_mapping, parse_guide, read_guides
from knowledge.guide_set import check_set
from knowledge.problems import GuideErrors
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState, LearningRow, ReleaseRow
from language.moments import Clock

_log = logging.getLogger(__name__)

SHIPPED_AUTHOR = "shipped"

_THE_RELEASE = 1


class Published(NamedTuple):
    """A guide that residents see, and the number of its revision."""

    guide: Guide
    revision: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, as ids of guides."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # shipped anew, but staff had written them: theirs stay
    withdrawn: tuple[str, ...] = ()  # shipped before and no more

    @property
    def touched(self) -> bool:
        """Whether residents see anything else than before."""
        return bool(self.new or self.changed or self.withdrawn)


def load_shipped(folder: Path = SHIPPED_FOLDER) -> list[Guide]:
    """Return the guides that come with Linli, by id. Raises GuideErrors for all files together."""
    guides = read_guides(sorted(folder.glob("*.yml")), shipped=True)
    check_set(guides)
    return guides


class Library:
    """The published guides and their history. Every method is one transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def release(self) -> int:
        """Return the release number, 0 before the first import: one row, cheap enough to ask each second."""
        with self._sessions() as session:
            return session.scalar(select(ReleaseRow.number).where(ReleaseRow.id == _THE_RELEASE)) or 0

    def learned(self, digest: str) -> dict[str, Any] | None:
        """Return the numbers learned from the texts with this digest, or None where nobody learned yet."""
        with self._sessions() as session:
            row = session.get(LearningRow, digest)
        return row.numbers if row is not None else None

    def keep_learned(self, digest: str, numbers: dict[str, Any]) -> None:
        """Keep what was learned, for every process on every machine."""
        with self._sessions.begin() as session:
            session.merge(LearningRow(digest=digest, numbers=numbers, learned_at=self._clock()))

    def note_shipped(self, digest: str) -> None:
        """Note that the shipped files with this digest are imported and learned from."""
        with self._writing() as session:
            session.get_one(ReleaseRow, _THE_RELEASE).shipped_digest = digest

    def published(self) -> list[Published]:
        """Return the guides that residents see, by id.

        Whoever keeps the list asks release() first: what comes in between then shows as a newer release.
        """
        with self._sessions() as session:
            rows = _current(session, state=GuideState.PUBLISHED)
        # Sorted here: a database's own order of texts depends on its locale.
        listed = ((_trusted(rows[guide_id]), rows[guide_id].revision) for guide_id in sorted(rows))
        return [Published(guide, revision) for guide, revision in listed if guide is not None]

    def import_guides(
        self, guides: Sequence[Guide], author: str, note: str = "", *, dry_run: bool = False
    ) -> ImportSummary:
        """Publish guides: one that differs from its current revision makes a new one, an equal one nothing.

        `dry_run` tells what would happen and changes nothing. Raises GuideErrors when a wording would lead to
        two guides, counting those already published.
        """
        with self._writing(dry_run) as session:
            current = _current(session)
            check_set(guides)
            if author != SHIPPED_AUTHOR:
                # At start a clash with what staff wrote must not keep the hall from serving.
                check_set([*_others(_current(session, GuideState.PUBLISHED).values(), guides), *guides])
            return self._import(session, current, guides, author, note)

    def import_shipped(self, guides: Sequence[Guide]) -> ImportSummary:
        """Publish the shipped guides. What staff wrote stays; a guide no longer shipped is withdrawn."""
        with self._writing() as session:
            current = _current(session)
            check_set(guides)
            return self._import(session, current, guides, SHIPPED_AUTHOR, "", retire=True)

    def _import(
        self,
        session: Session,
        current: Mapping[str, GuideRevisionRow],
        guides: Iterable[Guide],
        author: str,
        note: str,
        *,
        retire: bool = False,
    ) -> ImportSummary:
        done: dict[str, list[str]] = {"new": [], "changed": [], "same": [], "kept": [], "withdrawn": []}
        shipped: set[str] = set()
        for guide in guides:
            shipped.add(guide.id)
            done[self._import_one(session, current.get(guide.id), guide, author, note)].append(guide.id)
        if retire:
            done["withdrawn"] = _retire(session, current, shipped)
        summary = ImportSummary(**{name: tuple(ids) for name, ids in done.items()})
        if summary.touched:
            self._raise_release(session)
        return summary

    def _import_one(
        self, session: Session, before: GuideRevisionRow | None, guide: Guide, author: str, note: str
    ) -> str:
        if before is None:
            session.add(GuideRow(id=guide.id, revision=1, state=GuideState.PUBLISHED))
            session.flush()
            self._add_revision(session, guide, 1, author, note)
            return "new"
        if author == SHIPPED_AUTHOR and before.author != SHIPPED_AUTHOR:
            return "kept"
        row = session.get_one(GuideRow, guide.id)
        returns = row.state != GuideState.PUBLISHED
        row.state = GuideState.PUBLISHED
        if _trusted(before) == guide:
            return "changed" if returns else "same"
        row.revision = before.revision + 1
        self._add_revision(session, guide, row.revision, author, note)
        return "changed"

    def _add_revision(self, session: Session, guide: Guide, revision: int, author: str, note: str) -> None:
        session.add(
            GuideRevisionRow(
                guide_id=guide.id,
                revision=revision,
                content=guide_to_mapping(guide),
                author=author,
                created_at=self._clock(),
                note=note,
            )
        )

    def _raise_release(self, session: Session) -> None:
        release = session.get_one(ReleaseRow, _THE_RELEASE)
        release.number += 1
        release.changed_at = self._clock()

    @contextmanager
    def _writing(self, dry_run: bool = False) -> Iterator[Session]:
        """Give a transaction that no other writer overlaps: several processes import when they start."""
        with self._sessions() as session:
            session.connection(execution_options={"sqlite_immediate": True})
            _lock_release(session, self._clock)
            yield session
            if dry_run:
                session.rollback()
            else:
                session.commit()


def _lock_release(session: Session, clock: Clock) -> None:
    locked = select(ReleaseRow).where(ReleaseRow.id == _THE_RELEASE).with_for_update()
    if session.scalar(locked) is not None:
        return
    try:
        with session.begin_nested():
            session.add(ReleaseRow(id=_THE_RELEASE, number=0, changed_at=clock()))
    except IntegrityError:  # another process was first
        session.scalar(locked)


def _current(session: Session, state: GuideState | None = None) -> dict[str, GuideRevisionRow]:
    """Return the current revision of each guide, by id."""
    query = select(GuideRevisionRow).join(
        GuideRow,
        (GuideRow.id == GuideRevisionRow.guide_id) & (GuideRow.revision == GuideRevisionRow.revision),
    )
    if state is not None:
        query = query.where(GuideRow.state == state)
    return {row.guide_id: row for row in session.scalars(query)}


def _retire(session: Session, current: Mapping[str, GuideRevisionRow], shipped: set[str]) -> list[str]:
    """Withdraw what was shipped before and is no more, unless staff made it theirs."""
    withdrawn: list[str] = []
    for guide_id, revision in current.items():
        row = session.get_one(GuideRow, guide_id)
        gone = guide_id not in shipped and revision.author == SHIPPED_AUTHOR
        if gone and row.state == GuideState.PUBLISHED:
            row.state = GuideState.WITHDRAWN
            withdrawn.append(guide_id)
    return withdrawn


def _others(rows: Iterable[GuideRevisionRow], guides: Iterable[Guide]) -> list[Guide]:
    replaced = {guide.id for guide in guides}
    stored = (_trusted(row) for row in rows if row.guide_id not in replaced)
    return [guide for guide in stored if guide is not None]


def _trusted(row: GuideRevisionRow) -> Guide | None:
    """Return the stored guide; None, and a log line, when a newer version of Linli no longer accepts it."""
    content: dict[str, Any] = row.content
    try:
        return parse_guide(content, row.guide_id)
    except GuideErrors as wrong:
        codes = ", ".join(f"{error.field}: {error.code}" for error in wrong.errors[:5])
        _log.error("guide %s revision %d is left out, import it again: %s", row.guide_id, row.revision, codes)
        return None
