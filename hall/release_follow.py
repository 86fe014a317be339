"""Has each process swap to a release within a second of its commit: it was loaded beforehand."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from hall.current_release import CurrentRelease
from hall.watching import Watch
from knowledge.release_presence import Presence, ReleaseWatch, Seen

logger = logging.getLogger(__name__)

LOAD_EVERY_SECONDS = 0.5
# A third of what a worker's word holds for.
SAY_EVERY_SECONDS = 2.0


class Follower:
    """Three threads: one looks and swaps, one loads, one says what is loaded. No load holds up a swap."""

    def __init__(self, release: CurrentRelease, watch: ReleaseWatch, presence: Presence, worker: str) -> None:
        self._release = release
        self._watch = watch
        self._presence = presence
        self._worker = worker
        self._seen: Seen | None = None
        self._troubled: Seen | None = None
        self._said: dict[int, str] = {}
        self._watches = (
            # A release may be published the moment that a database is back.
            Watch("release", self.look, rest_seconds=LOAD_EVERY_SECONDS),
            Watch("release-loading", self.load, LOAD_EVERY_SECONDS),
            Watch("release-presence", self.say, SAY_EVERY_SECONDS),
        )

    def start(self) -> None:
        """Begin to follow."""
        for watch in self._watches:
            watch.start()
        self.say()

    def stop(self) -> None:
        """Follow no more; nobody waits for this process from now on."""
        for watch in self._watches:
            watch.stop()
        self._presence.leave(self._worker)

    def look(self) -> None:
        """Swap where another release is current and in memory."""
        seen = self._watch.look()
        self._release.swap(seen.current)
        self._seen = seen

    def load(self) -> None:
        """Load what may become current, and what did without having been loaded; say so at once."""
        seen = self._seen
        if seen is None:
            return
        try:
            self._load(seen)
        except SQLAlchemyError:
            raise
        except Exception:
            if seen != self._troubled:
                logger.exception("a release could not be loaded; the one before serves on")
            self._troubled = seen
            raise

    def _load(self, seen: Seen) -> None:
        if seen.current.number != self._release.number:
            self._release.refresh()  # an import: it was built nowhere beforehand
        for held in seen.coming:
            self._release.load(held)
            self._say_news()
        self._release.refresh()
        self._release.keep_only((*seen.coming, seen.current))
        self._say_news()

    def say(self) -> None:
        """Say that this process lives, and what it has loaded."""
        loaded = self._release.loaded
        self._presence.say(self._worker, loaded)
        self._said = loaded

    def _say_news(self) -> None:
        if self._release.loaded != self._said:
            self.say()
