"""The conversation's tables: what was just talked about, turns without their words, ratings, late replies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from language.moments import Instant


class Base(DeclarativeBase):
    """Tables that bot/ owns."""


class TalkRow(Base):
    """One person's place in one conversation: what a turn without Rasa needs to go on."""

    __tablename__ = "talk"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    guide: Mapped[str | None] = mapped_column(String(120))
    asks: Mapped[str | None] = mapped_column(String(60))
    clarified: Mapped[int] = mapped_column(Integer, server_default="0")  # turns in a row that asked back
    aspect: Mapped[str | None] = mapped_column(String(20))  # what about the guide was answered last
    failures: Mapped[int] = mapped_column(Integer, server_default="0")  # turns in a row that led nowhere
    last_turn: Mapped[str | None] = mapped_column(String(32))  # the turn that a rating in words is about
    # What could be picked last (ordinal and name pick it too); sealed, for a label may quote the person.
    sealed_offered: Mapped[bytes | None] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(Instant, index=True)


class TurnRow(Base):
    """One turn: what it did, never what was said.

    For a day two sealed texts stay: the reply, which answers a repeated message, and the question without
    personal data, for staff to read should the person rate the answer badly.
    """

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("key", "message_id", name="uq_turn_message"),
        Index("ix_turn_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    channel: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(20))
    handled_by: Mapped[str] = mapped_column(String(20))
    guide: Mapped[str | None] = mapped_column(String(120))
    aspect: Mapped[str | None] = mapped_column(String(20))
    confidence: Mapped[float | None] = mapped_column(Float)
    milliseconds: Mapped[int] = mapped_column(Integer)
    sealed_reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_question: Mapped[bytes | None] = mapped_column(LargeBinary)


class RatingRow(Base):
    """What a person thought of one answer, or (without a turn) of the whole visit.

    A second rating of an answer replaces the first.
    """

    __tablename__ = "rating"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    turn_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    key: Mapped[str] = mapped_column(String(64))
    stars: Mapped[int] = mapped_column(Integer)
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)


class LateReplyRow(Base):
    """A reply that came after its turn had been answered: fetched by the door when it asks.

    Or the place of a notice in a talk: its words stay with its case, so that they go when that is erased.
    """

    __tablename__ = "late_reply"
    __table_args__ = (
        UniqueConstraint("notice", name="uq_late_reply_notice"),
        # A door asks for what has a higher number than it has seen: no number may come twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    sealed_reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    notice: Mapped[int | None] = mapped_column(Integer)  # once in a talk, however often it is sent
    until: Mapped[datetime | None] = mapped_column(Instant)  # for how long a notice waits


class PromisedTurnRow(Base):
    """A turn whose reply was promised for later. Whichever process holds it when its holder died sees to it.

    `until` is the second (since 1970) to which its holder has said that it lives.
    """

    __tablename__ = "promised_turn"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    turn: Mapped[str] = mapped_column(String(32), unique=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    sealed_turn: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[float] = mapped_column(Float)


class TurnTicketRow(Base):
    """A turn's place in the queue of its talk, where several processes answer. Rows live for seconds."""

    __tablename__ = "turn_ticket"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    turn: Mapped[str] = mapped_column(String(32))
    until: Mapped[float] = mapped_column(Float)


class AlertRow(Base):
    """Staff are wanted: an emergency seen in a group, or a visitor who calls for help."""

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_by: Mapped[str | None] = mapped_column(String(64))  # the login of who looks after it
