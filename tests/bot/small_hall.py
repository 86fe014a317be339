"""A hall of a few guides without Rasa, in one process, with a clock that tests move."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.turn import Channel, Turn
from hall.database import migrate_engine
from hall.settings import read_settings
from hall.wiring import Wiring
from knowledge.library import load_shipped
from language.reply import Reply

GUIDES = (
    "residence-permit-first",
    "residence-permit-endorsement",
    "senior-card-application",
    "senior-card-replacement",
    "social-security-card-replacement",
    "unemployment-benefit",
    "legal-aid",
    "lift-retrofit",
)


@dataclass
class SmallHall:
    """What a test asks of a hall."""

    folder: Path
    database_url: str
    now: datetime = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
    wiring: Wiring = field(init=False)

    def __post_init__(self) -> None:
        self.wiring = self.another_process()
        migrate_engine(self.wiring.engine)
        self.wiring.library.import_shipped([guide for guide in load_shipped() if guide.id in GUIDES])

    def another_process(self) -> Wiring:
        """Return a wiring that shares the database and nothing else, as a second process does."""
        settings = read_settings(
            {
                "LINLI_FOLDER": str(self.folder),
                "LINLI_DATABASE_URL": self.database_url,
                "LINLI_WITHOUT_RASA": "1",
            }
        )
        return Wiring(settings, lambda: self.now)

    def say(self, text: str, conversation: str = "c", *, channel: Channel = Channel.CHAT) -> Reply:
        """Say something and return the reply."""
        return asyncio.run(self.wiring.conversation.say(Turn(channel, conversation, text=text)))

    def choose(self, choice_id: str, conversation: str = "c") -> Reply:
        """Touch a choice and return the reply."""
        return asyncio.run(self.wiring.conversation.say(Turn(Channel.CHAT, conversation, choice=choice_id)))

    def open_guide(self, guide_id: str, *, channel: Channel = Channel.KIOSK) -> Reply:
        """Touch a guide in a list and return the reply."""
        return asyncio.run(self.wiring.conversation.open_guide(Turn(channel, "c"), guide_id, None))

    def rate(self, reply: Reply, stars: int, conversation: str = "c") -> None:
        """Rate an answer."""
        asyncio.run(self.wiring.conversation.rate(Turn(Channel.CHAT, conversation), reply.turn, stars, ""))

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)
