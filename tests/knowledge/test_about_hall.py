"""The hall answers on its days, closures and the way to it, and says what its profile does not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from knowledge.about_hall import hall_reply
from knowledge.answering import TEXTS, Answering
from knowledge.hall_profile import Closure, HallProfile
from knowledge.hall_profile_file import load_profile
from knowledge.wording import Setting
from language.reply import Reply
from language.texts import Texts
from tests.knowledge.shipped import matcher

# A Wednesday, 10:00 in Shanghai.
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def hall() -> HallProfile:
    return load_profile()


def ask(hall: HallProfile, about: str) -> Reply:
    setting = Setting(Texts(TEXTS), "zh", NOW.date(), phone="12345", hours_today="")
    return hall_reply(hall, about, setting, NOW)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("hours:5", "周六（6月13日）"),
        ("hours:next5", "周六（6月20日）"),
        ("hours:next0", "周一（6月15日）"),
        ("hours:in_three", "周六（6月13日）"),
        ("hours:day_after", "周五（6月12日）"),
    ],
)
def test_a_named_day_is_answered_with_its_date(hall: HallProfile, about: str, said: str) -> None:
    assert ask(hall, about).blocks[0].text.startswith(said)


def test_announced_closures_stand_with_the_hours_and_past_ones_do_not(hall: HallProfile) -> None:
    past = Closure(date(2026, 6, 1), date(2026, 6, 2), "搬家")
    ahead = Closure(date(2026, 6, 20), date(2026, 6, 21), "系统升级")
    reply = ask(replace(hall, closures=(past, ahead)), "hours:next5")
    notes = [item.note for block in reply.blocks for item in block.items]
    assert "系统升级" in notes
    assert "搬家" not in notes
    assert "不开门" in reply.speech


@pytest.mark.parametrize(("about", "matter"), [("address:parking", "停车"), ("address:ride", "坐什么车")])
def test_what_the_profile_does_not_know_of_the_way_is_said_with_who_knows(
    hall: HallProfile, about: str, matter: str
) -> None:
    text = ask(hall, about).blocks[0].text
    assert hall.name in text
    assert matter in text
    assert "12345" in text


def test_directions_of_the_profile_answer_how_to_get_there(hall: HallProfile) -> None:
    reply = ask(replace(hall, directions="地铁2号线张江站2号口，门口有停车位。"), "address:ride")
    assert "没有写" not in reply.blocks[0].text
    assert "地铁2号线" in reply.blocks[1].text


def hand_over(hall: HallProfile, at: datetime, locale: str = "zh") -> Reply:
    return Answering((), hall, matcher(), Texts(TEXTS), lambda: at).hand_over(locale)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-06-10T10:00+08:00", "现在开着，今天8:30到16:30"),
        ("2026-06-10T07:00+08:00", "还没开门，今天8:30到16:30"),
        ("2026-06-10T20:00+08:00", "下次开门是6月11日（周四）8:30"),
        ("2026-06-13T14:00+08:00", "下次开门是6月14日（周日）8:30"),
        ("2026-10-01T15:00+08:00", "下次开门是10月2日（周五）8:30"),  # National Day
        ("2026-10-10T14:00+08:00", "现在开着，今天8:30到16:30"),  # a Saturday worked for it (调休)
    ],
)
def test_whoever_wants_a_person_learns_whether_the_hall_is_open_now(
    hall: HallProfile, at: str, said: str
) -> None:
    hall = replace(hall, adjusted_workday=hall.week[0])
    reply = hand_over(hall, datetime.fromisoformat(at))
    assert said in reply.text
    assert "12345" in reply.text
    is_open = "现在开着" in said
    assert ("在大厅里直接找工作人员" in reply.text) is is_open


def test_a_closure_sends_nobody_to_the_hall(hall: HallProfile) -> None:
    hall = replace(hall, closures=(Closure(date(2026, 6, 10), date(2026, 6, 11), "搬迁"),))
    reply = hand_over(hall, NOW)
    assert "下次开门是6月12日" in reply.text
    assert "在大厅里直接找" not in reply.text
    assert "Until then, call" in hand_over(hall, NOW, "en").text
