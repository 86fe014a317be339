"""The working drafts: one a guide, saved as typed, so that two editors see each other's work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.editorial_tables import DraftRow, ReviewRow
from knowledge.problems import refuse
from knowledge.revisions import Draft, DraftChanged, NoSuchRevision
from knowledge.tables import GuideRevisionRow, GuideRow
from language.moments import Clock


class Drafts:
    """The drafts, within transactions that the caller gives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def open(self, session: Session, guide_id: str, editor: str) -> Draft:
        """Return the draft, or a copy of the newest revision that is not saved yet."""
        row = session.get(DraftRow, guide_id)
        if row is not None:
            return _draft(row)
        newest = newest_revision(session, guide_id)
        if newest is None:
            raise NoSuchRevision(f"no guide '{guide_id}' and no draft of one: start it")
        return Draft(guide_id, newest.revision, newest.content, 0, editor, self._clock())

    def start(self, session: Session, guide_id: str, content: Mapping[str, Any], editor: str) -> Draft:
        """Save the first draft of a guide that is not there yet. Raises GuideErrors where its id is taken."""
        if session.get(DraftRow, guide_id) is not None or session.get(GuideRow, guide_id) is not None:
            refuse(guide_id, "id_taken", "id", id=guide_id)
        return self._write(session, Draft(guide_id, None, dict(content), 0, editor, self._clock()), None)

    def save(
        self,
        session: Session,
        guide_id: str,
        version: int,
        content: Mapping[str, Any],
        editor: str,
        base_revision: int | None,
    ) -> Draft:
        """Save over the version that was read. Raises DraftChanged where another one is there now."""
        row = session.get(DraftRow, guide_id)
        there = _draft(row) if row is not None else self.open(session, guide_id, editor)
        if there.version != version:
            raise DraftChanged(there)
        base = there.base_revision if base_revision is None else base_revision
        return self._write(session, Draft(guide_id, base, dict(content), version, editor, self._clock()), row)

    def discard(self, session: Session, guide_id: str) -> None:
        """Throw the draft away, where there is one."""
        row = session.get(DraftRow, guide_id)
        if row is not None:
            session.delete(row)

    def all(self, session: Session) -> list[Draft]:
        """Return every draft, the last saved first."""
        rows = session.scalars(select(DraftRow).order_by(DraftRow.updated_at.desc(), DraftRow.guide_id))
        return [_draft(row) for row in rows]

    def to_hand_in(self, session: Session, guide_id: str, version: int, editor: str) -> DraftRow:
        """Return the saved draft of that version; a draft nobody changed is saved first.

        Raises DraftChanged where another version is there, or a newer revision than it was begun from.
        """
        row = session.get(DraftRow, guide_id)
        if row is None:
            raise NoSuchRevision(f"there is no saved draft of '{guide_id}': change something first")
        if row.version != version:
            raise DraftChanged(_draft(row))
        newest = newest_revision(session, guide_id)
        if newest is not None and newest.revision != row.base_revision:
            theirs = Draft(
                guide_id, newest.revision, newest.content, row.version, newest.author, newest.created_at
            )
            raise DraftChanged(theirs)
        return row

    def _write(self, session: Session, draft: Draft, row: DraftRow | None) -> Draft:
        if row is None:
            row = DraftRow(guide_id=draft.guide_id, editors=[], version=draft.version)
            session.add(row)
        row.base_revision = draft.base_revision
        row.content = {**draft.content, "id": draft.guide_id}
        row.version = draft.version + 1
        row.editor = draft.editor
        row.editors = sorted({*row.editors, draft.editor})
        row.updated_at = draft.updated_at
        session.flush()
        return _draft(row)


def newest_revision(session: Session, guide_id: str) -> GuideRevisionRow | None:
    """Return the last revision of a guide that anyone wrote, whatever became of it; None without any."""
    last = select(func.max(GuideRevisionRow.revision)).where(GuideRevisionRow.guide_id == guide_id)
    revision = session.scalar(last)
    return session.get(GuideRevisionRow, (guide_id, revision)) if revision is not None else None


def unreleased_editors(session: Session, guide_id: str, revision: int | None) -> list[str]:
    """Return who wrote a revision that residents never saw: what is built on it is their work too."""
    review = session.get(ReviewRow, (guide_id, revision)) if revision is not None else None
    return review.editors if review is not None and review.released_in is None else []


def _draft(row: DraftRow) -> Draft:
    return Draft(row.guide_id, row.base_revision, row.content, row.version, row.editor, row.updated_at)
