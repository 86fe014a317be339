"""`python -m hall.release_build N`: build release N, ask it the gold questions, store it. Run by a worker."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from itertools import chain

from sqlalchemy.exc import SQLAlchemyError

from hall.built_releases import Built, BuiltReleases
from hall.current_release import read_learned
from hall.settings import read_settings
from hall.wiring import Wiring
from knowledge.answering import TEXTS, Answering
from knowledge.gold import GateReport, gate
from knowledge.guide_set import check_set
from knowledge.learned import Learned, digest_of
from knowledge.library import Published
from knowledge.matching import Matcher, entries_of
from knowledge.problems import GuideErrors
from knowledge.release_info import ReleaseInfo
from knowledge.release_queue import LeaseLost
from language.texts import Texts

logger = logging.getLogger(__name__)

# People are being answered meanwhile.
NICENESS = 10
SAY_EVERY_SECONDS = 0.5
_MOST_PROBLEMS = 5
# Where each step ends, as a share of the whole; learning takes nearly all of the time.
_READ, _LEARNED, _ASKED = 0.05, 0.8, 0.9


def main(arguments: Sequence[str] | None = None) -> int:
    """Build one release; return 0 also where it turned out that nobody wants it any more."""
    parser = argparse.ArgumentParser(prog="python -m hall.release_build")
    parser.add_argument("number", type=int)
    parser.add_argument("--owner", help="whose lease it is; without it the release is claimed here")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    wiring = Wiring(read_settings())
    owner = given.owner or wiring.worker_id
    if not given.owner and not wiring.release_queue.claim_one(given.number, owner):
        print(f"Release {given.number} does not wait to be built.", file=sys.stderr)
        return 1
    os.nice(NICENESS)
    return build(wiring, given.number, owner)


def build(wiring: Wiring, number: int, owner: str) -> int:
    """Build a release that `owner` has claimed, and say what came of it."""
    queue = wiring.release_queue
    try:
        try:
            name, report = _Building(wiring, number, owner).run()
            queue.finish(number, owner, name, report)
        except (LeaseLost, SQLAlchemyError):
            raise
        except GuideErrors as wrong:
            lines = "；".join(error.line() for error in wrong.errors[:_MOST_PROBLEMS])
            queue.fail(number, owner, "guides_clash", {"problems": lines})
        except Exception as fault:  # the edge of the process: whoever waits for the release is told
            logger.exception("release %d cannot be built", number)
            queue.fail(number, owner, "broken", {"kind": type(fault).__name__})
            return 1
    except LeaseLost:
        logger.warning("release %d is called off or built by another", number)
    return 0


class _Building:
    """One build, step by step."""

    def __init__(self, wiring: Wiring, number: int, owner: str) -> None:
        self._wiring = wiring
        self._number = number
        self._owner = owner
        self._said = 0.0

    def run(self) -> tuple[str, GateReport | None]:
        """Build, ask and store; return the name of the stored build and what the gold set said."""
        self._say("reading", 0.0)
        info = self._wiring.releases.get(self._number)
        published = self._wiring.library.release_guides(self._number)
        _check(published, info)
        name, built = self._built(published)
        report = self._gate(built) if info.base else None
        if not self._builds.has(name):
            self._say("storing", _ASKED)
            self._builds.keep(name, built)
        return name, report

    def _built(self, published: Sequence[Published]) -> tuple[str, Built]:
        """Return the build of these guides: the stored one, else a new one."""
        guides = [guide for guide, _ in published]
        encoder = self._wiring.encoder
        digest = digest_of(entries_of(guides), encoder)
        learned = read_learned(self._wiring.library, digest)
        if learned is not None:
            name = self._builds.name(published, digest, learned)
            stored = self._builds.read(name) if self._builds.has(name) else None
            if stored is not None:
                return name, stored
        self._say("learning", _READ)
        # Most texts are those of the live release.
        known = self._wiring.release.meanings if encoder is not None else None
        matcher = Matcher.build(
            guides, self._progress("learning", _READ, _LEARNED), learned, known or encoder
        )
        if learned is None:
            self._wiring.library.keep_learned(digest, matcher.learned.to_mapping())
        # As every process will read it: numbers that went through the database once.
        numbers = learned or Learned.from_mapping(matcher.learned.to_mapping())
        name = self._builds.name(published, digest, numbers)
        return name, Built(tuple(published), matcher, digest)

    def _gate(self, built: Built) -> GateReport:
        """Ask the new release and the live one every gold question."""
        self._say("asking", _LEARNED)
        wiring = self._wiring
        new = Answering(built.published, wiring.profile, built.matcher, Texts(TEXTS), wiring.clock)
        wiring.release.refresh()
        live = wiring.release.answering()
        return gate(
            new.consider,
            live.consider,
            wiring.gold.questions(),
            margin=wiring.settings.gold_margin,
            guides={guide.id for guide, _ in built.published},
            progress=self._progress("asking", _LEARNED, _ASKED),
        )

    @property
    def _builds(self) -> BuiltReleases:
        return self._wiring.builds

    def _progress(self, step: str, start: float, end: float) -> Callable[[float], None]:
        def note(share: float) -> None:
            if time.monotonic() - self._said >= SAY_EVERY_SECONDS:
                self._say(step, start + (end - start) * share)

        return note

    def _say(self, step: str, progress: float) -> None:
        self._wiring.release_queue.report(self._number, self._owner, step, progress)
        self._said = time.monotonic()


def _check(published: Sequence[Published], info: ReleaseInfo) -> None:
    """Refuse wordings of changed guides that lead to other guides, too; what was live is not blamed."""
    changed = {guide_id for guide_id, _, _ in info.changes}
    old = [guide for guide, _ in published if guide.id not in changed]
    new = [guide for guide, _ in published if guide.id in changed]
    try:
        check_set(chain(old, new))
    except GuideErrors as wrong:
        blamed = [error for error in wrong.errors if error.file.removesuffix(".yml") in changed]
        if blamed:
            raise GuideErrors(blamed) from None


if __name__ == "__main__":
    sys.exit(main())
