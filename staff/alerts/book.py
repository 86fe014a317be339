"""What the pages of alerts read and write; hall/ hands in bot.alerts.Alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Alert(Protocol):
    """One call for staff; it never says what was said."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """An emergency's kind, or "help"."""

    @property
    def channel(self) -> str:
        """The door."""

    @property
    def at(self) -> datetime:
        """When it was raised."""

    @property
    def seen_at(self) -> datetime | None:
        """When somebody took it on."""

    @property
    def seen_by(self) -> str | None:
        """Whose login took it on."""


class AlertBook(Protocol):
    """Keeps alerts."""

    def count_open(self) -> int:
        """Return how many nobody has seen to."""

    def recent(self, most: int) -> Sequence[Alert]:
        """Return the open ones, then the others, newest first."""

    def mark_seen(self, number: int, login: str) -> bool:
        """Note who looks after one; False where somebody does already."""
