"""`python -m tests.hall.answering_process URL FOLDER`: answers under load and follows what is published.

Writes JSON lines: {"loaded": number} once a release is in memory, then, after the line "publish" came in,
{"swapped_at": seconds, "turns": n, "failed": [...]} when every thread has seen the new revision.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from hall.settings import read_settings
from hall.wiring import Wiring

THREADS = 2
QUESTION = "丧葬补贴证明街道一号"


class Asker:
    """One thread that asks without a pause."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self.revisions: list[tuple[int, float]] = []  # each revision seen, and since when
        self.turns = 0
        self.failed: list[str] = []
        threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        while True:
            try:
                answering = self._wiring.release.answering()
                answering.consider("怎么办老年人的优待证明呢")
                guide = answering.reply(answering.consider(QUESTION)).guide
                revision = guide.revision if guide is not None else 0
            except Exception as fault:
                self.failed.append(repr(fault))
                continue
            self.turns += 1
            if not self.revisions or self.revisions[-1][0] != revision:
                self.revisions.append((revision, time.time()))


def say(**told: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until the new release is everywhere."""
    settings = read_settings({"LINLI_DATABASE_URL": sys.argv[1], "LINLI_FOLDER": str(Path(sys.argv[2]))})
    wiring = Wiring(settings)
    wiring.presence.say(wiring.worker_id, {})
    askers = [Asker(wiring) for _ in range(THREADS)] if wiring.release.guides else []
    wiring.follower.start()
    while len(wiring.release.loaded) < 2:
        time.sleep(0.02)
    say(loaded=max(wiring.release.loaded))
    sys.stdin.readline()
    deadline = time.monotonic() + 20
    while any(len(asker.revisions) < 2 for asker in askers) and time.monotonic() < deadline:
        time.sleep(0.02)
    say(
        revisions=[asker.revisions for asker in askers],
        turns=sum(asker.turns for asker in askers),
        failed=[fault for asker in askers for fault in asker.failed][:3],
    )
    wiring.follower.stop()


if __name__ == "__main__":
    main()
