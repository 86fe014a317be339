"""A release is built once, kept signed in the database, read by every process, swapped to at its commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from hall.current_release import learn_release
from hall.database import migrate
from hall.release_build import build
from hall.settings import Settings, read_settings
from hall.wiring import Wiring
from knowledge.library import Library, Published
from knowledge.release_builds import KEPT
from knowledge.release_presence import Held
from knowledge.release_tables import BuildChunkRow, BuildRow, ReleaseState
from tests.knowledge.curation import Room, small


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return read_settings({"LINLI_FOLDER": str(tmp_path), "LINLI_DATABASE_URL": database_url})


@pytest.fixture
def room(settings: Settings) -> Iterator[Room]:
    """A hall's database with two guides in it."""
    migrate(settings)
    wiring = Wiring(settings)
    opened = Room(wiring.sessions)
    opened.library.import_guides([small("one", "老年卡"), small("two", "居住证")], "lin")
    yield opened
    wiring.engine.dispose()


@pytest.fixture
def wiring(settings: Settings, room: Room) -> Iterator[Wiring]:
    """One process of that hall."""
    made = Wiring(settings, room.clock)
    yield made
    made.engine.dispose()


def another(wiring: Wiring) -> Wiring:
    """Another process of the same hall, over the same connections."""
    made = Wiring(wiring.settings, wiring.clock)
    made.__dict__["engine"] = wiring.engine
    return made


def make_release(room: Room, wiring: Wiring, **fields: object) -> int:
    """Have a change of guide one approved, and the release built as the child process does."""
    room.approve("one", **fields)
    number = room.releases.propose("wang", "")
    assert build_next(wiring) == number
    return number


def build_next(wiring: Wiring) -> int:
    number = wiring.release_queue.claim("builder")
    assert number is not None
    assert build(wiring, number, "builder") == 0
    return number


def revision_shown(wiring: Wiring) -> int:
    ref = wiring.release.answering().answer_guide("one").guide
    assert ref is not None
    return ref.revision


def test_a_built_release_is_ready_and_says_what_the_gold_set_said(room: Room, wiring: Wiring) -> None:
    wiring.gold.add("老年卡怎么办", "one", "lin")
    number = make_release(room, wiring, aliases=["敬老卡"])
    info = room.releases.get(number)
    assert (info.state, info.progress, info.step) == ("ready", 1.0, "done")
    assert info.gate is not None
    assert (info.gate.asked, info.gate.passed) == (1, True)


def test_a_release_that_forgets_a_gold_question_is_refused(room: Room, wiring: Wiring) -> None:
    wiring.gold.add("敬老卡", "one", "lin")
    first = make_release(room, wiring, aliases=["敬老卡"])
    room.releases.publish(first, "li")
    worse = make_release(room, wiring, aliases=[])
    info = room.releases.get(worse)
    assert info.gate is not None
    assert info.state is ReleaseState.REFUSED
    assert [lost.text for lost in info.gate.lost] == ["敬老卡"]


def test_two_guides_with_one_wording_are_named_as_the_reason(room: Room, wiring: Wiring) -> None:
    room.approve("one", aliases=["通用卡"])
    room.approve("two", aliases=["通用卡"])
    number = room.releases.propose("wang", "")
    assert build_next(wiring) == number
    info = room.releases.get(number)
    assert info.error is not None
    assert (info.state, info.error.code) == ("failed", "guides_clash")
    assert "通用卡" in info.error.text()


def test_a_process_reads_the_stored_build_and_swaps_to_it_at_the_commit(room: Room, wiring: Wiring) -> None:
    other = another(wiring)
    assert revision_shown(other) == 1
    number = make_release(room, wiring, life_events=["退休"])
    follower = other.follower
    follower.look()
    follower.load()
    assert revision_shown(other) == 1
    assert other.release.loaded == {number: room.releases.get(number).build}
    room.releases.publish(number, "li")
    follower.look()
    assert revision_shown(other) == 2
    assert other.release.number == number


def test_publishing_waits_for_a_process_that_has_not_loaded(room: Room, wiring: Wiring) -> None:
    follower = another(wiring).follower
    follower.say()
    number = make_release(room, wiring)
    with pytest.raises(Exception, match="not loaded"):
        room.releases.publish(number, "li")
    follower.look()
    follower.load()
    room.releases.publish(number, "li")


