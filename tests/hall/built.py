"""Releases that are built in the test's own process, over one index: learning and indexing take long."""

from __future__ import annotations

from hall.built_releases import Built
from hall.wiring import Wiring
from knowledge.learned import digest_of, shipped_learning
from knowledge.matching import Matcher, entries_of
from tests.knowledge.curation import Room


class Builder:
    """Builds releases that differ only in what is not searched, so that one index is right for all."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._matcher: Matcher | None = None

    def build_next(self, guide_id: str, note: str) -> tuple[int, str]:
        """Change the notes of a guide and have the release ready; return its number and its build."""
        Room(self._wiring.sessions, self._wiring.clock()).approve(guide_id, notes=note)
        number = self._wiring.releases.propose("wang", "")
        published = tuple(self._wiring.library.release_guides(number))
        guides = [guide for guide, _ in published]
        if self._matcher is None:
            self._matcher = Matcher.build(guides, learned=shipped_learning())
        digest = digest_of(entries_of(guides))
        name = self._wiring.builds.name(published, digest, self._matcher.learned)
        self._wiring.builds.keep(name, Built(published, self._matcher, digest))
        finish(self._wiring, number, name)
        return number, name


def finish(wiring: Wiring, number: int, build: str) -> None:
    """Say that a queued release is built, before any worker of the hall takes it."""
    assert wiring.release_queue.claim_one(number, "test")
    wiring.release_queue.finish(number, "test", build, None)
