"""Tells where each revision stands, from what was decided about it and what residents see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from knowledge.editorial_tables import Decided, ReviewRow
from knowledge.revisions import RevisionInfo, RevisionState
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState


def describe(session: Session, which: ColumnElement[bool]) -> list[RevisionInfo]:
    """Return the revisions that fulfil a condition, newest first within a guide."""
    query = (
        select(
            GuideRevisionRow.guide_id,
            GuideRevisionRow.revision,
            GuideRevisionRow.author,
            GuideRevisionRow.created_at,
            GuideRevisionRow.note,
            GuideRow,
            ReviewRow,
        )
        .join(GuideRow, GuideRow.id == GuideRevisionRow.guide_id)
        .outerjoin(
            ReviewRow,
            (ReviewRow.guide_id == GuideRevisionRow.guide_id)
            & (ReviewRow.revision == GuideRevisionRow.revision),
        )
        .where(which)
        .order_by(GuideRevisionRow.guide_id, GuideRevisionRow.revision.desc())
    )
    return [
        RevisionInfo(
            guide_id=guide_id,
            revision=revision,
            state=_state(revision, guide, review),
            withdraws=review is not None and review.withdraws,
            author=author,
            created_at=created_at,
            note=note,
            reviewer=review.reviewer if review else None,
            decided_at=review.decided_at if review else None,
            reason=review.reason if review else None,
            publish_on=review.publish_on if review else None,
            released_in=review.released_in if review else None,
            replaced_by=review.replaced_by if review else None,
        )
        for guide_id, revision, author, created_at, note, guide, review in session.execute(query)
    ]


def _state(revision: int, guide: GuideRow, review: ReviewRow | None) -> RevisionState:
    if guide.revision == revision and guide.state == GuideState.PUBLISHED:
        return RevisionState.LIVE
    if guide.revision == revision and guide.state == GuideState.WITHDRAWN:
        return RevisionState.WITHDRAWN
    if review is None or review.released_in is not None:
        return RevisionState.PAST
    if review.replaced_by is not None:
        # Overtaken: before anybody decided, or after it was approved and before residents saw it.
        return RevisionState.PAST if review.state == Decided.APPROVED else RevisionState.SENT_BACK
    return RevisionState(review.state)
