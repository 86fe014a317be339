"""The release that this process answers from: built once, swapped when another becomes current."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from knowledge.answering import TEXTS, Answering
from knowledge.guide import Guide
from knowledge.hall_profile import HallProfile
from knowledge.library import Library
from knowledge.matching import Matcher
from language.moments import Clock
from language.texts import Texts

logger = logging.getLogger(__name__)

# From the commit that makes a release current every process has swapped within a second.
LOOK_EVERY_SECONDS = 0.5


class CurrentRelease:
    """Holds the Answering of the current release; the old one serves until the new one is built."""

    def __init__(self, library: Library, profile: HallProfile, clock: Clock, texts: Path = TEXTS) -> None:
        self._library = library
        self._profile = profile
        self._clock = clock
        self._texts = Texts(texts)
        self._number, self._guides, self._answering = self._build()

    @property
    def number(self) -> int:
        """The release's number."""
        return self._number

    @property
    def guides(self) -> Sequence[Guide]:
        """The published guides."""
        return self._guides

    def answering(self) -> Answering:
        """Return what answers from the current release."""
        return self._answering

    def refresh(self) -> bool:
        """Build the newest release where it is another one; return whether it was."""
        if self._library.release() == self._number:
            return False
        self._number, self._guides, self._answering = self._build()
        logger.info("release %d is current: %d guides", self._number, len(self._guides))
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

    def _build(self) -> tuple[int, Sequence[Guide], Answering]:
        # The number first: what is published in between then shows as a newer release.
        number = self._library.release()
        published = self._library.published()
        guides = tuple(guide for guide, _ in published)
        matcher = Matcher.build(guides)
        return number, guides, Answering(published, self._profile, matcher, self._texts, self._clock)
