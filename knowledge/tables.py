"""The tables of the knowledge base. A revision never changes: an answer can be traced to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from language.moments import Instant


class Base(DeclarativeBase):
    """The metadata of this room."""


class GuideState(StrEnum):
    """Whether residents see a guide."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    PROPOSED = "proposed"  # handed in for review, never seen by residents yet


class RevisionIsFinal(RuntimeError):
    """A stored revision was about to be changed. Write a new revision instead."""


class GuideRow(Base):
    """A guide and which of its revisions residents see, or saw last."""

    __tablename__ = "guides"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))


class GuideRevisionRow(Base):
    """One state that a guide was in, whole, with who wrote it and when."""

    __tablename__ = "guide_revisions"

    guide_id: Mapped[str] = mapped_column(ForeignKey("guides.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text)


class CurrentReleaseRow(Base):
    """One row: the number of the release that residents see. Whoever writes about guides locks it first.

    `shipped_digest` names the shipped files that were last imported and learned from.
    """

    __tablename__ = "guide_release"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    shipped_digest: Mapped[str | None] = mapped_column(String(64))


class LearningRow(Base):
    """What was learned from one set of texts; built before, read by every process that answers from it."""

    __tablename__ = "guide_learning"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
    learned_at: Mapped[datetime] = mapped_column(Instant)


@event.listens_for(GuideRevisionRow, "before_update")
@event.listens_for(GuideRevisionRow, "before_delete")
def _refuse_change(_mapper: object, _connection: object, row: GuideRevisionRow) -> NoReturn:
    raise RevisionIsFinal(f"revision {row.revision} of {row.guide_id} is final: write a new revision")
