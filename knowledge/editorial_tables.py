"""The tables of the editors: working drafts, and what was decided about each revision that they handed in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKeyConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base
from language.moments import Instant


class Decided(StrEnum):
    """What a reviewer said about a revision."""

    REVIEW = "review"  # nothing yet
    APPROVED = "approved"
    SENT_BACK = "sent_back"


class DraftRow(Base):
    """The one working draft of a guide, as it was typed."""

    __tablename__ = "guide_drafts"

    guide_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    base_revision: Mapped[int | None] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    editor: Mapped[str] = mapped_column(String(64))
    editors: Mapped[list[str]] = mapped_column(JSON)  # everyone who saved it: none of them may approve it
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ReviewRow(Base):
    """What became of a revision that was handed in. Imported revisions have none: nobody reviews them.

    `released_in` is the first release that showed it. `replaced_by` is a later revision that took its place
    before it was ever shown.
    """

    __tablename__ = "guide_reviews"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guide_id", "revision"], ["guide_revisions.guide_id", "guide_revisions.revision"]
        ),
    )

    guide_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12), index=True)
    withdraws: Mapped[bool] = mapped_column(Boolean)
    editors: Mapped[list[str]] = mapped_column(JSON)
    reviewer: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)
    publish_on: Mapped[date | None] = mapped_column(Date)
    released_in: Mapped[int | None] = mapped_column(Integer)
    replaced_by: Mapped[int | None] = mapped_column(Integer)
