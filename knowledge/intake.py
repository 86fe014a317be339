"""Guides from a sheet: what differs from what was last written is handed in for review, all in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.editorial import Editorial
from knowledge.editorial_tables import Decided, DraftRow, ReviewRow
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
        check_set(guides)
        if dry_run:
            with self._sessions() as session:
                return self._compare(session, guides)
        with release_lock(self._sessions, self._clock) as session:
            summary = self._compare(session, guides)
            contents = {guide.id: guide_to_mapping(guide) for guide in guides}
            self._hand_in(session, summary.taken, contents, editor, note)
            return summary

    def _compare(self, session: Session, guides: Sequence[Guide]) -> IntakeSummary:
        self._check_wordings(session, guides)
        newest = _newest(session)
        drafted = {row.guide_id: row.editor for row in session.scalars(select(DraftRow))}
        taken: list[TakenIn] = []
        same: list[str] = []
        for guide in guides:
            before, is_gone = newest.get(guide.id, (None, True))
            held = before.content if before is not None and not is_gone else {}
            fields = tuple(change.field for change in field_changes(held, guide_to_mapping(guide)))
            if not is_gone and not fields:
                same.append(guide.id)
                continue
            revision = before.revision + 1 if before is not None else 1
            taken.append(TakenIn(guide.id, guide.title, revision, is_gone, fields, drafted.get(guide.id)))
        return IntakeSummary(tuple(taken), tuple(same))

    def _hand_in(
        self,
        session: Session,
        taken: Sequence[TakenIn],
        contents: Mapping[str, dict[str, Any]],
        editor: str,
        note: str,
    ) -> None:
        """Add the revisions of a whole sheet at once: while they are written nobody else can write."""
        unreleased = select(ReviewRow).where(ReviewRow.released_in.is_(None))
        reviews = {(row.guide_id, row.revision): row for row in session.scalars(unreleased)}
        known = set(session.scalars(select(GuideRow.id)))
        session.add_all(
            GuideRow(id=one.guide_id, revision=1, state=GuideState.PROPOSED)
            for one in taken
            if one.guide_id not in known
        )
        session.flush()  # revisions refer to them
        now = self._clock()
        session.add_all(
            GuideRevisionRow(
                guide_id=one.guide_id,
                revision=one.revision,
                content=contents[one.guide_id],
                author=editor,
                created_at=now,
                note=note,
            )
            for one in taken
        )
        session.flush()  # reviews refer to them
        numbers = {one.guide_id: one.revision for one in taken}
        for (guide_id, _), review in reviews.items():
            waits = review.state == Decided.REVIEW and review.replaced_by is None
            if waits and guide_id in numbers:
                review.replaced_by = numbers[guide_id]
        for one in taken:
            base = reviews.get((one.guide_id, one.revision - 1))
            editors = sorted({editor, *(base.editors if base is not None else ())})
            session.add(
                ReviewRow(
                    guide_id=one.guide_id,
                    revision=one.revision,
                    state=Decided.REVIEW,
                    withdraws=False,
                    editors=editors,
                )
            )

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


def _newest(session: Session) -> dict[str, tuple[GuideRevisionRow, bool]]:
    """Return the newest revision of each guide, and whether it took the guide away."""
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
        row.guide_id: (row, state == GuideState.WITHDRAWN and shown == row.revision)
        for row, state, shown in session.execute(query)
    }
