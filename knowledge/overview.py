"""All guides at a glance, for who keeps them: their names, where each stands, how fresh its facts are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from knowledge.editorial_tables import DraftRow, ReviewRow
from knowledge.reading import parse_day
from knowledge.revision_states import describe
from knowledge.revisions import NoSuchRevision, RevisionInfo, RevisionState
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState

# SQLite takes 32,766 values in one statement.
_KEYS_AT_ONCE = 5_000


class Standing(StrEnum):
    """Where a guide stands; it may stand in several places at once."""

    LIVE = "live"
    DRAFT = "draft"
    REVIEW = "review"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    PROPOSED = "proposed"  # residents never saw it
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Card:
    """What a list shows of one state of a guide; plain text, since a draft may hold anything."""

    title: str
    plain_name: str
    department: str
    theme: str
    completeness: str
    status: str
    aliases: tuple[str, ...]
    phrasings: tuple[str, ...]
    popularity: int
    verified_on: date | None
    review_by: date | None
    effective_on: date | None
    expires_on: date | None
    source_date: str  # the newest one; empty where no source has one


@dataclass(frozen=True)
class Entry:
    """One guide. `card` is what residents see, else the newest that was written."""

    guide_id: str
    card: Card
    live_revision: int | None
    newest: RevisionInfo | None  # None for a guide that is only a draft
    open: RevisionInfo | None  # the newest revision that waits: for a reviewer or for a release
    drafted_by: str | None
    drafted_at: datetime | None
    is_withdrawn: bool = False  # residents saw it once

    @property
    def changed_at(self) -> datetime | None:
        """When anybody last wrote on it."""
        moments = [self.drafted_at, self.newest.created_at if self.newest else None]
        return max((moment for moment in moments if moment), default=None)

    @property
    def changed_by(self) -> str:
        """Who last wrote on it."""
        if self.drafted_by and self.changed_at == self.drafted_at:
            return self.drafted_by
        return self.newest.author if self.newest else ""

    def standings(self, today: date) -> tuple[Standing, ...]:
        """Return where the guide stands on a day, in the order of Standing."""
        return tuple(standing for standing, holds in self._holds(today).items() if holds)

    def _holds(self, today: date) -> Mapping[Standing, bool]:
        is_live = self.live_revision is not None
        state = self.open.state if self.open else None
        card = self.card
        return {
            Standing.LIVE: is_live,
            Standing.DRAFT: self.drafted_by is not None,
            Standing.REVIEW: state is RevisionState.REVIEW,
            Standing.SENT_BACK: self.newest is not None and self.newest.state is RevisionState.SENT_BACK,
            Standing.APPROVED: state is RevisionState.APPROVED,
            Standing.WITHDRAWN: self.is_withdrawn,
            Standing.PROPOSED: not is_live and not self.is_withdrawn,
            Standing.EXPIRED: is_live and card.expires_on is not None and card.expires_on < today,
            Standing.NOT_YET: is_live and card.effective_on is not None and card.effective_on > today,
            Standing.OVERDUE: is_live and card.review_by is not None and card.review_by <= today,
        }


class Overview:
    """Lists every guide. A stored revision never changes: what was read of it once is kept."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._cards: dict[tuple[str, int], Card] = {}

    def entries(self) -> list[Entry]:
        """Return every guide and every draft of one, by id."""
        return self._entries(None)

    def entry(self, guide_id: str) -> Entry | None:
        """Return one guide; None where there is neither a revision nor a draft."""
        return next(iter(self._entries(guide_id)), None)

    def content(self, guide_id: str, revision: int) -> dict[str, Any]:
        """Return one revision as plain data, also one that is no longer accepted. Raises NoSuchRevision."""
        with self._sessions() as session:
            row = session.get(GuideRevisionRow, (guide_id, revision))
        if row is None:
            raise NoSuchRevision(f"guide '{guide_id}' has no revision {revision}")
        return row.content

    def editors(self, guide_id: str, revision: int) -> list[str]:
        """Return who had a hand in a revision: its author, and who wrote on its draft."""
        with self._sessions() as session:
            row = session.get(GuideRevisionRow, (guide_id, revision))
            review = session.get(ReviewRow, (guide_id, revision))
        return sorted({*(review.editors if review else ()), *([row.author] if row else ())})

    def _entries(self, only: str | None) -> list[Entry]:
        with self._sessions() as session:
            guides = {
                row.id: row for row in session.scalars(select(GuideRow).where(_about(GuideRow.id, only)))
            }
            newest = _newest(session, only)
            shown = {
                guide_id: row.revision if row.state == GuideState.PUBLISHED else newest[guide_id].revision
                for guide_id, row in guides.items()
                if guide_id in newest
            }
            cards = self._read(session, shown)
            waiting = _waiting(session, only)
            rows = session.scalars(select(DraftRow).where(_about(DraftRow.guide_id, only)))
            drafts = {row.guide_id: row for row in rows}
        return [
            _entry(guide_id, cards, guides.get(guide_id), newest.get(guide_id), waiting, drafts.get(guide_id))
            for guide_id in sorted({*shown, *drafts})
        ]

    def _read(self, session: Session, shown: Mapping[str, int]) -> dict[str, Card]:
        """Return the cards of these revisions, reading those that were not read yet."""
        kept = self._cards
        found = {key: kept[key] for key in shown.items() if key in kept}
        missing = [key for key in shown.items() if key not in found]
        for start in range(0, len(missing), _KEYS_AT_ONCE):
            wanted = dict(missing[start : start + _KEYS_AT_ONCE])
            rows = session.execute(
                select(GuideRevisionRow.guide_id, GuideRevisionRow.revision, GuideRevisionRow.content).where(
                    GuideRevisionRow.guide_id.in_(wanted)
                )
            )
            found |= {
                (guide_id, revision): card_of(content)
                for guide_id, revision, content in rows
                if wanted[guide_id] == revision
            }
        # Replaced, never changed: several threads read it. Old revisions go with the next whole list.
        self._cards = found if len(found) * 2 + 100 < len(kept) else {**kept, **found}
        return {guide_id: card for (guide_id, _), card in found.items()}


