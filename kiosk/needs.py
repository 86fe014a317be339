"""What the kiosk needs from the rest of the hall, handed over once when its blueprint is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.conversation import Turn
from cases.desk import Desk
from kiosk.session import KioskSessions
from knowledge.guide import Guide
from language.moments import Clock
from language.reply import Reply

MAX_QUESTION_CHARS = 500


class TurnTaker(Protocol):
    """Takes turns: bot.conversation.Conversation."""

    async def say(self, turn: Turn) -> Reply:
        """Return the reply to one turn."""

    async def open_guide(self, turn: Turn, guide_id: str, aspect: str | None) -> Reply:
        """Return a guide touched in a list; what is asked next is about it. Raises KeyError."""

    async def late_replies(self, turn: Turn, after: int) -> list[tuple[int, Reply]]:
        """Return what came late in a talk, with its numbers."""

    async def forget(self, turn: Turn) -> None:
        """Forget a talk that has ended."""


class Voice(Protocol):
    """Reads aloud: kiosk.speech.Speech."""

    async def wav(self, text: str, rate_wpm: int, voice: str, cacheable: bool | None = None) -> Path:
        """Return the file with the spoken text; `cacheable` False where it may hold something personal."""


@dataclass(frozen=True)
class Rating:
    """What a visitor thought of one answer (`turn`), or of the whole service (`turn` is None)."""

    conversation: str
    turn: str | None
    stars: int | None = None
    helpful: bool | None = None
    reason: str | None = None


@dataclass(frozen=True)
class HallFacts:
    """What the screens say about the hall, in one locale."""

    name: str
    hotline: str = "12345"
    phones: tuple[str, ...] = ()
    help_window: str = ""  # where a visitor who needs a person is sent; empty: the service desk
    hours: str = ""  # today's, in words
    is_open: bool = True
    next_opening: datetime | None = None
    is_sample: bool = False


@dataclass(frozen=True)
class Timeouts:
    """Seconds without a touch until the kiosk asks, and then until it ends the session."""

    browse_seconds: float = 60
    read_seconds: float = 120
    warn_seconds: float = 30
    answer_seconds: float = 20  # how long a screen may take to come before "try again" is offered


@dataclass(frozen=True)
class Voices:
    """How to read aloud: a voice by locale, and three speeds."""

    by_locale: Mapping[str, str] = field(default_factory=lambda: {"zh": "cmn-latn-pinyin+f2", "en": "en+f2"})
    rate_wpm: int = 165
    slow_wpm: int = 115
    fast_wpm: int = 210


@dataclass(frozen=True)
class Needs:
    """Everything the kiosk is wired to. Callables give the present state: a published edit shows at once."""

    conversation: TurnTaker
    guides: Callable[[], Sequence[Guide]]
    answer_guide: Callable[[str, str | None, str], Reply]  # (guide id, aspect, locale); raises KeyError
    desk: Desk
    sessions: KioskSessions
    rate: Callable[[Rating], None]
    call_staff: Callable[[str], bool]  # (conversation); False while the hall is closed: nobody was told
    hall: Callable[[str], HallFacts]  # by locale
    clock: Clock
    zone: ZoneInfo
    speech: Voice | None = None
    voices: Voices = field(default_factory=Voices)
    timeouts: Timeouts = field(default_factory=Timeouts)
    public_url: str = ""  # what a QR code shows; empty: the address that the browser used
