"""The guides in the database: their immutable revisions, which are current, and the release's number."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.guide import Guide
from knowledge.guide_file import SHIPPED as SHIPPED_FOLDER
from knowledge.guide_file import guide_to_mapping, parse_guide, read_guides
from knowledge.guide_set import check_set
from knowledge.problems import GuideErrors
from knowledge.release_sets import (
    Change,
    current_number,
    live_revisions,
    make_current,
    next_number,
    pointer,
    release_lock,
    write_set,
)
from knowledge.release_tables import ReleaseGuideRow, ReleaseKind, ReleaseRow, ReleaseState
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState, LearningRow
from language.moments import Clock

_log = logging.getLogger(__name__)

SHIPPED_AUTHOR = "shipped"


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
        """Return the number of the current release, 0 before the first import: cheap to ask each second."""
        with self._sessions() as session:
            return current_number(session)

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
        with release_lock(self._sessions, self._clock) as session:
            pointer(session).shipped_digest = digest

    def published(self) -> list[Published]:
        """Return the guides that residents see, by id.

        Whoever keeps the list asks release() first: what comes in between then shows as a newer release.
        """
        with self._sessions() as session:
            rows = _current(session, state=GuideState.PUBLISHED)
        # Sorted here: a database's own order of texts depends on its locale.
        listed = ((_trusted(rows[guide_id]), rows[guide_id].revision) for guide_id in sorted(rows))
        return [Published(guide, revision) for guide, revision in listed if guide is not None]

    def release_guides(self, number: int) -> list[Published]:
        """Return the guides of one release, by id, whether or not it is current."""
        held = select(GuideRevisionRow).join(
            ReleaseGuideRow,
            (ReleaseGuideRow.guide_id == GuideRevisionRow.guide_id)
            & (ReleaseGuideRow.revision == GuideRevisionRow.revision),
        )
        with self._sessions() as session:
            rows = session.scalars(held.where(ReleaseGuideRow.release == number)).all()
        listed = ((_trusted(row), row.revision) for row in sorted(rows, key=lambda row: row.guide_id))
        return [Published(guide, revision) for guide, revision in listed if guide is not None]

    def import_guides(
        self, guides: Sequence[Guide], author: str, note: str = "", *, dry_run: bool = False
    ) -> ImportSummary:
        """Publish guides: one that differs from its current revision makes a new one, an equal one nothing.

        `dry_run` tells what would happen and changes nothing. Raises GuideErrors when a wording would lead to
        two guides, counting those already published.
        """
        with release_lock(self._sessions, self._clock, dry_run=dry_run) as session:
            current = _current(session)
            check_set(guides)
            if author != SHIPPED_AUTHOR:
                # At start a clash with what staff wrote must not keep the hall from serving.
                check_set([*_others(_current(session, GuideState.PUBLISHED).values(), guides), *guides])
            return _Import(session, current, author, note, self._clock).run(guides)

    def import_shipped(self, guides: Sequence[Guide]) -> ImportSummary:
        """Publish the shipped guides. What staff wrote stays; a guide no longer shipped is withdrawn."""
        with release_lock(self._sessions, self._clock) as session:
            current = _current(session)
            check_set(guides)
            return _Import(session, current, SHIPPED_AUTHOR, "", self._clock).run(guides, retire=True)


class _Import:
    """One import: the revisions that it adds, and the release that they make."""

    def __init__(
        self,
        session: Session,
        current: Mapping[str, GuideRevisionRow],
        author: str,
        note: str,
        clock: Clock,
    ) -> None:
        self._session = session
        self._current = current
        self._author = author
        self._note = note
        self._clock = clock
        self._live = live_revisions(session)
        newest = select(GuideRevisionRow.guide_id, func.max(GuideRevisionRow.revision))
        self._newest: dict[str, int] = dict(session.execute(newest.group_by(GuideRevisionRow.guide_id)).all())
        self._changes: list[Change] = []

    def run(self, guides: Iterable[Guide], *, retire: bool = False) -> ImportSummary:
        """Import, withdraw what is no longer shipped where `retire` says so, and make the release current."""
        done: dict[str, list[str]] = {"new": [], "changed": [], "same": [], "kept": [], "withdrawn": []}
        listed = list(guides)
        shipped = {guide.id for guide in listed}
        unknown = [guide_id for guide_id in shipped if guide_id not in self._current]
        self._session.add_all(GuideRow(id=one, revision=1, state=GuideState.PROPOSED) for one in unknown)
        self._session.flush()  # revisions refer to them
        for guide in listed:
            done[self._take(self._current.get(guide.id), guide)].append(guide.id)
        if retire:
            done["withdrawn"] = self._retire(shipped)
        summary = ImportSummary(**{name: tuple(ids) for name, ids in done.items()})
        if summary.touched:
            self._release()
        return summary

    def _take(self, before: GuideRevisionRow | None, guide: Guide) -> str:
        if before is None:
            self._add_revision(guide)
            return "new"
        if self._author == SHIPPED_AUTHOR and before.author != SHIPPED_AUTHOR:
            return "kept"
        if _trusted(before) != guide:
            self._add_revision(guide)
            return "changed"
        if guide.id in self._live:
            return "same"
        self._changes.append(Change(guide.id, None, before.revision))
        return "changed"

    def _add_revision(self, guide: Guide) -> None:
        revision = self._newest.get(guide.id, 0) + 1
        self._session.add(
            GuideRevisionRow(
                guide_id=guide.id,
                revision=revision,
                content=guide_to_mapping(guide),
                author=self._author,
                created_at=self._clock(),
                note=self._note,
            )
        )
        self._changes.append(Change(guide.id, self._live.get(guide.id), revision))

    def _retire(self, shipped: set[str]) -> list[str]:
        """Withdraw what was shipped before and is no more, unless staff made it theirs."""
        gone = [
            guide_id
            for guide_id in self._live
            if guide_id not in shipped and self._current[guide_id].author == SHIPPED_AUTHOR
        ]
        for guide_id in gone:
            self._changes.append(Change(guide_id, self._live[guide_id], self._live[guide_id], True))
        return gone

    def _release(self) -> None:
        self._session.flush()
        number, base, now = next_number(self._session), current_number(self._session), self._clock()
        release = ReleaseRow(
            number=number,
            state=ReleaseState.QUEUED,
            kind=ReleaseKind.SHIPPED if self._author == SHIPPED_AUTHOR else ReleaseKind.IMPORT,
            base=base,
            made_by=self._author,
            made_at=now,
            note=self._note,
            step="done",
            progress=1.0,
            attempts=0,
        )
        self._session.add(release)
        self._session.flush()
        write_set(self._session, number, base, self._changes)
        make_current(self._session, release, self._author, now)


def _current(session: Session, state: GuideState | None = None) -> dict[str, GuideRevisionRow]:
    """Return the current revision of each guide, by id."""
    query = select(GuideRevisionRow).join(
        GuideRow,
        (GuideRow.id == GuideRevisionRow.guide_id) & (GuideRow.revision == GuideRevisionRow.revision),
    )
    if state is not None:
        query = query.where(GuideRow.state == state)
    return {row.guide_id: row for row in session.scalars(query)}


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
