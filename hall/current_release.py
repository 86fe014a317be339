"""The release that this process answers from: built once, swapped when another becomes current."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hall.built_index import BuiltIndex
from hall.built_releases import Built, BuiltReleases
from knowledge.answering import TEXTS, Answering
from knowledge.beforehand import learned_beforehand
from knowledge.encoder import Encoder
from knowledge.guide import Guide
from knowledge.hall_profile import HallProfile
from knowledge.learned import Learned, digest_of, shipped_learning
from knowledge.library import Library
from knowledge.matching import Matcher, entries_of
from knowledge.meanings import Meanings
from knowledge.release_presence import Held, ReleaseWatch
from language.moments import Clock
from language.texts import Texts

logger = logging.getLogger(__name__)

FIRST_QUESTION = "居住证怎么办"


@dataclass(frozen=True)
class Release:
    """One release as it is answered from. `digest` names the texts that its numbers are learned from."""

    held: Held
    guides: Sequence[Guide]
    answering: Answering
    digest: str
    has_own_numbers: bool


class CurrentRelease:
    """Holds the current release, and those that may become so; the old one serves until another is there."""

    def __init__(
        self,
        library: Library,
        profile: HallProfile,
        clock: Clock,
        index: BuiltIndex,
        builds: BuiltReleases,
        watch: ReleaseWatch,
    ) -> None:
        self._library = library
        self._index = index
        self._builds = builds
        self._watch = watch
        self._profile = profile
        self._clock = clock
        self._texts = Texts(TEXTS)
        self._coming: dict[Held, Release] = {}
        self._taking = threading.Lock()
        self._release = self._make(watch.look().current)

    @property
    def number(self) -> int:
        """The number of the release that is answered from."""
        return self._release.held.number

    @property
    def guides(self) -> Sequence[Guide]:
        """The published guides."""
        return self._release.guides

    @property
    def loaded(self) -> dict[int, str]:
        """The releases in memory that were built beforehand, number to build."""
        held = [self._release.held, *self._coming.copy()]
        return {number: build for number, build in held if build is not None}

    @property
    def meanings(self) -> Meanings | None:
        """What the texts mean that are answered from; None without a sentence encoder."""
        return self._release.answering.matcher.meanings

    def answering(self) -> Answering:
        """Return what answers from the current release."""
        return self._release.answering

    def refresh(self) -> bool:
        """Take over what is current now, and its own numbers once learned; say whether anything came.

        What is not in memory yet is built here, while the old release serves.
        """
        current = self._watch.look().current
        if self.swap(current):
            return True
        held = self._release
        is_learned = not held.has_own_numbers and self._library.learned(held.digest) is not None
        if held.held == current and not is_learned:
            return False
        return self._take(self._make(current, self.meanings))

    def swap(self, current: Held) -> bool:
        """Answer from a release that is in memory already; say whether that is another than before."""
        release = self._coming.get(current)
        if release is None or release is self._release:
            return False
        return self._take(release)

    def load(self, held: Held) -> None:
        """Have a release in memory before it is published; asked once, it has loaded what it needs."""
        if held in self._coming or held == self._release.held:
            return
        release = self._make(held, self.meanings)
        release.answering.consider(FIRST_QUESTION)
        self._coming[held] = release

    def keep_only(self, coming: Iterable[Held]) -> None:
        """Let go of releases in memory that will not become current any more."""
        wanted = set(coming)
        for held in [held for held in self._coming if held not in wanted]:
            self._coming.pop(held, None)

    def _take(self, release: Release) -> bool:
        """Answer from this release, unless another became current while it was built."""
        with self._taking:
            if self._watch.look().current != release.held:
                return False
            self._release = release
        logger.info("release %d is current: %d guides", release.held.number, len(release.guides))
        return True

    def _make(self, held: Held, known: Meanings | None = None) -> Release:
        built = self._builds.read(held.build) if held.build is not None else None
        if built is not None:
            return self._release_of(held, built, has_own_numbers=True)
        # A release's set never changes under its number and build; an import's is built by each process.
        published = tuple(self._library.release_guides(held.number))
        guides = [guide for guide, _ in published]
        entries = entries_of(guides)
        digest = digest_of(entries, self._index.encoder)
        learned = read_learned(self._library, digest)
        # Until it is learned how much an encoder counts, what was learned without one is the next best.
        numbers = learned or read_learned(self._library, digest_of(entries)) or shipped_learning()
        matcher = self._index.matcher(digest, guides, numbers, known)
        return self._release_of(held, Built(published, matcher, digest), learned is not None)

    def _release_of(self, held: Held, built: Built, has_own_numbers: bool) -> Release:
        guides = tuple(guide for guide, _ in built.published)
        answering = Answering(built.published, self._profile, built.matcher, self._texts, self._clock)
        return Release(held, guides, answering, built.digest, has_own_numbers)


def read_learned(library: Library, digest: str) -> Learned | None:
    """Return what was learned from these texts, or None: not yet, or by another version of the matcher."""
    numbers = library.learned(digest)
    try:
        return learned_beforehand(digest) if numbers is None else Learned.from_mapping(numbers)
    except (KeyError, ValueError):
        return None


def learn_release(
    library: Library,
    progress: Callable[[float], None] = lambda share: None,
    encoder: Encoder | None = None,
) -> bool:
    """Learn from the published guides and keep it, where that was not done yet; return whether it was."""
    guides = [guide for guide, _ in library.published()]
    digest = digest_of(entries_of(guides), encoder)
    if read_learned(library, digest) is not None:
        return False
    matcher = Matcher.build(guides, progress, encoder=encoder)
    library.keep_learned(digest, matcher.learned.to_mapping())
    return True
