"""From an editor's draft to a revision that another person approved: nobody approves their own work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.drafts import Drafts, newest_revision, unreleased_editors
from knowledge.editorial_tables import Decided, ReviewRow
from knowledge.guide import Guide
from knowledge.guide_file import guide_to_mapping, parse_guide
from knowledge.live_wordings import LiveWordings
from knowledge.problems import GuideError, GuideErrors
from knowledge.release_sets import release_lock
from knowledge.revision_states import describe
from knowledge.revisions import (
    Draft,
    FieldChange,
    NoSuchRevision,
    NotInReview,
    NotPublished,
    OwnWork,
    RevisionInfo,
    field_changes,
)
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState
from language.moments import Clock


class Editorial:
    """Drafts, reviews and the history of each guide. Every method is one transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._drafts = Drafts(clock)
        self._wordings = LiveWordings()

    def open_draft(self, guide_id: str, editor: str) -> Draft:
        """Return the working draft, else a copy of the newest revision (version 0: nothing is saved yet).

        Raises NoSuchRevision where there is neither.
        """
        with self._sessions() as session:
            return self._drafts.open(session, guide_id, editor)

    def start_draft(self, guide_id: str, content: Mapping[str, Any], editor: str) -> Draft:
        """Save the first draft of a new guide. Raises GuideErrors where its id is taken."""
        with release_lock(self._sessions, self._clock) as session:
            return self._drafts.start(session, guide_id, content, editor)

    def save_draft(
        self,
        guide_id: str,
        version: int,
        content: Mapping[str, Any],
        editor: str,
        *,
        base_revision: int | None = None,
    ) -> Draft:
        """Save a draft as it was typed, over the version that was read.

        `base_revision` says that a newer revision was looked at and taken into account. Raises DraftChanged
        with the other's draft where somebody saved in between.
        """
        with release_lock(self._sessions, self._clock) as session:
            return self._drafts.save(session, guide_id, version, content, editor, base_revision)

    def discard_draft(self, guide_id: str, editor: str) -> None:
        """Throw the draft away, whoever wrote it; revisions stay. `editor` is for the caller's audit."""
        with release_lock(self._sessions, self._clock) as session:
            self._drafts.discard(session, guide_id)

    def drafts(self) -> list[Draft]:
        """Return every draft, the last saved first."""
        with self._sessions() as session:
            return self._drafts.all(session)

    def problems(self, content: Mapping[str, Any]) -> list[GuideError]:
        """Return all that keeps a draft from being handed in, wordings taken by other guides included."""
        with self._sessions() as session:
            return self._checked(session, content)[1]

    def submit(self, guide_id: str, version: int, editor: str, note: str) -> int:
        """Hand the draft in for review; return its number as a revision, which never changes again.

        Raises GuideErrors with all that is wrong, or DraftChanged: another version was saved, or a newer
        revision is there than the draft was begun from.
        """
        with release_lock(self._sessions, self._clock) as session:
            draft = self._drafts.to_hand_in(session, guide_id, version, editor)
            guide, errors = self._checked(session, draft.content)
            if guide is None or errors:
                raise GuideErrors(errors)
            before = unreleased_editors(session, guide_id, draft.base_revision)
            editors = sorted({*draft.editors, *before, editor})
            revision = self._add(session, guide_id, guide_to_mapping(guide), editors, editor, note)
            self._drafts.discard(session, guide_id)
            return revision

    def approve(self, guide_id: str, revision: int, reviewer: str, publish_on: date | None = None) -> None:
        """Let a revision into the next release, or into the first one after `publish_on`.

        Raises OwnWork where the reviewer wrote it, NotInReview where it waits for no decision.
        """
        with release_lock(self._sessions, self._clock) as session:
            review = self._in_review(session, guide_id, revision)
            if reviewer in review.editors:
                raise OwnWork(f"{reviewer} wrote revision {revision} of {guide_id}: ask another reviewer")
            self._decide(review, Decided.APPROVED, reviewer, None)
            review.publish_on = publish_on
            earlier = select(ReviewRow).where(
                ReviewRow.guide_id == guide_id,
                ReviewRow.revision < revision,
                ReviewRow.state == Decided.APPROVED,
                ReviewRow.released_in.is_(None),
                ReviewRow.replaced_by.is_(None),
            )
            if publish_on is None:
                for other in session.scalars(earlier):
                    other.replaced_by = revision

    def send_back(self, guide_id: str, revision: int, reviewer: str, reason: str) -> None:
        """Refuse a revision and say why; an author may take back their own. Raises NotInReview."""
        with release_lock(self._sessions, self._clock) as session:
            self._decide(self._in_review(session, guide_id, revision), Decided.SENT_BACK, reviewer, reason)

    def withdraw(self, guide_id: str, author: str, reason: str) -> int:
        """Propose to take a guide away; return the revision that does it once approved and released.

        Raises NotPublished where residents do not see the guide.
        """
        with release_lock(self._sessions, self._clock) as session:
            row = session.get(GuideRow, guide_id)
            if row is None or row.state != GuideState.PUBLISHED:
                raise NotPublished(f"residents do not see '{guide_id}'")
            live = session.get_one(GuideRevisionRow, (guide_id, row.revision))
            return self._add(session, guide_id, live.content, [author], author, reason, withdraws=True)

    def restore(self, guide_id: str, revision: int, author: str, note: str) -> int:
        """Propose the content of an old revision anew; return the new revision. Raises GuideErrors."""
        with release_lock(self._sessions, self._clock) as session:
            old = _row(session, guide_id, revision)
            guide, errors = self._checked(session, old.content)
            if guide is None or errors:
                raise GuideErrors(errors)
            return self._add(session, guide_id, old.content, [author], author, note)

    def history(self, guide_id: str) -> list[RevisionInfo]:
        """Return every revision of a guide, newest first, with who decided what."""
        with self._sessions() as session:
            return describe(session, GuideRevisionRow.guide_id == guide_id)

    def waiting(self) -> list[RevisionInfo]:
        """Return what waits for a reviewer, the oldest first."""
        return self._undecided(Decided.REVIEW)

    def approved(self) -> list[RevisionInfo]:
        """Return what is approved and in no release yet that residents saw, the oldest first."""
        return self._undecided(Decided.APPROVED)

    def revision(self, guide_id: str, revision: int) -> Guide:
        """Return one revision. Raises NoSuchRevision, or GuideErrors where it is no longer accepted."""
        with self._sessions() as session:
            return parse_guide(_row(session, guide_id, revision).content, guide_id)

    def diff(self, guide_id: str, a: int, b: int) -> list[FieldChange]:
        """Return what revision `b` says otherwise than revision `a`. Raises NoSuchRevision."""
        with self._sessions() as session:
            return field_changes(_row(session, guide_id, a).content, _row(session, guide_id, b).content)

    def draft_changes(self, guide_id: str) -> list[FieldChange]:
        """Return what the draft says otherwise than residents see now; all of it where they see nothing."""
        with self._sessions() as session:
            draft = self._drafts.open(session, guide_id, "")
            row = session.get(GuideRow, guide_id)
            if row is None or row.state != GuideState.PUBLISHED:
                return field_changes({}, draft.content)
            return field_changes(_row(session, guide_id, row.revision).content, draft.content)

    def _undecided(self, state: Decided) -> list[RevisionInfo]:
        held = (ReviewRow.state == state) & ReviewRow.released_in.is_(None) & ReviewRow.replaced_by.is_(None)
        with self._sessions() as session:
            listed = describe(session, held)
        return sorted(listed, key=lambda info: (info.created_at, info.guide_id, info.revision))

    def _checked(self, session: Session, content: Mapping[str, Any]) -> tuple[Guide | None, list[GuideError]]:
        try:
            guide = parse_guide(content, str(content.get("id", "")))
        except GuideErrors as wrong:
            return None, list(wrong.errors)
        return guide, self._wordings.clashes(session, guide)

    def _in_review(self, session: Session, guide_id: str, revision: int) -> ReviewRow:
        review = session.get(ReviewRow, (guide_id, revision))
        if review is None or review.state != Decided.REVIEW or review.replaced_by is not None:
            raise NotInReview(f"revision {revision} of {guide_id} waits for no decision")
        return review

    def _decide(self, review: ReviewRow, state: Decided, reviewer: str, reason: str | None) -> None:
        review.state = state
        review.reviewer = reviewer
        review.decided_at = self._clock()
        review.reason = reason

    def _add(
        self,
        session: Session,
        guide_id: str,
        content: dict[str, Any],
        editors: list[str],
        author: str,
        note: str,
        *,
        withdraws: bool = False,
    ) -> int:
        """Add a revision in review; an earlier one that still waits is replaced by it."""
        newest = newest_revision(session, guide_id)
        revision = newest.revision + 1 if newest is not None else 1
        if newest is None:
            session.add(GuideRow(id=guide_id, revision=1, state=GuideState.PROPOSED))
            session.flush()  # the revision refers to it
        session.add(
            GuideRevisionRow(
                guide_id=guide_id,
                revision=revision,
                content=content,
                author=author,
                created_at=self._clock(),
                note=note,
            )
        )
        session.flush()
        earlier = select(ReviewRow).where(
            ReviewRow.guide_id == guide_id,
            ReviewRow.state == Decided.REVIEW,
            ReviewRow.replaced_by.is_(None),
        )
        for other in session.scalars(earlier):
            other.replaced_by = revision
        session.add(
            ReviewRow(
                guide_id=guide_id,
                revision=revision,
                state=Decided.REVIEW,
                withdraws=withdraws,
                editors=editors,
            )
        )
        return revision


def _row(session: Session, guide_id: str, revision: int) -> GuideRevisionRow:
    row = session.get(GuideRevisionRow, (guide_id, revision))
    if row is None:
        raise NoSuchRevision(f"guide '{guide_id}' has no revision {revision}")
    return row