def _entry(
    guide_id: str,
    cards: Mapping[str, Card],
    row: GuideRow | None,
    newest: RevisionInfo | None,
    waiting: Mapping[str, RevisionInfo],
    draft: DraftRow | None,
) -> Entry:
    is_live = row is not None and row.state == GuideState.PUBLISHED
    return Entry(
        guide_id=guide_id,
        card=cards.get(guide_id) or card_of(draft.content if draft is not None else {}),
        live_revision=row.revision if row is not None and is_live else None,
        newest=newest,
        open=waiting.get(guide_id),
        drafted_by=draft.editor if draft else None,
        drafted_at=draft.updated_at if draft else None,
        is_withdrawn=row is not None and row.state == GuideState.WITHDRAWN,
    )


def card_of(content: Mapping[str, Any]) -> Card:
    """Return what a list shows of a guide as plain data, whatever is in it."""
    dates = [str(source.get("date") or "") for source in _mappings(content.get("sources"))]
    popularity = content.get("popularity")
    return Card(
        title=_text(content.get("title")),
        plain_name=_text(content.get("plain_name")),
        department=_text(content.get("department")),
        theme=_text(content.get("theme")),
        completeness=_text(content.get("completeness")),
        status=_text(content.get("status")),
        aliases=_texts(content.get("aliases")),
        phrasings=_texts(content.get("phrasings")),
        popularity=popularity if isinstance(popularity, int) else 50,
        verified_on=parse_day(content.get("verified_on")),
        review_by=parse_day(content.get("review_by")),
        effective_on=parse_day(content.get("effective_on")),
        expires_on=parse_day(content.get("expires_on")),
        source_date=max(dates, default=""),
    )


def _newest(session: Session, only: str | None) -> dict[str, RevisionInfo]:
    last = (
        select(GuideRevisionRow.guide_id, func.max(GuideRevisionRow.revision).label("revision"))
        .where(_about(GuideRevisionRow.guide_id, only))
        .group_by(GuideRevisionRow.guide_id)
        .subquery()
    )
    is_last = (
        select(last.c.revision).where(last.c.guide_id == GuideRevisionRow.guide_id).scalar_subquery()
        == GuideRevisionRow.revision
    )
    return {info.guide_id: info for info in describe(session, is_last)}


def _waiting(session: Session, only: str | None) -> dict[str, RevisionInfo]:
    """Return the newest revision of each guide that waits for a reviewer or for a release."""
    held = ReviewRow.released_in.is_(None) & ReviewRow.replaced_by.is_(None)
    held = held & _about(ReviewRow.guide_id, only)
    open_ones = (RevisionState.REVIEW, RevisionState.APPROVED)
    listed = [info for info in describe(session, held) if info.state in open_ones]
    return {info.guide_id: info for info in reversed(listed)}


def _about(column: InstrumentedAttribute[str], only: str | None) -> ColumnElement[bool]:
    """Return the condition that a row is about one guide, or any where `only` names none."""
    return true() if only is None else column == only


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _mappings(value: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
