"""A day at a real hall: five residents at five doors, the desk, two departments, and then the figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.hall_day import (
    Day,
    by_chat,
    by_group,
    by_hotline,
    by_kiosk,
    by_window,
    open_day,
    say,
)
from tests.running_hall import RunningHall

pytestmark = [pytest.mark.browser, pytest.mark.rasa]

PHONE = {"width": 390, "height": 844}
# What the day adds to the figures, counted by hand: five are filed; the window's is declined and the
# group's is withdrawn, so three count. Those three are accepted at once. The chat's and the hotline's are
# resolved in time, the kiosk's is not done yet. Only the chat's is rated: the rating before it was opened
# again does not count.
BY_HAND = {
    "受理总数": 5,
    "不计入考核": 2,
    "重新办理": 1,
    "应响应数": 3,
    "按时响应数": 3,
    "未按时响应": 0,
    "计入考核": 3,
    "已办结数": 2,
    "未办结数": 1,
    "应办结数": 2,
    "按时办结数": 2,
    "未按时办结": 0,
    "已评价数": 1,
    "满意数": 1,
    "不满意数": 0,
}


@pytest.fixture
def day(visitor: Opener, running_hall: RunningHall) -> Iterator[Day]:
    """The hall on a working day."""
    day = open_day(running_hall, visitor)
    yield day
    day.wiring.engine.dispose()


def test_a_day_at_the_hall(day: Day, visitor: Opener, tmp_path: Path) -> None:
    before = day.figures()
    chat = visitor(day.hall, PHONE).open("/chat")
    clerk, url = day.pages["day-chen"], day.hall.url
    day.cases = {
        "chat": by_chat(chat),
        "kiosk": by_kiosk(visitor(day.hall).open()),
        "group": by_group(day.hall),
        "window": by_window(clerk, url),
        "hotline": by_hotline(clerk, url, tmp_path),
    }
    assert len(set(day.cases.values())) == 5

    # The clerk accepts what came in and gives the light to the department for the city.
    for door in ("chat", "kiosk", "hotline"):
        day.act("day-chen", door, "受理")
    day.act("day-chen", "window", "归档", note="这件事要由市里决定，请向市人社局反映。")
    day.act("day-chen", "chat", "派单", department="city")
    day.act("day-he", "chat", "开始办理")

    # Two departments are whistled for; one comes, the other does not, and that escalates.
    day.act("day-he", "chat", "吹哨", departments="city green", note="树枝压着灯线，要一起看")
    day.act("day-he", "chat", "报到", note="何到了现场，灯罩被树枝压破")
    day.let_the_whistle_run_out("chat")
    supervisor = day.pages["day-wu"]
    supervisor.goto(url + "/staff/deadlines")
    expect(supervisor.locator("main")).to_contain_text(day.cases["chat"])
    expect(supervisor.locator("main")).to_contain_text("绿化市容")
    supervisor.goto(f"{url}/staff/cases/{day.cases['chat']}")
    expect(supervisor.locator(".parts")).to_contain_text("没到")
    day.act("day-lin", "chat", "报到", note="林到了，树枝已经锯掉")
    expect(day.pages["day-lin"].locator(".parts")).to_contain_text("迟到")

    # It is resolved; the resident reads it in the chat that is still open, rates it, and has it opened again.
    day.act("day-he", "chat", "办结", note="灯罩已换，晚上会亮。")
    told = chat.locator(".message.reply", has_text="灯罩已换")
    expect(told).to_be_visible()
    told.locator(".choice", has_text="满意").nth(1).click()
    expect(chat.locator(".message.reply").last).to_contain_text("谢谢")
    say(chat, "还没修好", "哪里还没解决")
    say(chat, "晚上又不亮了", "已经重新办理")
    day.act("day-he", "chat", "开始办理")
    day.act("day-he", "chat", "办结", note="线路也换了。")
    again = chat.locator(".message.reply", has_text="线路也换了")
    again.locator(".choice", has_text="非常满意").first.click()
    expect(chat.locator(".message.reply").last).to_contain_text("谢谢")
    day.act("day-wu", "chat", "归档")

    # The hotline's is answered on the spot.
    day.act("day-chen", "hotline", "办结", note="树枝当天修剪。")

    after = day.figures()
    added = {name: after[name] - before[name] for name in BY_HAND}
    assert added == BY_HAND, added
    assert day.wiring.desk.verify() == []
