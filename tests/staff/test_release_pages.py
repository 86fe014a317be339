"""The release pages: what waits, preparing, the gold set's word, publishing now and later, going back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hall.database import open_sessions
from knowledge.gold import GateReport, GoldChange, GoldRecord
from knowledge.release_tables import ReleaseState
from staff.roles import Role
from tests.knowledge.curation import Room, small
from tests.staff.served import Browser, ServedConsole

LOST = GoldChange("老人坐车怎么优惠", "one", "two", "one", "answer", "answer")
WON = GoldChange("居住证怎么续", "two", "two", None, "answer", "decline")
ASIDE = GoldRecord("撤下的怎么办", "three")
PASSED = GateReport(True, 40, 38.5, 38.0, 0.0, won=(WON,))
REFUSED = GateReport(False, 40, 37.0, 38.0, 0.0, (LOST,), (WON,), (ASIDE,))


@pytest.fixture
def room(served: ServedConsole) -> Room:
    room = Room(open_sessions(served.engine), served.clock.now)
    room.library.import_guides([small("one", "老年综合津贴"), small("two", "居住证签注")], "lin")
    return room


@pytest.fixture
def reviewer(served: ServedConsole) -> Browser:
    return served.signed_in("wang", Role.REVIEWER)


def prepared(room: Room, reviewer: Browser) -> int:
    room.approve("one", life_events=["退休"])
    reviewer.get("/staff/releases")
    answer = reviewer.post("/staff/releases/prepare", {"note": "一月更新"})
    assert answer.status_code == 303
    return int(answer.headers["location"].rsplit("/", 1)[1])


def test_the_list_shows_what_residents_see_and_what_waits(room: Room, reviewer: Browser) -> None:
    assert "没有等待发布的改动" in reviewer.get("/staff/releases").text
    room.approve("one", life_events=["退休"])
    page = reviewer.get("/staff/releases").text
    assert "正在对外：" in page
    assert "第 1 次发布" in page
    assert "等待发布（1）" in page
    assert "老年综合津贴" in page
    assert "准备发布" in page


def test_nothing_to_prepare_is_said_on_the_list(room: Room, reviewer: Browser) -> None:
    reviewer.get("/staff/releases")
    assert reviewer.post("/staff/releases/prepare").headers["location"] == "/staff/releases"
    assert "没有已通过审核、等待发布的改动" in reviewer.get("/staff/releases").text


def test_progress_is_said_until_the_release_is_made(room: Room, reviewer: Browser) -> None:
    number = prepared(room, reviewer)
    page = reviewer.get(f"/staff/releases/{number}").text
    assert f'hx-get="/staff/releases/{number}/progress"' in page
    assert "等待准备" in page
    room.queue.claim("w")
    room.queue.report(number, "w", "learning", 0.42)
    told = reviewer.get(f"/staff/releases/{number}/progress")
    assert "正在学习怎样判断问题" in told.text
    assert "42%" in told.text
    assert "hx-refresh" not in told.headers
    room.queue.finish(number, "w", "b2", PASSED)
    assert reviewer.get(f"/staff/releases/{number}/progress").headers["hx-refresh"] == "true"


def test_asking_for_progress_does_not_keep_the_session_alive(
    room: Room, reviewer: Browser, served: ServedConsole
) -> None:
    number = prepared(room, reviewer)
    for _ in range(30):
        served.clock.turn(minutes=30)
        if reviewer.get(f"/staff/releases/{number}/progress").status_code != 200:
            return
    raise AssertionError("a screen left open overnight stayed signed in")


def test_a_release_that_passed_is_published_at_once(room: Room, reviewer: Browser) -> None:
    number = prepared(room, reviewer)
    room.build(PASSED)
    page = reviewer.get(f"/staff/releases/{number}").text
    assert "问了 40 个标准问题" in page
    assert "可以发布了" in page
    assert reviewer.post(f"/staff/releases/{number}/publish").status_code == 303
    assert room.releases.get(number).state is ReleaseState.CURRENT
    page = reviewer.get("/staff/releases").text
    assert f'正在对外：<a href="/staff/releases/{number}">' in page
    assert "一月更新" in page


def test_a_refused_release_shows_every_lost_question_and_the_ways_on(
    room: Room, reviewer: Browser, served: ServedConsole
) -> None:
    number = prepared(room, reviewer)
    room.build(REFUSED)
    page = reviewer.get(f"/staff/releases/{number}").text
    for words in (
        "没有通过",
        LOST.text,
        "老年综合津贴",
        "居住证签注",
        "变好的问题（1）",
        ASIDE.text,
        "少了 1 分",
    ):
        assert words in page
    assert "/staff/guides/one" in page
    assert "/staff/gold?q=" in page
    assert 'name="reason"' not in page
    assert reviewer.post(f"/staff/releases/{number}/override", {"reason": "x"}).status_code == 403
    admin = served.signed_in("zhang", Role.ADMIN)
    admin.get(f"/staff/releases/{number}")
    refused = admin.post(f"/staff/releases/{number}/override", {"reason": "  "})
    assert refused.status_code == 422
    assert "请写明理由" in refused.text
    assert admin.post(f"/staff/releases/{number}/override", {"reason": "旧问题已停办"}).status_code == 303
    info = room.releases.get(number)
    assert info.state is ReleaseState.READY
    assert info.override is not None
    assert (info.override.who, info.override.why) == ("zhang", "旧问题已停办")
    assert "旧问题已停办" in reviewer.get("/staff/releases").text


def test_a_release_is_set_for_a_time_of_the_halls_clock(
    room: Room, reviewer: Browser, served: ServedConsole
) -> None:
    number = prepared(room, reviewer)
    room.build(PASSED)
    reviewer.get(f"/staff/releases/{number}")
    for typed in ("", "soon", "0001-01-01T00:00", "9999-12-31T23:59", "2020-01-01T08:00"):
        answer = reviewer.post(f"/staff/releases/{number}/schedule", {"at": typed})
        assert answer.status_code == 422, typed
    at = (served.clock.now + timedelta(hours=10)).astimezone(served.means.zone)
    reviewer.post(f"/staff/releases/{number}/schedule", {"at": f"{at:%Y-%m-%dT%H:%M}"})
    info = room.releases.get(number)
    assert info.state is ReleaseState.SCHEDULED
    assert info.becomes_current_at == at
    assert f"将在 {at:%Y-%m-%d %H:%M} 自动对外" in reviewer.get(f"/staff/releases/{number}").text


def test_a_release_is_called_off_and_its_changes_still_wait(room: Room, reviewer: Browser) -> None:
    number = prepared(room, reviewer)
    reviewer.get(f"/staff/releases/{number}")
    reviewer.post(f"/staff/releases/{number}/cancel")
    assert room.releases.get(number).state is ReleaseState.FAILED
    page = reviewer.get("/staff/releases").text
    assert "已由wang取消" in page
    assert "等待发布（1）" in page
    again = reviewer.post(f"/staff/releases/{number}/cancel")
    assert again.status_code == 422
    assert "不能取消" in again.text


def test_an_old_release_comes_back_as_a_new_one_with_a_reason(room: Room, reviewer: Browser) -> None:
    number = prepared(room, reviewer)
    room.build(PASSED)
    room.releases.publish(number, "wang")
    reviewer.get("/staff/releases/1")
    assert reviewer.post("/staff/releases/1/roll-back", {"note": ""}).status_code == 422
    answer = reviewer.post("/staff/releases/1/roll-back", {"note": "津贴写错了"})
    made = int(answer.headers["location"].rsplit("/", 1)[1])
    assert room.releases.get(made).goes_back_to == 1
    room.build(None)
    reviewer.post(f"/staff/releases/{made}/publish")
    assert room.shown() == {"one": 1, "two": 1}
    same = reviewer.post("/staff/releases/1/roll-back", {"note": "再来"})
    assert same.status_code == 422
    assert "与现在对外的内容相同" in same.text


def test_processes_that_have_not_loaded_a_release_are_shown(room: Room, reviewer: Browser) -> None:
    number = prepared(room, reviewer)
    room.build(PASSED, "b")
    room.presence.say("hall-1", {number: f"b{number}"})
    room.presence.say("hall-2", {1: "old"})
    told = reviewer.get(f"/staff/releases/{number}/processes").text
    assert told.count("已载入") == 1
    assert told.count("还没载入") == 1
    reviewer.get(f"/staff/releases/{number}")
    refused = reviewer.post(f"/staff/releases/{number}/publish")
    assert refused.status_code == 422
    assert "还有 1 个服务进程没有载入" in refused.text


def test_a_release_that_is_not_there_is_said_to_be_missing(room: Room, reviewer: Browser) -> None:
    for number in ("77", "0", "9" * 40):
        assert reviewer.get(f"/staff/releases/{number}").status_code == 404
        assert reviewer.post(f"/staff/releases/{number}/publish").status_code == 404


def test_an_editor_sees_releases_and_cannot_prepare_one(room: Room, served: ServedConsole) -> None:
    editor = served.signed_in("li", Role.EDITOR)
    room.approve("one", life_events=["退休"])
    page = editor.get("/staff/releases").text
    assert "由审核、主管或管理员准备发布" in page
    assert 'action="/staff/releases/prepare"' not in page


def test_a_screen_whose_session_has_ended_leaves_as_a_whole(room: Room, served: ServedConsole) -> None:
    number = prepared(room, served.signed_in("wang", Role.REVIEWER))
    left = {"HX-Request": "true", "HX-Current-URL": f"{served.url}/staff/releases/{number}?a=b"}
    answer = served.browser(**left).get(f"/staff/releases/{number}/progress")
    assert answer.text == ""
    assert answer.headers["hx-redirect"] == f"/staff/sign-in?next=/staff/releases/{number}%3Fa%3Db"
