"""A hall of a few guides without Rasa: its clock is moved by tests, its matcher never wavers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.turn import Channel, Turn
from hall.database import migrate_engine
from hall.settings import read_settings
from hall.wiring import Wiring
from knowledge.answering import TEXTS, Answering
from knowledge.aspects import Wordings
from knowledge.guide import Guide
from knowledge.library import load_shipped
from knowledge.matching import Match, Verdict
from language.reply import Decision, Reply
from language.texts import Texts

# What is named by which words; two of them in one question are asked back, none is declined.
NAMED = {
    "居住证": "residence-permit-first",
    "敬老卡": "senior-card-application",
    "法律援助": "legal-aid",
}


class PlainMatcher:
    """Stands in for knowledge.matching.Matcher."""

    wordings = Wordings()
    meanings = None  # no sentence encoder

    def judge(self, text: str, limit: int = 10) -> Verdict:
        """Answer by name alone."""
        named = [guide_id for word, guide_id in NAMED.items() if word in text]
        if not named:
            return Verdict(Decision.DECLINE, (Match("legal-aid", 0.1),))
        matches = tuple(Match(guide_id, 0.9) for guide_id in named)
        return Verdict(Decision.ANSWER if len(named) == 1 else Decision.CLARIFY, matches)


@dataclass(frozen=True)
class PlainRelease:
    """Stands in for hall.current_release.CurrentRelease."""

    guides: Sequence[Guide]
    held: Answering

    def answering(self) -> Answering:
        """Return what answers."""
        return self.held


@dataclass
class SmallHall:
    """What a test asks of a hall."""

    folder: Path
    database_url: str
    now: datetime = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
    wiring: Wiring = field(init=False)

    def __post_init__(self) -> None:
        file = self.database_url.removeprefix("sqlite:///")
        is_copied = file != self.database_url
        if is_copied:
            Path(file).write_bytes(_empty_hall())
        self.wiring = self.another_process()
        if not is_copied:
            _fill(self.wiring)

    def another_process(self) -> Wiring:
        """Return a wiring that shares the database and nothing else, as a second process does."""
        settings = read_settings(
            {
                "LINLI_FOLDER": str(self.folder),
                "LINLI_DATABASE_URL": self.database_url,
                "LINLI_WITHOUT_RASA": "1",
            }
        )
        wiring = Wiring(settings, lambda: self.now)
        published = [(guide, 1) for guide in _few()]
        matcher: object = PlainMatcher()
        answering = Answering(published, wiring.profile, matcher, Texts(TEXTS), wiring.clock)  # type: ignore[arg-type]
        wiring.release = PlainRelease(_few(), answering)  # type: ignore[assignment]
        return wiring

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


def _fill(wiring: Wiring) -> None:
    migrate_engine(wiring.engine)
    wiring.library.import_shipped(_few())


@cache
def _empty_hall() -> bytes:
    """Return a database file of a hall where nobody spoke yet: a hundred tests would each migrate one."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "linli.db"
        settings = read_settings(
            {
                "LINLI_FOLDER": folder,
                "LINLI_DATABASE_URL": f"sqlite:///{file}",
                "LINLI_WITHOUT_RASA": "1",
            }
        )
        wiring = Wiring(settings)
        _fill(wiring)
        wiring.engine.dispose()
        return file.read_bytes()


@cache
def _few() -> list[Guide]:
    return [guide for guide in load_shipped() if guide.id in NAMED.values()]
