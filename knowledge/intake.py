"""Guides from a sheet: what differs from what was last written is handed in for review, all in one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.drafts import unreleased_editors
from knowledge.editorial import Editorial
from knowledge.editorial_tables import DraftRow
from knowledge.guide import Guide
from knowledge.guide_file import guide_to_mapping
from knowledge.guide_set import check_set
from knowledge.problems import GuideErrors
from knowledge.release_sets import release_lock
from knowledge.revisions import field_changes
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState


@dataclass(frozen=True)
class TakenIn:
    """A guide of the sheet that differs: its number as a revision, and the fields that are new."""

    guide_id: str
    title: str
    revision: int
    is_new: bool
    fields: tuple[str, ...]
    drafted_by: str | None  # somebody's draft of it waits: it stays, and will meet this revision


@dataclass(frozen=True)
class IntakeSummary:
    """What a sheet brings; `same` are the guides that already are as the sheet says."""

    taken: tuple[TakenIn, ...] = ()
    same: tuple[str, ...] = ()


class Intake(Editorial):
    """Hands in whole sheets, as an editor hands in a draft."""

    def take_in(
        self, guides: Sequence[Guide], editor: str, note: str, *, dry_run: bool = False
    ) -> IntakeSummary:
        """Hand in each guide that differs from its newest revision; an equal one makes nothing.

        `dry_run` tells what would happen and changes nothing. Raises GuideErrors when a wording would lead to
        two guides, counting those already published.
        """
        with release_lock(self._sessions, self._clock, dry_run=dry_run) as session:
            check_set(guides)
            self._check_wordings(session, guides)
            newest = _newest_contents(session)
            drafted = {row.guide_id: row.editor for row in session.scalars(select(DraftRow))}
            taken: list[TakenIn] = []
            same: list[str] = []
            for guide in guides:
                before = newest.get(guide.id)
                content = guide_to_mapping(guide)
                changes = field_changes(before.content if before is not None else {}, content)
                if before is not None and not changes:
                    same.append(guide.id)
                    continue
                base = before.revision if before is not None else None
                editors = sorted({editor, *unreleased_editors(session, guide.id, base)})
                revision = self._add(session, guide.id, content, editors, editor, note)
                fields = tuple(change.field for change in changes)
                by = drafted.get(guide.id)
                taken.append(TakenIn(guide.id, guide.title, revision, before is None, fields, by))
            return IntakeSummary(tuple(taken), tuple(same))

    def _check_wordings(self, session: Session, guides: Sequence[Guide]) -> None:
        """Refuse wordings of published guides, unless the sheet itself takes them away there."""
        brought = {guide.id for guide in guides}
        errors = [
            error
            for guide in guides
            for error in self._wordings.clashes(session, guide)
            if str(error.values["other"]).partition(" ")[0] not in brought
        ]
        if errors:
            raise GuideErrors(errors)


def _newest_contents(session: Session) -> dict[str, GuideRevisionRow]:
    """Return the newest revision of each guide; one that was withdrawn counts as not there."""
    last = (
        select(GuideRevisionRow.guide_id, func.max(GuideRevisionRow.revision).label("revision"))
        .group_by(GuideRevisionRow.guide_id)
        .subquery()
    )
    query = (
        select(GuideRevisionRow, GuideRow.state, GuideRow.revision)
        .join(
            last,
            (last.c.guide_id == GuideRevisionRow.guide_id) & (last.c.revision == GuideRevisionRow.revision),
        )
        .join(GuideRow, GuideRow.id == GuideRevisionRow.guide_id)
    )
    return {
        row.guide_id: row
        for row, state, shown in session.execute(query)
        if not (state == GuideState.WITHDRAWN and shown == row.revision)
    }
