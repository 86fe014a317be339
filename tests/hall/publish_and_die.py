"""`python -m tests.hall.publish_and_die URL FOLDER KILLS`: publish in child processes killed at any point.

Each child goes to and fro between two built releases by the code that publishes. Every other one is killed
at a certain point, each at another: before or after an SQL statement, before or after a commit; the others
after a random time. After each kill the parent looks whether what is left is one whole release. Prints what
it saw as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, event, func, select

from hall.built_releases import BuiltReleases
from hall.database import migrate, open_engine, open_sessions
from hall.release_build import build
from hall.settings import Settings, read_settings
from hall.wiring import Wiring
from knowledge.release_builds import BuildStore
from knowledge.release_tables import ReleaseRow, ReleaseState
from language.moments import utc_now
from tests.knowledge.curation import Room, small

# Old content and new: a kill in the second half leaves the first publishing done.
TIMES = 2


def make_two_releases(settings: Settings) -> dict[int, str]:
    """Make a hall whose releases 2 and 3 are built; return the build by the revision of guide one."""
    migrate(settings)
    wiring = Wiring(settings)
    room = Room(wiring.sessions, wiring.clock())
    room.library.import_guides([small("one", "老年卡"), small("two", "居住证")], "lin")
    builds: dict[int, str] = {}
    for event_of_life in ("退休", "养老"):
        revision = room.approve("one", life_events=[event_of_life])
        number = room.releases.propose("wang", "")
        assert wiring.release_queue.claim_one(number, "builder")
        assert build(wiring, number, "builder") == 0
        room.releases.publish(number, "li")
        builds[revision] = room.releases.get(number).build or ""
    wiring.engine.dispose()
    return builds


def publish_other(room: Room, builds: dict[int, str]) -> None:
    """Go back from release 3's content to release 2's, or the reverse."""
    other = {2: 3, 3: 2}[room.shown()["one"]]
    number = room.releases.propose_rollback(other, "admin", "")
    if not room.queue.claim_one(number, "builder"):
        raise AssertionError("somebody else builds")
    room.queue.report(number, "builder", "storing", 0.9)
    room.queue.finish(number, "builder", builds[other], None)
    room.releases.publish(number, "admin")


class Hall:
    """The hall's database, opened anew by each process."""

    def __init__(self, settings: Settings, builds: dict[int, str]) -> None:
        self._settings = settings
        self._builds = builds
        self._sealer = Wiring(settings).sealer

    def publish(self, ready: Callable[[Engine], None] = lambda engine: None) -> None:
        """Publish a few times."""
        engine = open_engine(self._settings.database_url)
        ready(engine)
        room = Room(open_sessions(engine), utc_now())
        for _ in range(TIMES):
            publish_other(room, self._builds)
        engine.dispose()

    def look(self) -> int:
        """Return the number of what is live; fails where anything does not belong together."""
        engine = open_engine(self._settings.database_url)
        room = Room(open_sessions(engine), utc_now())
        shown = room.shown()  # pointer, set and guides agree
        number = room.library.release()
        with room.sessions() as session:
            state = ReleaseRow.state == ReleaseState.CURRENT
            current = session.scalars(select(ReleaseRow).where(state)).all()
        assert [row.number for row in current] == [number]
        name = current[0].build
        assert name == self._builds[shown["one"]]
        built = BuiltReleases(BuildStore(room.sessions, room.clock, self._sealer)).read(name)
        assert built is not None
        assert {guide.id: revision for guide, revision in built.published} == shown
        assert built.matcher.rank("老年卡")[0].guide_id == "one"
        engine.dispose()
        return number

    def states(self) -> dict[str, int]:
        """Return how many releases are in each state."""
        engine = open_engine(self._settings.database_url)
        with open_sessions(engine)() as session:
            counted = select(ReleaseRow.state, func.count()).group_by(ReleaseRow.state)
            return dict(session.execute(counted).all())


def in_child(act: Callable[[], None], kill_after: float | None = None) -> bool:
    """Run `act` in a child process, killed after some seconds; say whether it came to its end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "a child failed by itself"
    return os.WIFEXITED(status)


def at_each_point(act: Callable[[], None]) -> Callable[[Engine], None]:
    """Return what has `act` called before and after each statement and before each commit and rollback."""

    def ready(engine: Engine) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit", "rollback"):
            event.listen(engine, name, lambda *arguments, **more: act())

    return ready


def die_at(step: int) -> Callable[[], None]:
    """Return what kills this process when it is called for the step-th time."""
    passed = 0

    def point() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return point


def how_long(act: Callable[[], None]) -> float:
    """Return the seconds that it takes."""
    started = time.monotonic()
    act()
    return time.monotonic() - started


def main() -> None:
    """Kill, look, and print what was seen."""
    url, folder, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    settings = read_settings({"LINLI_DATABASE_URL": url, "LINLI_FOLDER": str(folder)})
    hall = Hall(settings, make_two_releases(settings))
    passed: list[int] = []
    hall.publish(at_each_point(lambda: passed.append(1)))
    seconds = min(how_long(hall.publish) for _ in range(3))
    chance = random.Random(4)
    seen: Counter[str] = Counter()
    before = hall.look()
    for kill in range(kills):
        if kill % 2:
            ended = in_child(hall.publish, chance.uniform(0, seconds))
        else:
            point = die_at(1 + kill * len(passed) // kills)
            ended = in_child(lambda point=point: hall.publish(at_each_point(point)))  # type: ignore[misc]
        after = hall.look()
        seen["ended" if ended else "killed"] += 1
        seen["old" if after == before else "new"] += 1
        before = after
    report = {"points": len(passed), "seconds": seconds, **seen, "states": hall.states()}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
