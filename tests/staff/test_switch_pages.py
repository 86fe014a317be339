"""The emergency switches' page, and the banner that every page of the console wears while one stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hall.database import open_sessions
from knowledge.switches import Scope
from staff.roles import Role
from tests.knowledge.curation import Room, small
from tests.staff.served import Browser, ServedConsole

WORDS = {"text_zh": "系统维护，请拨 12345", "text_en": "Under repair", "span": "120"}


@pytest.fixture
def supervisor(served: ServedConsole) -> Browser:
    room = Room(open_sessions(served.engine), served.clock.now)
    room.library.import_guides([small("one", "老年综合津贴")], "lin")
    supervisor = served.signed_in("sun", Role.SUPERVISOR)
    supervisor.get("/staff/switches")
    return supervisor


def test_a_guide_gives_way_to_a_text_for_a_while(supervisor: Browser, served: ServedConsole) -> None:
    answer = supervisor.post("/staff/switches/set", {**WORDS, "scope": "guide", "guide": "老年综合津贴"})
    assert answer.status_code == 303
    switch = served.means.switches.standing().of_guide("one")
    assert switch is not None
    assert (switch.text_zh, switch.text_en, switch.set_by) == ("系统维护，请拨 12345", "Under repair", "sun")
    assert switch.until == served.clock.now + timedelta(hours=2)
    assert "系统维护，请拨 12345" in supervisor.get("/staff/switches").text


def test_what_is_off_stands_on_every_page_until_it_ends(supervisor: Browser, served: ServedConsole) -> None:
    assert "已关停" not in supervisor.get("/staff").text
    supervisor.post("/staff/switches/set", {**WORDS, "scope": "door", "door": "kiosk"})
    supervisor.get("/staff/switches")
    supervisor.post("/staff/switches/set", {**WORDS, "scope": "guide", "guide": "one", "span": "open"})
    for path in ("", "/releases", "/gold", "/me"):
        page = served.signed_in("hu", Role.VIEWER).get("/staff" + path).text
        assert "已关停 入口：触摸屏" in page
        assert "已关停 指南：老年综合津贴" in page
    served.clock.turn(hours=3)
    page = served.signed_in("hu").get("/staff").text
    assert "触摸屏" not in page
    assert "直到手动恢复" in page
    assert "已经到时间自动恢复的（1）" in served.signed_in("hu").get("/staff/switches").text


def test_the_whole_assistant_is_switched_off_and_on(supervisor: Browser, served: ServedConsole) -> None:
    supervisor.post("/staff/switches/set", {**WORDS, "scope": "assistant", "span": "day"})
    switch = served.means.switches.standing().at_door("chat")
    assert switch is not None
    assert switch.until is not None
    assert switch.until.astimezone(served.means.zone).strftime("%d %H:%M") == "22 00:00"
    supervisor.get("/staff/switches")
    assert supervisor.post("/staff/switches/clear", {"scope": "assistant"}).status_code == 303
    assert served.means.switches.standing().at_door("chat") is None
    assert "已恢复" in supervisor.get("/staff/switches").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scope": ""}, "请选要关停什么"),
        ({"scope": "door", "door": "back"}, "请选一个入口"),
        ({"scope": "guide", "guide": "没有"}, "没有叫这个名字的指南"),
        ({"scope": "assistant", "text_zh": " "}, "请写居民会看到的文字"),
        ({"scope": "assistant", "text_zh": "<b>停</b>"}, "只写普通文字"),
        ({"scope": "assistant", "text_zh": "停" * 501}, "最多 500 个字"),
        ({"scope": "assistant", "span": "until", "until": ""}, "请选日期和时间"),
        ({"scope": "assistant", "span": "until", "until": "0001-01-01T00:00"}, "请选日期和时间"),
        ({"scope": "assistant", "span": "until", "until": "2020-01-01T00:00"}, "这个时间已经过了"),
    ],
)
def test_a_form_that_is_wrong_switches_nothing_off(
    supervisor: Browser, served: ServedConsole, fields: dict[str, str], words: str
) -> None:
    answer = supervisor.post("/staff/switches/set", {**WORDS, **fields})
    assert answer.status_code == 422
    assert words in answer.text
    assert served.means.switches.standing().switches == ()


def test_a_switch_ends_at_a_typed_time_of_the_halls_clock(supervisor: Browser, served: ServedConsole) -> None:
    fields = {**WORDS, "scope": "assistant", "span": "until", "until": "2026-11-22T08:30"}
    assert supervisor.post("/staff/switches/set", fields).status_code == 303
    switch = served.means.switches.standing().at_door("chat")
    assert switch is not None
    assert switch.until == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)


def test_an_editor_sees_switches_and_cannot_set_them(served: ServedConsole) -> None:
    served.means.switches.set(Scope.ASSISTANT, "", "停一会", "", None, "sun")
    page = served.signed_in("li", Role.EDITOR).get("/staff/switches").text
    assert "停一会" in page
    assert "/staff/switches/set" not in page
    assert "/staff/switches/clear" not in page


def test_the_form_comes_filled_in_from_a_guides_page(supervisor: Browser) -> None:
    page = supervisor.get("/staff/switches?guide=one").text
    assert 'value="老年综合津贴"' in page


def test_pages_are_shown_before_the_switches_could_be_read(served: ServedConsole) -> None:
    viewer = served.signed_in("hu", Role.VIEWER)
    served.means.switches._read = None
    with served.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE kill_switch RENAME TO hidden")
    assert viewer.get("/staff/me").status_code == 200
