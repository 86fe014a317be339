"""The database goes away while a release is published: the old one serves on, and it is published after."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from hall.database import migrate
from hall.release_build import build
from hall.settings import read_settings
from hall.wiring import Wiring
from tests.knowledge.curation import Room, small
from tests.postgres import PostgresServer, find_programs


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that this test may stop: the suite's own is needed by others."""
    programs = find_programs()
    assert programs is not None
    server = PostgresServer.start(programs)
    yield server
    server.stop()


def ready_hall(url: str, folder: Path) -> tuple[Wiring, int]:
    """Return a hall that answers, and the number of a release that it has in memory."""
    wiring = Wiring(read_settings({"LINLI_FOLDER": str(folder), "LINLI_DATABASE_URL": url}))
    migrate(wiring.settings)
    room = Room(wiring.sessions, wiring.clock())
    room.library.import_guides([small("one", "老年卡"), small("two", "居住证")], "lin")
    revision_shown(wiring)
    room.approve("one", life_events=["退休"])
    number = room.releases.propose("wang", "")
    assert wiring.release_queue.claim_one(number, "builder")
    assert build(wiring, number, "builder") == 0
    wiring.follower.look()
    wiring.follower.load()
    return wiring, number


def revision_shown(wiring: Wiring) -> int:
    answering = wiring.release.answering()
    guide = answering.reply(answering.consider("老年卡")).guide
    assert guide is not None
    return guide.revision


def before_commit(engine: Engine, act: Callable[[], None]) -> None:
    """Have `act` done once, before the next commit of this thread."""
    thread = threading.get_ident()
    done: list[bool] = []

    def on_commit(_connection: object) -> None:
        if not done and threading.get_ident() == thread:
            done.append(True)
            act()

    event.listen(engine, "commit", on_commit)


def goes_on_after(wiring: Wiring, number: int, gone: Callable[[], None], back: Callable[[], None]) -> None:
    """Publish while the database goes, ask meanwhile, publish again when it is back."""
    before_commit(wiring.engine, gone)
    with pytest.raises(OperationalError):
        wiring.releases.publish(number, "li")
    for act in (wiring.follower.look, wiring.follower.load, wiring.follower.say):
        with pytest.raises(OperationalError):
            act()
    assert revision_shown(wiring) == 1
    back()
    wiring.follower.look()
    assert (wiring.library.release(), wiring.release.number, revision_shown(wiring)) == (1, 1, 1)
    wiring.follower.say()
    wiring.releases.publish(number, "li")
    wiring.follower.look()
    assert (wiring.library.release(), wiring.release.number, revision_shown(wiring)) == (2, 2, 2)
    wiring.engine.dispose()


@pytest.mark.postgres
def test_a_server_that_stops_in_the_middle_of_a_publish_leaves_the_old_release(
    own_postgres: PostgresServer, tmp_path: Path
) -> None:
    wiring, number = ready_hall(own_postgres.new_database(), tmp_path)
    goes_on_after(wiring, number, own_postgres.halt, own_postgres.resume)


def test_a_database_file_held_by_another_in_the_middle_of_a_publish_leaves_the_old_release(
    tmp_path: Path,
) -> None:
    file = tmp_path / "linli.db"
    wiring, number = ready_hall(f"sqlite:///{file}", tmp_path)
    impatient(wiring.engine)
    with held_by_another(file) as (take, give_back):
        take()
        with pytest.raises(OperationalError):
            wiring.releases.publish(number, "li")
        wiring.follower.look()
        assert (wiring.library.release(), revision_shown(wiring)) == (1, 1)
        give_back()
    wiring.releases.publish(number, "li")
    wiring.follower.look()
    assert (wiring.library.release(), revision_shown(wiring)) == (2, 2)
    wiring.engine.dispose()


def impatient(engine: Engine) -> None:
    """Give up on a locked file at once: the test need not wait the ten seconds."""
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))


@contextmanager
def held_by_another(file: Path) -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """Give what takes the file's write lock from another connection, and what gives it back."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        yield lambda: other.execute("BEGIN EXCLUSIVE"), lambda: other.execute("ROLLBACK")
