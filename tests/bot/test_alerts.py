"""Alerts reach staff once, are seen to by one, and are forgotten after a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from bot.alerts import HELP, Alerts
from bot.tables import Base


class Hall:
    """A database in memory, a clock that tests turn, and doors that open and close."""

    def __init__(self) -> None:
        engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
        Base.metadata.create_all(engine)
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        self.is_open = True
        self.alerts = Alerts(sessionmaker(engine), lambda: self.now, lambda at: self.is_open)


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_call_is_open_until_somebody_looks_after_it(hall: Hall) -> None:
    hall.alerts.raise_alert("fire", "group", "key")
    [alert] = hall.alerts.recent(10)
    assert (alert.kind, alert.channel, alert.at, alert.seen_by) == ("fire", "group", hall.now, None)
    assert hall.alerts.count_open() == 1
    hall.now += timedelta(seconds=40)
    assert hall.alerts.mark_seen(alert.id, "li")
    [seen] = hall.alerts.recent(10)
    assert (seen.seen_by, seen.seen_at) == ("li", hall.now)
    assert hall.alerts.count_open() == 0


def test_the_first_who_takes_a_call_keeps_it(hall: Hall) -> None:
    hall.alerts.raise_alert("fire", "group", "key")
    [alert] = hall.alerts.recent(10)
    assert hall.alerts.mark_seen(alert.id, "li")
    assert not hall.alerts.mark_seen(alert.id, "wang")
    assert not hall.alerts.mark_seen(alert.id + 1, "wang")
    assert hall.alerts.recent(10)[0].seen_by == "li"


def test_nobody_floods_the_list(hall: Hall) -> None:
    for _ in range(50):
        assert hall.alerts.call("kiosk", "key")
    assert hall.alerts.count_open() == 1
    assert hall.alerts.call("kiosk", "another")
    hall.alerts.raise_alert("fire", "kiosk", "key")
    hall.now += timedelta(minutes=11)
    assert hall.alerts.call("kiosk", "key")
    assert [alert.kind for alert in hall.alerts.recent(10)] == [HELP, "fire", HELP, HELP]


def test_nobody_is_told_while_the_hall_is_closed(hall: Hall) -> None:
    hall.is_open = False
    assert not hall.alerts.call("chat", "key")
    assert hall.alerts.count_open() == 0
    hall.alerts.raise_alert("illness", "chat", "key")
    assert hall.alerts.count_open() == 1


def test_what_nobody_has_seen_to_stands_first(hall: Hall) -> None:
    for kind in ("fire", "gas", "lift"):
        hall.alerts.raise_alert(kind, "chat", "key")
    hall.alerts.mark_seen(hall.alerts.recent(1)[0].id, "li")
    assert [alert.kind for alert in hall.alerts.recent(10)] == ["gas", "fire", "lift"]


def test_alerts_are_forgotten_after_a_month(hall: Hall) -> None:
    hall.alerts.raise_alert("fire", "chat", "key")
    hall.now += timedelta(days=29)
    hall.alerts.purge_expired()
    assert hall.alerts.count_open() == 1
    hall.now += timedelta(days=2)
    hall.alerts.purge_expired()
    assert hall.alerts.recent(10) == []
