"""The tables beside the guides: the gold set, what went unanswered, what is switched off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base
from language.moments import Instant


class GoldRow(Base):
    """A question whose right guide is known; `guide_id` is empty where it must be declined.

    One that was taken out stays, marked: else a shipped one would come back with the next start.
    """

    __tablename__ = "gold_question"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(String(500), unique=True)  # as matching compares texts
    guide_id: Mapped[str | None] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(40))
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_by: Mapped[str | None] = mapped_column(String(64))
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class UnansweredRow(Base):
    """One question that went badly, sealed, without personal data. `how` is empty until staff settle it."""

    __tablename__ = "unanswered_question"
    __table_args__ = (Index("ix_unanswered_question_at", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    turn_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(20))
    door: Mapped[str] = mapped_column(String(20))
    guide_id: Mapped[str | None] = mapped_column(String(60))  # the one answered, or the nearest
    at: Mapped[datetime] = mapped_column(Instant)
    how: Mapped[str | None] = mapped_column(String(20))
    settled_guide: Mapped[str | None] = mapped_column(String(60))
    settled_by: Mapped[str | None] = mapped_column(String(64))
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class SwitchRow(Base):
    """A guide, a door or the whole assistant (then `name` is empty) replaced by a text of the staff."""

    __tablename__ = "kill_switch"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None] = mapped_column(Instant)
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(Instant)
