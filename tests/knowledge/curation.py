"""A knowledge room with editors, reviewers and builders, for tests: on a real database, under a set clock."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from hall.database import open_engine, open_sessions
from knowledge.editorial import Editorial
from knowledge.gold import GateReport
from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.library import Library
from knowledge.release_presence import Presence
from knowledge.release_queue import ReleaseQueue
from knowledge.releases import Releases
from knowledge.tables import Base

NOON = datetime(2026, 1, 31, 4, tzinfo=UTC)  # in Shanghai
PASSED = GateReport(True, 2, 2.0, 2.0, 0.0)
REFUSED = GateReport(False, 2, 1.0, 2.0, 0.0)


def plain(guide_id: str, title: str = "", **more: Any) -> dict[str, Any]:
    """A small valid guide as plain data; its wordings are its own."""
    name = title or f"事项{guide_id}"
    given = copy.deepcopy(more)
    return {
        "id": guide_id,
        "title": name,
        "plain_name": f"办{name}",
        "department": "民政",
        "theme": "便民服务",
        "completeness": "pointer",
        **given,
    }


def small(guide_id: str, title: str = "", **more: Any) -> Guide:
    """The same as a Guide."""
    return parse_guide(plain(guide_id, title, **more), guide_id)


@dataclass
class Room:
    """The parts of the room; `now` is what their clock shows."""

    sessions: sessionmaker[Session]
    now: datetime = NOON
    library: Library = field(init=False)
    editorial: Editorial = field(init=False)
    releases: Releases = field(init=False)
    queue: ReleaseQueue = field(init=False)
    presence: Presence = field(init=False)

    def __post_init__(self) -> None:
        self.library = Library(self.sessions, self.clock)
        self.editorial = Editorial(self.sessions, self.clock)
        self.releases = Releases(self.sessions, self.clock)
        self.queue = ReleaseQueue(self.sessions, self.clock)
        self.presence = Presence(self.sessions, self.clock)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **period: float) -> None:
        """Let time pass."""
        self.now += timedelta(**period)

    def edit(self, guide_id: str, editor: str = "editor", **fields: Any) -> int:
        """Change fields of a guide and hand it in; return the revision."""
        draft = self.editorial.open_draft(guide_id, editor)
        saved = self.editorial.save_draft(guide_id, draft.version, {**draft.content, **fields}, editor)
        return self.editorial.submit(guide_id, saved.version, editor, "改")

    def approve(self, guide_id: str, **fields: Any) -> int:
        """Change fields of a guide and have it approved; return the revision."""
        revision = self.edit(guide_id, **fields)
        self.editorial.approve(guide_id, revision, "reviewer")
        return revision

    def build(self, gate: GateReport | None = PASSED, build: str = "b") -> int:
        """Build what waits, as a worker does, without any matcher."""
        number = self.queue.claim("builder")
        assert number is not None
        self.queue.finish(number, "builder", f"{build}{number}", gate)
        return number

    def shown(self) -> dict[str, int]:
        """The revision that residents see of each guide; the pointer, the set and the guides agree on it."""
        published = {guide.id: revision for guide, revision in self.library.published()}
        current = self.library.release_guides(self.library.release())
        assert {guide.id: revision for guide, revision in current} == published
        return published


@contextmanager
def open_room(url: str) -> Iterator[Room]:
    """Give a room on an empty database."""
    engine = open_engine(url)
    Base.metadata.create_all(engine)
    yield Room(open_sessions(engine))
    engine.dispose()
