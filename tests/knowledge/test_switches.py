"""What staff switch off, with which text, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from hall.database import migrate_engine, open_engine, open_sessions
from knowledge.switches import Scope, SwitchError, Switches

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
IN_AN_HOUR = NOON + timedelta(hours=1)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    migrate_engine(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def switches(engine: Engine, clock: Clock) -> Switches:
    return Switches(open_sessions(engine), clock)


def test_nothing_is_switched_off_at_first(switches: Switches) -> None:
    standing = switches.standing()
    assert standing.at_door("chat") is None
    assert standing.of_guide("legal-aid") is None


def test_a_switch_holds_at_once_where_it_was_set(switches: Switches) -> None:
    switches.set("guide", "legal-aid", "正在核对，请打12348。", "Being checked.", IN_AN_HOUR, "li")
    found = switches.standing().of_guide("legal-aid")
    assert found is not None
    assert (found.text("zh"), found.text("en")) == ("正在核对，请打12348。", "Being checked.")
    assert switches.standing().of_guide("lift-retrofit") is None


def test_without_an_english_text_the_chinese_one_is_shown(switches: Switches) -> None:
    assert switches.set("assistant", "", "系统升级中", "", None, "li").text("en") == "系统升级中"


def test_the_whole_assistant_goes_before_a_door(switches: Switches) -> None:
    switches.set(Scope.DOOR, "kiosk", "触摸屏维护中", "", None, "li")
    switches.set(Scope.ASSISTANT, "", "全部维护中", "", None, "li")
    standing = switches.standing()
    shown = [switch.text_zh for door in ("kiosk", "chat") if (switch := standing.at_door(door))]
    assert shown == ["全部维护中", "全部维护中"]
    switches.clear(Scope.ASSISTANT, "")
    standing = switches.standing()
    assert standing.at_door("chat") is None
    assert standing.at_door("kiosk") is not None


def test_another_process_sees_it_with_its_next_look(engine: Engine, switches: Switches, clock: Clock) -> None:
    other = Switches(open_sessions(engine), clock)
    assert other.standing().at_door("chat") is None
    switches.set("door", "chat", "维护中", "", None, "li")
    assert other.standing().at_door("chat") is None
    other.refresh()
    assert other.standing().at_door("chat") is not None


def test_a_switch_ends_by_itself_though_nobody_looks(switches: Switches, clock: Clock) -> None:
    switches.set("door", "chat", "维护中", "", IN_AN_HOUR, "li")
    clock.now = IN_AN_HOUR - timedelta(seconds=1)
    assert switches.standing().at_door("chat") is not None
    clock.now = IN_AN_HOUR
    assert switches.standing().at_door("chat") is None
    assert [switch.name for switch in switches.all()] == ["chat"]


def test_setting_again_changes_text_and_time(switches: Switches, clock: Clock) -> None:
    switches.set("guide", "legal-aid", "一", "", IN_AN_HOUR, "li")
    clock.now += timedelta(minutes=1)
    switches.set("guide", "legal-aid", "二", "", None, "wang")
    (switch,) = switches.all()
    assert (switch.text_zh, switch.until, switch.set_by, switch.set_at) == ("二", None, "wang", clock.now)


def test_clearing_says_whether_there_was_one(switches: Switches) -> None:
    switches.set("guide", "legal-aid", "一", "", None, "li")
    assert switches.clear("guide", "legal-aid")
    assert not switches.clear("guide", "legal-aid")
    assert switches.standing().of_guide("legal-aid") is None


@pytest.mark.parametrize(
    ("scope", "name", "text_zh", "until", "code"),
    [
        ("assistant", "chat", "维护中", None, "name"),
        ("door", "", "维护中", None, "name"),
        ("guide", "../etc", "维护中", None, "name"),
        ("door", "chat", "  \n ", None, "empty"),
        ("door", "chat", "\u200b\u202e", None, "empty"),
        ("door", "chat", "维护中<script>alert(1)</script>", None, "html"),
        ("door", "chat", "看<a href=x>这里</a>", None, "html"),
        ("door", "chat", "<img src=x onerror=alert(1)", None, "html"),
        ("door", "chat", "＜!-- 注 -->".replace("＜", "<"), None, "html"),
        ("door", "chat", "维护&#20013;", None, "html"),
        ("door", "chat", "长" * 501, None, "long"),
        ("door", "chat", "维护中", NOON, "past"),
        ("door", "chat", "维护中", IN_AN_HOUR.replace(tzinfo=None), "zone"),
    ],
)
def test_what_cannot_be_shown_or_does_not_exist_is_refused(
    switches: Switches, scope: str, name: str, text_zh: str, until: datetime | None, code: str
) -> None:
    with pytest.raises(SwitchError) as refused:
        switches.set(scope, name, text_zh, "", until, "li")
    assert refused.value.code == code
    assert switches.all() == []


def test_an_english_text_is_looked_at_too(switches: Switches) -> None:
    with pytest.raises(SwitchError):
        switches.set("door", "chat", "维护中", "<b>down</b>", None, "li")


def test_plain_signs_and_lines_stay(switches: Switches) -> None:
    text = "周一 < 周五，9:00—11:00 & 13:00\n请打  12345"
    assert switches.set("door", "chat", text, "", None, "li").text_zh == (
        "周一 < 周五，9:00—11:00 & 13:00\n请打 12345"
    )


def test_while_the_database_is_away_the_last_seen_stands(switches: Switches, engine: Engine) -> None:
    switches.set("door", "chat", "维护中", "", None, "li")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE kill_switch")
    with pytest.raises(Exception, match="kill_switch"):
        switches.refresh()
    assert switches.standing().at_door("chat") is not None
