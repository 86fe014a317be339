"""The table of what comes in with a case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cases.tables import Base
from language.moments import Instant


class PhotoRow(Base):
    """A picture without its metadata, sealed. The same picture is kept once a case."""

    __tablename__ = "case_photo"
    __table_args__ = (UniqueConstraint("number", "digest"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"))
    name: Mapped[str] = mapped_column(String(80))  # for people to read, never a path
    media_type: Mapped[str] = mapped_column(String(16))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(80))  # keyed, of the picture as it was sent
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(Instant)
