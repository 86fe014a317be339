"""The release that this process answers from: built once, swapped when another becomes current."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hall.built_index import BuiltIndex
from knowledge.answering import TEXTS, Answering
from knowledge.guide import Guide
from knowledge.hall_profile import HallProfile
from knowledge.learned import Learned, digest_of, shipped_learning
from knowledge.library import Library
from knowledge.matching import Matcher, entries_of
from language.moments import Clock
from language.texts import Texts

logger = logging.getLogger(__name__)

# From the commit that makes a release current every process has swapped within a second.
LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Release:
    """One release as it is answered from. `digest` names the texts that its numbers are learned from."""

    number: int
    guides: Sequence[Guide]
    answering: Answering
    digest: str
    has_own_numbers: bool


class CurrentRelease:
    """Holds the current release; the old one serves until the new one is built."""

    def __init__(self, library: Library, profile: HallProfile, clock: Clock, index: BuiltIndex) -> None:
        self._library = library
        self._index = index
        self._profile = profile
        self._clock = clock
        self._texts = Texts(TEXTS)
        self._release = self._build()

    @property
    def guides(self) -> Sequence[Guide]:
        """The published guides."""
        return self._release.guides

    def answering(self) -> Answering:
        """Return what answers from the current release."""
        return self._release.answering

    def refresh(self) -> bool:
        """Build the newest release, or the same with its own numbers, where there is one; say whether."""
        held = self._release
        is_newer = self._library.release() != held.number
        is_learned = not held.has_own_numbers and self._library.learned(held.digest) is not None
        if not (is_newer or is_learned):
            return False
        self._release = self._build()
        logger.info("release %d is current: %d guides", self._release.number, len(self._release.guides))
        return True

    async def follow(self) -> None:
        """Look for a newer release twice a second, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await asyncio.to_thread(self.refresh)
            except Exception:  # the edge of a background job: the old release serves on
                logger.exception("the newest release could not be built; the one before serves on")
                await asyncio.sleep(10 * LOOK_EVERY_SECONDS)

    def _build(self) -> Release:
        # The number first: what is published in between then shows as a newer release.
        number = self._library.release()
        published = self._library.published()
        guides = tuple(guide for guide, _ in published)
        digest = digest_of(entries_of(guides))
        learned = read_learned(self._library, digest)
        matcher = self._index.matcher(digest, guides, learned or shipped_learning())
        answering = Answering(published, self._profile, matcher, self._texts, self._clock)
        return Release(number, guides, answering, digest, learned is not None)


def read_learned(library: Library, digest: str) -> Learned | None:
    """Return what was learned from these texts, or None: not yet, or by another version of the matcher."""
    numbers = library.learned(digest)
    try:
        return Learned.from_mapping(numbers) if numbers is not None else None
    except (KeyError, ValueError):
        return None


def learn_release(library: Library, progress: Callable[[float], None] = lambda share: None) -> bool:
    """Learn from the published guides and keep it, where that was not done yet; return whether it was."""
    guides = [guide for guide, _ in library.published()]
    digest = digest_of(entries_of(guides))
    if read_learned(library, digest) is not None:
        return False
    library.keep_learned(digest, Matcher.build(guides, progress).learned.to_mapping())
    return True