def test_a_release_called_off_leaves_the_memory(room: Room, wiring: Wiring) -> None:
    number = make_release(room, wiring)
    follower = another(wiring).follower
    follower.look()
    follower.load()
    room.releases.cancel(number, "li")
    follower.look()
    follower.load()
    follower.say()
    assert follower._release.loaded == {}


def test_a_rollback_takes_the_stored_build_of_the_old_release(room: Room, wiring: Wiring) -> None:
    first = make_release(room, wiring, life_events=["退休"])
    room.releases.publish(first, "li")
    second = make_release(room, wiring, popularity=1)
    room.releases.publish(second, "li")
    back = room.releases.propose_rollback(first, "li", "")
    build_next(wiring)
    assert room.releases.get(back).build == room.releases.get(first).build
    assert room.releases.get(back).build != room.releases.get(second).build
    room.releases.publish(back, "li")
    assert another(wiring).release.answering().answer_guide("one").guide is not None
    assert revision_shown(another(wiring)) == 2


@pytest.mark.parametrize("table", [BuildRow, BuildChunkRow])
def test_a_build_that_somebody_altered_is_not_read(
    room: Room, wiring: Wiring, table: type[BuildRow | BuildChunkRow]
) -> None:
    number = make_release(room, wiring)
    name = room.releases.get(number).build or ""
    assert wiring.builds.read(name) is not None
    altered = {"signature": "00:00"} if table is BuildRow else {"body": b"cos\nsystem\n(S'exit'\ntR."}
    with room.sessions.begin() as session:
        session.execute(update(table).values(**altered))
    assert wiring.builds.read(name) is None
    room.releases.publish(number, "li")
    assert revision_shown(another(wiring)) == 2, "each process builds it for itself then"


def test_a_build_by_other_code_is_not_read(room: Room, wiring: Wiring) -> None:
    name = room.releases.get(make_release(room, wiring)).build or ""
    assert wiring.builds.read("0" * 16 + name[16:]) is None


def test_half_a_build_counts_as_none_and_is_written_over(room: Room, wiring: Wiring) -> None:
    def dies() -> Iterator[bytes]:
        yield bytes(5_000_000)
        raise KeyboardInterrupt

    store = wiring.builds._store
    with pytest.raises(KeyboardInterrupt):
        store.write("half", dies())
    assert not store.has("half")
    assert store.read("half") is None
    store.write("half", [b"a" * 3_000_000, b"b"])
    assert store.read("half") == b"a" * 3_000_000 + b"b"


def test_the_last_builds_are_kept(room: Room, wiring: Wiring) -> None:
    for step in range(KEPT + 3):
        number = make_release(room, wiring, popularity=step)
        room.releases.publish(number, "li")
    store = wiring.builds._store
    store.write("left by a dead builder", [b"a"])
    store.prune()
    assert "left by a dead builder" in store.names(), "it may be on its way"
    room.wait(hours=2)
    store.prune()
    kept = {info.build for info in room.releases.list(KEPT)}
    assert set(store.names()) == kept


def test_an_import_is_built_by_each_process_and_takes_its_numbers_over(room: Room, wiring: Wiring) -> None:
    follower = wiring.follower
    room.library.import_guides([small("three", "图书证")], "cli")
    follower.look()
    follower.load()
    assert wiring.release.number == 2
    assert [guide.id for guide in wiring.release.guides] == ["one", "three", "two"]
    assert not wiring.release.refresh()
    learn_release(room.library)
    assert wiring.release.refresh()


class SlowLibrary(Library):
    """A library in which something happens while the guides of a release are read."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def release_guides(self, number: int) -> list[Published]:
        guides = super().release_guides(number)
        self.meanwhile()
        return guides


def test_a_release_that_was_slow_to_build_does_not_replace_one_published_meanwhile(
    room: Room, wiring: Wiring
) -> None:
    other = another(wiring)
    slow = SlowLibrary(room.sessions, room.clock)
    other.__dict__["library"] = slow
    number = make_release(room, wiring)
    assert other.release.number == 1
    room.library.import_guides([small("three", "图书证")], "cli")
    build_next(wiring)
    other.release.load(Held(number, room.releases.get(number).build))

    def publish() -> None:
        slow.meanwhile = lambda: None
        room.releases.publish(number, "li")
        other.follower.look()

    slow.meanwhile = publish
    assert not other.release.refresh()
    assert other.release.number == number


def test_a_hall_without_guides_holds_release_0(settings: Settings) -> None:
    migrate(settings)
    empty = Wiring(settings)
    assert empty.release.number == 0
    assert empty.release_watch.look().current == Held(0, None)
    empty.engine.dispose()
