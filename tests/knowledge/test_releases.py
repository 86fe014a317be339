"""Releases: proposed, refused or ready, published in one commit, at a set time, rolled back, built anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge.release_info import NoSuchRelease, NothingToRelease, NotLoaded, NotNow, ReleaseError
from knowledge.release_queue import LEASE_SECONDS, MOST_ATTEMPTS, LeaseLost
from knowledge.release_tables import ReleaseKind, ReleaseState
from tests.knowledge.curation import NOON, REFUSED, Room, plain, small


@pytest.fixture(autouse=True)
def guides(room: Room) -> None:
    room.library.import_guides([small("one", "老年卡"), small("two", "居住证")], "lin")


def release(room: Room, **fields: object) -> int:
    """Change guide one, build the release and publish it."""
    room.approve("one", **fields)
    number = room.releases.propose("editor", "改动")
    room.build()
    room.releases.publish(number, "reviewer")
    return number


def test_an_import_is_a_release_that_is_current_at_once(room: Room) -> None:
    info = room.releases.current()
    assert info is not None
    assert (info.number, info.state, info.kind, info.made_by) == (1, "current", ReleaseKind.IMPORT, "lin")
    assert info.changes == (("one", None, 1), ("two", None, 1))
    assert room.shown() == {"one": 1, "two": 1}
    room.library.import_guides([small("one", "老年卡", popularity=1)], "lin", "少")
    assert [(one.number, one.state) for one in room.releases.list(10)] == [(2, "current"), (1, "past")]
    assert room.releases.get(2).changes == (("one", 1, 2),)


def test_a_shipped_guide_that_is_no_longer_shipped_leaves_the_release(room: Room) -> None:
    room.library.import_shipped([small("three"), small("four")])
    room.library.import_shipped([small("three")])
    assert room.shown() == {"one": 1, "two": 1, "three": 1}
    assert room.releases.get(3).changes == (("four", 1, None),)
    assert room.editorial.history("four")[0].state == "withdrawn"


def test_without_an_approved_change_there_is_nothing_to_release(room: Room) -> None:
    room.edit("one")
    with pytest.raises(NothingToRelease) as nothing:
        room.releases.propose("wang", "")
    assert nothing.value.text() == "没有已通过审核、等待发布的改动。"


def test_a_release_goes_from_the_queue_to_the_residents(room: Room) -> None:
    room.approve("one", life_events=["退休"])
    number = room.releases.propose("wang", "一月更新")
    queued = room.releases.get(number)
    assert (queued.state, queued.step, queued.progress, queued.base) == ("queued", "waiting", 0.0, 1)
    assert queued.changes == (("one", 1, 2),)
    assert room.shown() == {"one": 1, "two": 1}
    assert room.queue.claim("w1") == number
    room.queue.report(number, "w1", "learning", 0.5)
    assert room.releases.get(number).step_text() == "正在学习怎样判断问题"
    room.queue.finish(number, "w1", "b2", None)
    assert room.releases.get(number).state is ReleaseState.READY
    room.releases.publish(number, "li")
    live = room.releases.current()
    assert live is not None
    assert (live.number, live.published_by, live.becomes_current_at) == (number, "li", NOON)
    assert room.library.release() == number
    assert room.shown() == {"one": 2, "two": 1}
    assert room.releases.get(1).state is ReleaseState.PAST
    newest = room.editorial.history("one")[0]
    assert (newest.state, newest.released_in) == ("live", number)
    assert room.editorial.approved() == []


def test_nothing_else_than_a_ready_release_is_published(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    with pytest.raises(NotNow, match="queued"):
        room.releases.publish(number, "li")
    with pytest.raises(NoSuchRelease):
        room.releases.publish(99, "li")
    room.build()
    room.releases.publish(number, "li")
    with pytest.raises(NotNow):
        room.releases.publish(number, "li")


def test_a_refused_release_passes_only_with_an_administrator_s_reason(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    room.build(REFUSED)
    refused = room.releases.get(number)
    assert (refused.state, refused.gate) == ("refused", REFUSED)
    with pytest.raises(NotNow):
        room.releases.publish(number, "li")
    with pytest.raises(NotNow):
        room.releases.override(number, "admin", " ")
    room.releases.override(number, "admin", "题目已过时")
    passed = room.releases.get(number)
    assert passed.override is not None
    assert (passed.state, passed.override.who, passed.override.why) == ("ready", "admin", "题目已过时")
    room.releases.publish(number, "li")
    with pytest.raises(NotNow):
        room.releases.override(number, "admin", "noch")


def test_a_new_proposal_takes_the_place_of_the_one_before(room: Room) -> None:
    room.approve("one")
    first = room.releases.propose("wang", "")
    room.build()
    room.approve("two")
    second = room.releases.propose("wang", "")
    given_up = room.releases.get(first)
    assert given_up.error is not None
    assert (given_up.state, given_up.error.code) == ("failed", "superseded")
    assert [change[0] for change in room.releases.get(second).changes] == ["one", "two"]


def test_a_withdrawn_guide_is_gone_with_the_release_and_may_come_back(room: Room) -> None:
    revision = room.editorial.withdraw("one", "wang", "已停办")
    room.editorial.approve("one", revision, "li")
    number = room.releases.propose("wang", "")
    room.build()
    assert room.releases.get(number).changes == (("one", 1, None),)
    room.releases.publish(number, "li")
    assert room.shown() == {"two": 1}
    assert room.editorial.history("one")[0].state == "withdrawn"
    back = room.editorial.restore("one", 1, "wang", "恢复")
    room.editorial.approve("one", back, "li")
    again = room.releases.propose("wang", "")
    room.build()
    room.releases.publish(again, "li")
    assert room.shown() == {"one": 3, "two": 1}


def test_a_new_guide_is_seen_from_its_release_on(room: Room) -> None:
    draft = room.editorial.start_draft("three", plain("three", "图书证"), "wang")
    room.editorial.submit("three", draft.version, "wang", "")
    room.editorial.approve("three", 1, "li")
    number = room.releases.propose("wang", "")
    room.build()
    room.releases.publish(number, "li")
    assert room.shown() == {"one": 1, "two": 1, "three": 1}


def test_a_rollback_is_a_new_release_with_the_old_set(room: Room) -> None:
    second = release(room, life_events=["退休"])
    third = release(room, popularity=1)
    assert room.shown() == {"one": 3, "two": 1}
    back = room.releases.propose_rollback(second, "admin", "价格写错")
    assert room.releases.get(back).changes == (("one", 3, 2),)
    room.build()
    room.releases.publish(back, "admin")
    assert back == third + 1
    assert room.library.release() == back
    assert room.shown() == {"one": 2, "two": 1}
    states = {info.revision: str(info.state) for info in room.editorial.history("one")}
    assert states == {3: "past", 2: "live", 1: "past"}
    with pytest.raises(NothingToRelease):
        room.releases.propose("wang", "")  # what was rolled back does not come again by itself
    with pytest.raises(NothingToRelease):
        room.releases.propose_rollback(second, "admin", "")


def test_a_rollback_is_not_refused_but_says_what_it_loses(room: Room) -> None:
    release(room, life_events=["退休"])
    back = room.releases.propose_rollback(1, "admin", "")
    room.build(REFUSED)
    info = room.releases.get(back)
    assert (info.state, info.gate) == ("ready", REFUSED)


def test_only_what_residents_once_saw_can_be_gone_back_to(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    with pytest.raises(NotNow):
        room.releases.propose_rollback(number, "admin", "")


def test_a_scheduled_release_becomes_current_at_its_time(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    room.build()
    with pytest.raises(NotNow):
        room.releases.schedule(number, NOON, "li")
    room.releases.schedule(number, NOON + timedelta(hours=8), "li")
    assert room.releases.publish_due() is None
    room.wait(hours=8)
    assert room.releases.publish_due() == number
    assert room.releases.publish_due() is None
    live = room.releases.current()
    assert live is not None
    assert (live.number, live.published_by) == (number, "li")


def test_what_is_scheduled_is_not_in_a_release_before_its_time(room: Room) -> None:
    room.approve("one", life_events=["退休"])
    scheduled = room.releases.propose("wang", "")
    room.build()
    room.releases.schedule(scheduled, NOON + timedelta(hours=8), "li")
    with pytest.raises(NothingToRelease):
        room.releases.propose("wang", "")
    room.approve("two", popularity=1)
    urgent = room.releases.propose("wang", "")
    assert [change[0] for change in room.releases.get(urgent).changes] == ["two"]
    room.build()
    room.releases.publish(urgent, "li")
    room.build(build="again")
    room.wait(hours=9)
    assert room.releases.publish_due() == scheduled
    assert room.shown() == {"one": 2, "two": 2}


def test_a_release_published_in_between_has_the_scheduled_one_built_again_on_top(room: Room) -> None:
    room.approve("two", life_events=["来沪"])
    scheduled = room.releases.propose("wang", "")
    room.build()
    room.releases.schedule(scheduled, NOON + timedelta(hours=8), "li")
    room.library.import_guides([small("one", "老年卡", popularity=1)], "cli")
    info = room.releases.get(scheduled)
    assert (info.state, info.base, info.changes) == ("queued", 3, (("two", 1, 2),))
    room.build(build="again")
    room.wait(hours=9)
    assert room.releases.publish_due() == scheduled
    assert room.shown() == {"one": 2, "two": 2}


def test_a_release_that_changes_nothing_any_more_has_failed(room: Room) -> None:
    room.approve("one", life_events=["退休"])
    number = room.releases.propose("wang", "")
    room.build()
    room.library.import_guides([small("one", "老年卡", popularity=1)], "cli")
    info = room.releases.get(number)
    assert info.error is not None
    assert (info.state, info.error.code) == ("failed", "overtaken")
    assert "第 3 次发布" in info.error.text()
    assert room.editorial.approved() == []


def test_a_pending_rollback_still_leads_back_after_another_release(room: Room) -> None:
    release(room, life_events=["退休"])
    back = room.releases.propose_rollback(1, "admin", "")
    room.build()
    room.library.import_guides([small("two", "居住证", popularity=1)], "cli")
    room.build(build="again")
    room.releases.publish(back, "admin")
    assert room.shown() == {"one": 1, "two": 1}


def test_a_revision_due_later_is_not_in_a_release_before(room: Room) -> None:
    revision = room.edit("one")
    room.editorial.approve("one", revision, "li", date(2026, 2, 2))
    with pytest.raises(NothingToRelease):
        room.releases.propose("wang", "")
    number = room.releases.propose("wang", "二月", due_by=date(2026, 2, 2))
    room.build()
    with pytest.raises(NotNow, match="2026-02-02"):
        room.releases.publish(number, "li")
    with pytest.raises(NotNow):
        room.releases.schedule(number, NOON + timedelta(hours=1), "li")
    room.wait(days=2)
    room.releases.publish(number, "li")
    assert room.shown()["one"] == revision


def test_a_release_is_called_off_and_its_changes_stay_approved(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    room.releases.cancel(number, "li")
    info = room.releases.get(number)
    assert info.error is not None
    assert info.error.text() == "已由li取消。改动仍保留，可以再次准备发布。"
    assert len(room.editorial.approved()) == 1
    with pytest.raises(ReleaseError):
        room.releases.cancel(number, "li")
    with pytest.raises(ReleaseError):
        room.releases.cancel(1, "li")


def test_publishing_waits_until_every_live_worker_has_loaded(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    room.build()
    build = room.releases.get(number).build or ""
    room.presence.say("w1", {number: build})
    room.presence.say("w2", {number: "another build"})
    with pytest.raises(NotLoaded) as waits:
        room.releases.publish(number, "li")
    assert waits.value.text() == f"还有 1 个服务进程没有载入第 {number} 次发布，请过几秒再试。"
    room.presence.say("w2", {number: build})
    room.releases.publish(number, "li")


def test_a_worker_that_died_or_left_is_not_waited_for(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    room.build()
    room.presence.say("dead", {})
    room.presence.say("gone", {})
    room.presence.leave("gone")
    with pytest.raises(NotLoaded):
        room.releases.publish(number, "li")
    room.wait(seconds=7)
    room.releases.publish(number, "li")


def test_a_builder_that_died_leaves_its_release_to_another(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    assert room.queue.claim("w1") == number
    assert room.queue.claim("w2") is None
    room.wait(seconds=LEASE_SECONDS + 1)
    assert room.queue.claim("w2") == number
    with pytest.raises(LeaseLost):
        room.queue.renew(number, "w1")
    room.queue.renew(number, "w2")
    room.queue.hand_back(number, "w2", is_tired=True)
    assert room.releases.get(number).state is ReleaseState.QUEUED


def test_a_build_that_always_ends_early_fails_at_last_and_says_so(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    for _ in range(MOST_ATTEMPTS):
        assert room.queue.claim("w1") == number
        room.queue.hand_back(number, "w1")
    info = room.releases.get(number)
    assert info.error is not None
    assert (info.state, info.error.code) == ("failed", "died")
    assert "3 次" in info.error.text()
    assert room.queue.claim("w1") is None


def test_a_release_called_off_is_no_longer_the_builder_s(room: Room) -> None:
    room.approve("one")
    number = room.releases.propose("wang", "")
    room.queue.claim("w1")
    room.releases.cancel(number, "li")
    with pytest.raises(LeaseLost):
        room.queue.finish(number, "w1", "b", None)
    assert room.releases.get(number).state is ReleaseState.FAILED


def test_the_newest_approved_revision_of_a_guide_is_released(room: Room) -> None:
    room.approve("one", life_events=["退休"])
    second = room.approve("one", popularity=1)
    number = room.releases.propose("wang", "")
    assert room.releases.get(number).changes == (("one", 1, second),)
    assert [info.revision for info in room.editorial.approved()] == [second]


def test_what_is_under_way_is_told_apart_from_what_is_over(room: Room) -> None:
    assert room.releases.under_way() == []
    room.approve("one")
    number = room.releases.propose("wang", "")
    assert [(one.number, one.changes) for one in room.releases.under_way()] == [(number, (("one", 1, 2),))]
    room.build()
    room.releases.publish(number, "wang")
    assert room.releases.under_way() == []
