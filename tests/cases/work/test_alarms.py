"""Whom an urgent deadline concerns, when it rings anew, and how it goes away by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cases.case import Actor, ActorRole, CaseStatus, Request
from cases.desk import Desk
from cases.tables import EventKind
from cases.work.alarms import Alarms
from cases.work.departments import Department, Departments
from cases.work.dossier import Clock, Dossiers
from cases.work.moving import Move, PauseReason
from cases.work.tables import Purpose
from cases.work.ticking import Level
from cases.work.working import Working
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, CHEN, LI, WANG, ZHOU, a_move, bring, open_departments

HEAD = Actor("head", ActorRole.SUPERVISOR)  # looks after the repairs alone


@pytest.fixture
def alarms(desk: Desk) -> Alarms:
    open_departments(desk)
    Departments(desk.store).replace(
        [Department("repairs", "报修组", supervisor="head"), Department("gardens", "绿化组")]
    )
    return Alarms(desk.store)


@pytest.fixture
def number(desk: Desk, alarms: Alarms, make_request: Callable[..., Request]) -> str:
    """A lamp of Thursday 11 June, 10 o'clock."""
    return desk.file_case(make_request()).number


def levels(alarms: Alarms, actor: Actor) -> list[tuple[Purpose, Level]]:
    return [(one.purpose, one.level) for one in alarms.of(actor)]


def test_what_nobody_has_received_rings_at_the_halls_desk(
    alarms: Alarms, number: str, clock: HandClock
) -> None:
    assert levels(alarms, LI) == []
    clock.turn(days=1)
    assert (Purpose.RESPOND, Level.OVERDUE) in levels(alarms, LI)
    assert (Purpose.RESPOND, Level.OVERDUE) in levels(alarms, CHEN)
    assert levels(alarms, WANG) == []


def test_a_departments_deadline_climbs_from_its_people_to_its_supervisor_to_the_halls(
    desk: Desk, alarms: Alarms, number: str, clock: HandClock
) -> None:
    bring(desk, number, CaseStatus.IN_PROGRESS)
    due = due_of(desk, number)
    clock.now = due - timedelta(hours=1)
    assert levels(alarms, WANG) == [(Purpose.RESOLVE, Level.WARNED)]
    assert levels(alarms, HEAD) == levels(alarms, BOSS) == levels(alarms, ZHOU) == []
    clock.now = due
    assert levels(alarms, HEAD) == [(Purpose.RESOLVE, Level.OVERDUE)]
    assert levels(alarms, BOSS) == []
    clock.turn(days=5)
    assert levels(alarms, BOSS) == [(Purpose.RESOLVE, Level.ESCALATED)]


def test_who_answers_for_a_case_hears_of_a_department_that_does_not_come(
    desk: Desk, alarms: Alarms, number: str, clock: HandClock
) -> None:
    bring(desk, number, CaseStatus.ACCEPTED)
    working = Working(desk.store)
    whistle = working.whistle(number, ["gardens"], LI, "树倒在路上")
    clock.turn(hours=5)
    assert levels(alarms, LI) == levels(alarms, ZHOU) == [(Purpose.ARRIVE, Level.OVERDUE)]
    assert levels(alarms, CHEN) == []
    working.come(whistle, ZHOU, "两人到场")
    assert levels(alarms, LI) == levels(alarms, ZHOU) == []


def test_an_alarm_that_is_known_stays_listed_and_rings_again_one_level_up(
    desk: Desk, alarms: Alarms, number: str, clock: HandClock
) -> None:
    bring(desk, number, CaseStatus.ACCEPTED)
    due = due_of(desk, number)
    clock.now = due
    (one,) = alarms.of(LI)
    assert alarms.count(LI) == 1
    assert alarms.know([one.clock], LI, clock.now) == 1
    assert alarms.count(LI) == 0
    (known,) = alarms.of(LI)
    assert known.is_known
    assert [by.login for by in known.known_by] == ["li"]
    clock.turn(days=5)
    assert alarms.count(LI) == 1
    assert alarms.of(LI)[0].known_by == ()
    # A page that was open since before the next level tells of the level before.
    alarms.know([one.clock], LI, due)
    assert alarms.count(LI) == 1
    alarms.know([one.clock], LI, clock.now)
    assert alarms.count(LI) == 0
    assert [one.is_known for one in alarms.of(BOSS)] == [False]


def test_nobody_marks_an_alarm_that_does_not_concern_them(
    desk: Desk, alarms: Alarms, number: str, clock: HandClock
) -> None:
    bring(desk, number, CaseStatus.ACCEPTED)
    clock.turn(days=7)
    (one,) = alarms.of(LI)
    for clocks, actor in (([one.clock], WANG), ([10_000], LI), ([], LI)):
        assert alarms.know(clocks, actor, clock.now) == 0
    assert alarms.of(LI)[0].known_by == ()


def test_an_alarm_goes_away_while_the_case_is_paused_and_when_it_is_resolved(
    desk: Desk, alarms: Alarms, number: str, clock: HandClock
) -> None:
    bring(desk, number, CaseStatus.ACCEPTED)
    clock.turn(days=7)
    assert alarms.count(LI) == 1
    desk.move(number, Move(CaseStatus.PAUSED, LI, "等灯管", pause=PauseReason.MATERIAL))
    assert alarms.count(LI) == 0
    desk.move(number, a_move(CaseStatus.ACCEPTED, LI))
    assert alarms.count(LI) == 1
    desk.move(number, a_move(CaseStatus.RESOLVED, LI))
    assert alarms.of(LI) == ()


def test_keeping_time_tells_the_history_once_each_level(
    desk: Desk, alarms: Alarms, number: str, clock: HandClock
) -> None:
    bring(desk, number, CaseStatus.ACCEPTED)
    clock.now = due_of(desk, number)
    told = []
    for _ in range(3):
        desk.keep_time()
        told.append(escalations(desk, number))
    assert told == [["resolve overdue"]] * 3
    assert desk.verify() == []


def desk_clocks(desk: Desk, number: str) -> list[Clock]:
    return [one for one in Dossiers(desk.store).open(number, BOSS).clocks if one.ended_at is None]


def due_of(desk: Desk, number: str) -> datetime:
    """Return when the case itself is due."""
    due = next(one.due_at for one in desk_clocks(desk, number) if one.purpose is Purpose.RESOLVE)
    assert due is not None
    return due


def escalations(desk: Desk, number: str) -> list[str | None]:
    history = Dossiers(desk.store).open(number, BOSS).history
    return [one.about for one in history if one.kind is EventKind.ESCALATED]
