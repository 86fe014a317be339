"""The one table of the kiosk: sessions, sealed with the visitor's own cookie."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from language.moments import Instant


class Base(DeclarativeBase):
    """Tables of the kiosk."""


class KioskSessionRow(Base):
    """One visitor at one kiosk. Without the cookie neither the row can be found nor its body be read."""

    __tablename__ = "kiosk_session"

    key_digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    touched_at: Mapped[datetime] = mapped_column(Instant, index=True)
