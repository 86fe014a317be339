"""The hall's profile: when it is open, and what a wrong file says."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from knowledge.guide import Theme
from knowledge.guide_file import parse_guide
from knowledge.hall_profile import Closure, DayKind, HallProfile, Span
from knowledge.hall_profile_file import load_profile, parse_profile
from knowledge.problems import ProfileErrors

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = ["08:30-16:30"]
MORNING = ["08:30-11:30"]
PLAIN: dict[str, Any] = {
    "sample": False,
    "name": "某某社区事务受理服务中心",
    "address": "某路1号",
    "hours": {
        **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), DAY),
        **dict.fromkeys(("saturday", "sunday", "public_holiday"), MORNING),
    },
    "windows": [
        {"number": "1", "name": "证件", "themes": ["户籍证件"]},
        {"number": "2", "name": "居住证专窗", "handles": ["上海市居住证申领(首次)"]},
    ],
    "hotline": {"number": "12345", "label": "热线"},
}


@pytest.fixture
def plain() -> dict[str, Any]:
    return copy.deepcopy(PLAIN)


@pytest.fixture
def hall() -> HallProfile:
    return parse_profile(PLAIN, "hall.yml")


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def test_the_shipped_profile_is_a_valid_sample() -> None:
    profile = load_profile()
    assert profile.sample
    assert profile.hotline.number == "12345"
    assert {theme for window in profile.windows for theme in window.themes} == set(Theme)
    assert profile.day(date(2026, 3, 4)).spans == (Span(time(8, 30), time(16, 30)),)
    assert profile.sources[0].date == "2018-02"


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(8, 29, False), (8, 30, True), (12, 0, True), (16, 29, True), (16, 30, False)],
)
def test_the_hall_is_open_until_the_closing_minute(
    hall: HallProfile, hour: int, minute: int, is_open: bool
) -> None:
    assert hall.is_open(at(3, 4, hour, minute)) is is_open


def test_an_instant_in_another_zone_is_the_same_instant(hall: HallProfile) -> None:
    assert hall.is_open(datetime(2026, 3, 4, 2, tzinfo=UTC))
    assert not hall.is_open(datetime(2026, 3, 4, 10, tzinfo=UTC))


def test_an_instant_without_a_zone_is_refused(hall: HallProfile) -> None:
    with pytest.raises(ValueError, match="aware"):
        hall.is_open(datetime(2026, 3, 4, 10))  # noqa: DTZ001


def test_the_opening_tells_when_it_closes_and_opens_next(hall: HallProfile) -> None:
    opening = hall.opening(at(3, 6, 15))  # a Friday
    assert opening.is_open
    assert opening.closes_at == at(3, 6, 16, 30)
    assert opening.next_opening == at(3, 7, 8, 30)
    early = hall.opening(at(3, 6, 7))
    assert not early.is_open
    assert early.closes_at is None
    assert early.next_opening == at(3, 6, 8, 30)


def test_a_public_holiday_has_its_own_hours_and_its_name(hall: HallProfile) -> None:
    day = hall.day(date(2026, 10, 1))
    assert day.kind is DayKind.PUBLIC_HOLIDAY
    assert day.holiday is not None
    assert (day.holiday.zh, day.holiday.en) == ("国庆节", "National Day")
    assert not hall.is_open(at(10, 1, 14))


def test_a_sunday_worked_for_a_holiday_keeps_sunday_hours_unless_the_hall_says_otherwise(
    hall: HallProfile,
) -> None:
    worked = date(2026, 10, 10)
    assert hall.day(worked).kind is DayKind.ADJUSTED_WORKDAY
    assert not hall.is_open(at(10, 10, 14))
    assert replace(hall, adjusted_workday=hall.week[0]).is_open(at(10, 10, 14))


def test_a_year_beyond_the_calendar_follows_the_week_and_says_so(hall: HallProfile) -> None:
    day = hall.day(date(2099, 10, 1))
    assert day.kind is DayKind.WEEKDAY
    assert not day.calendar_known
    assert day.spans == hall.week[3]
    assert hall.day(date(2026, 10, 1)).calendar_known


def test_an_announced_closure_goes_before_everything(hall: HallProfile) -> None:
    hall = replace(hall, closures=(Closure(date(2026, 3, 4), date(2026, 3, 5), "搬家"),))
    assert hall.day(date(2026, 3, 4)).closure is not None
    assert not hall.is_open(at(3, 5))
    assert hall.is_open(at(3, 6))
    assert hall.next_opening(at(3, 4)) == at(3, 6, 8, 30)


def test_a_closure_may_shorten_the_day(hall: HallProfile) -> None:
    hall = replace(
        hall,
        closures=(Closure(date(2026, 3, 4), date(2026, 3, 4), "培训", (Span(time(8, 30), time(11)),)),),
    )
    assert hall.is_open(at(3, 4, 10))
    assert not hall.is_open(at(3, 4, 11))


def test_a_hall_closed_for_months_has_no_next_opening(hall: HallProfile) -> None:
    hall = replace(hall, closures=(Closure(date(2026, 1, 1), date(2027, 12, 31), "大修"),))
    assert hall.next_opening(at(3, 4)) is None


def test_a_window_that_names_the_service_goes_before_one_of_its_theme(
    hall: HallProfile, permit: dict[str, Any]
) -> None:
    guide = parse_guide(permit, "x")
    assert [window.number for window in hall.windows_for(guide)] == ["2"]
    assert [window.number for window in hall.windows_for(replace(guide, title="另一件"))] == ["1"]
    assert hall.windows_for(replace(guide, title="另一件", theme=Theme.SCHOOL)) == ()


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"hours": None}, "hours", "missing"),
        ({"hours": {"monday": []}}, "hours", "never_open"),
        ({"hours": {"monday": ["8点到4点"]}}, "hours.monday[0]", "bad_hours"),
        ({"hours": {"monday": ["16:30-08:30"]}}, "hours.monday[0]", "bad_hours"),
        ({"hours": {"monday": ["08:30-24:00"]}}, "hours.monday[0]", "bad_hours"),
        ({"hours": {"monday": ["08:30-12:00", "11:00-16:00"]}}, "hours.monday[1]", "bad_hours"),
        ({"hours": {"mondey": DAY}}, "hours.mondey", "unknown_key_near"),
        ({"timezone": "Shanghai"}, "timezone", "not_one_of"),
        ({"timezone": "../../etc/passwd"}, "timezone", "not_one_of"),
        ({"hotline": None}, "hotline", "missing"),
        ({"sample": "yes"}, "sample", "not_a_flag"),
        ({"closures": [{"first": "2026-03-04", "reason": "搬家"}]}, "closures[0].last", "missing"),
        (
            {"closures": [{"first": "2026-03-04", "last": "2026-03-03", "reason": "搬家"}]},
            "closures[0].last",
            "closure_reversed",
        ),
        (
            {"windows": [{"number": "1", "name": "证", "themes": ["证件"]}]},
            "windows[0].themes[0]",
            "unknown_theme",
        ),
        ({"nmae": "某"}, "nmae", "unknown_key_near"),
    ],
)
def test_a_wrong_profile_is_named(
    plain: dict[str, Any], change: dict[str, Any], place: str, code: str
) -> None:
    with pytest.raises(ProfileErrors) as caught:
        parse_profile({**plain, **change}, "hall.yml")
    assert {error.field: error.code for error in caught.value.errors}[place] == code


def test_an_unreadable_profile_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProfileErrors):
        load_profile(tmp_path / "hall.yml")
