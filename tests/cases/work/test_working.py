"""Departments work together on a case: each by its own clock, and who does not come is on the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.case import RESIDENT, Actor, ActorRole, CaseStatus, Incomplete, NotYours, Request
from cases.desk import Desk
from cases.store import SHANGHAI
from cases.tables import CaseEventRow, CaseRow, NoticeRow
from cases.work.calendar import load_announcement
from cases.work.deadlines import read_term
from cases.work.joint import StillAtWork
from cases.work.moving import Move, PauseReason
from cases.work.queues import Filter, Order, Queues
from cases.work.tables import ClockRow, Purpose
from cases.work.ticking import Alarm, Level, close_resolved, raise_alarms, remind_of_rating, take_up_paused
from cases.work.working import Working
from language.workdays import read_announcement
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, CHEN, HE, LI, WANG, ZHOU, a_move, bring, open_departments

Sessions = sessionmaker[Session]


@pytest.fixture
def file(desk: Desk, make_request: Callable[..., Request]) -> Callable[[], str]:
    """File another case and return its number."""
    open_departments(desk)
    count = iter(range(1, 10_000))
    return lambda: desk.file_case(make_request(f"key {next(count)}", description="一件说不清的事")).number


@pytest.fixture
def work(desk: Desk) -> Working:
    return Working(desk.store)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def history_of(sessions: Sessions, number: str) -> list[str]:
    with sessions() as session:
        events = session.scalars(
            select(CaseEventRow).where(CaseEventRow.number == number).order_by(CaseEventRow.sequence)
        ).all()
    return [f"{event.kind} {event.about or ''}".strip() for event in events]


def test_a_case_is_resolved_only_when_every_assisting_department_is_done_or_released(
    desk: Desk, work: Working, sessions: Sessions, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.ACCEPTED)
    desk.move(number, Move(CaseStatus.DISPATCHED, LI, department="repairs", assisting=("gardens", "water")))
    desk.move(number, a_move(CaseStatus.IN_PROGRESS, WANG))
    with pytest.raises(StillAtWork, match="gardens, water"):
        desk.move(number, a_move(CaseStatus.RESOLVED, WANG))
    work.accept_part(number, ZHOU)
    with pytest.raises(NotYours, match="accepted already"):
        work.accept_part(number, ZHOU)
    with pytest.raises(Incomplete):
        work.finish_part(number, ZHOU, " ")
    work.finish_part(number, ZHOU, "树枝已修剪")
    with pytest.raises(StillAtWork, match="water"):
        desk.move(number, a_move(CaseStatus.RESOLVED, WANG))
    with pytest.raises(NotYours, match="only its lead"):
        work.release(number, "water", HE, "不需要")
    work.release(number, "water", WANG, "不是水管的事")
    desk.move(number, a_move(CaseStatus.RESOLVED, WANG))
    assert [line for line in history_of(sessions, number) if line.startswith("assisted")] == [
        "assisted gardens called",
        "assisted water called",
        "assisted gardens accepted",
        "assisted gardens done",
        "assisted water released",
    ]
    with sessions() as session:
        clocks = session.scalars(select(ClockRow).where(ClockRow.purpose == Purpose.ASSIST)).all()
    assert {clock.department for clock in clocks} == {"gardens", "water"}
    assert all(clock.ended_at for clock in clocks)
    assert desk.verify() == []


def test_only_who_was_called_in_assists(desk: Desk, work: Working, file: Callable[[], str]) -> None:
    number = file()
    bring(desk, number, CaseStatus.IN_PROGRESS)
    with pytest.raises(NotYours, match="not called in"):
        work.accept_part(number, ZHOU)
    with pytest.raises(NotYours, match="only its lead"):
        work.call_in(number, "water", ZHOU)
    with pytest.raises(Incomplete, match="leads"):
        work.call_in(number, "repairs", BOSS)
    work.call_in(number, "gardens", WANG, read_term("1 days"))
    work.call_in(number, "gardens", WANG)  # calling twice changes nothing
    work.release(number, "gardens", BOSS, "弄错了")
    work.call_in(number, "gardens", WANG)
    assert desk.verify() == []


def test_a_whistle_records_who_came_when_with_what_proof_and_escalates_who_does_not(
    desk: Desk, work: Working, sessions: Sessions, clock: HandClock, file: Callable[[], str]
) -> None:
    number = file()  # Thursday 11 June, 10:00
    bring(desk, number, CaseStatus.IN_PROGRESS)
    whistle = work.whistle(
        number, ["gardens", "water", "gardens"], WANG, "树倒了压住水管", read_term("2 hours")
    )
    assert [call.due_at for call in work.calls(number)] == [local("2026-06-11 13:30")] * 2
    clock.turn(hours=1)
    work.come(whistle, ZHOU, "周师傅到场，已拍照")
    with pytest.raises(NotYours, match="has come already"):
        work.come(whistle, ZHOU, "又来了")
    with pytest.raises(NotYours, match="not whistled for"):
        work.come(whistle, WANG, "我也在")
    with pytest.raises(Incomplete):
        work.come(whistle, HE, "  ")
    with pytest.raises(Incomplete, match="no photo 7"):
        work.come(whistle, HE, "到了", photo=7)
    assert Queues(desk.store).overdue(Purpose.ARRIVE) == ()
    clock.turn(hours=2, minutes=30)  # 13:30 exactly
    late = Queues(desk.store).overdue(Purpose.ARRIVE)
    assert late == ((number, local("2026-06-11 13:30")),)
    assert Queues(desk.store).overdue(Purpose.ARRIVE, "gardens") == ()
    assert [row[1] for row in Queues(desk.store).whistles_for("water")] == [number]
    alarms = [alarm for alarm in raise_alarms(desk.store) if alarm.purpose is Purpose.ARRIVE]
    assert alarms == [Alarm(number, Purpose.ARRIVE, "water", Level.OVERDUE)]
    clock.turn(minutes=5)
    came, missing = work.calls(number)
    assert (came.came_by, came.came_at, came.is_no_show(clock())) == (
        "zhou",
        local("2026-06-11 11:00"),
        False,
    )
    assert (missing.came_by, missing.is_no_show(clock())) == (None, True)
    work.come(whistle, HE, "迟到了")
    assert work.calls(number)[1].is_no_show(clock())  # coming late is coming, and stays late
    assert Queues(desk.store).overdue(Purpose.ARRIVE) == ()
    assert "came 1 water" in history_of(sessions, number)
    assert "escalated arrive overdue water" in history_of(sessions, number)
    assert desk.verify() == []


@pytest.mark.parametrize("actor", [ZHOU, RESIDENT, Actor("x", ActorRole.CLOCK)])
def test_only_staff_of_the_case_whistle(
    actor: Actor, desk: Desk, work: Working, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.IN_PROGRESS)
    with pytest.raises(NotYours):
        work.whistle(number, ["water"], actor, "来")
    desk.move(number, a_move(CaseStatus.RESOLVED, WANG))
    with pytest.raises(NotYours, match="nothing to come for"):
        work.whistle(number, ["water"], WANG, "来")


def test_a_list_of_overdue_cases_is_right_at_any_second_and_needs_no_sweep(
    desk: Desk, clock: HandClock, file: Callable[[], str]
) -> None:
    number = file()
    queues = Queues(desk.store)
    # 5 working days from Thursday 11 June 2026: Thursday the 18th, 17:00.
    clock.now = local("2026-06-18 16:59:59")
    assert queues.find(Filter(is_overdue=True)) == ()
    assert not queues.find(Filter())[0].is_overdue
    clock.turn(seconds=1)
    assert [line.number for line in queues.find(Filter(is_overdue=True))] == [number]
    assert queues.count(Filter(is_overdue=True)) == 1
    clock.turn(days=-1)  # a clock set back
    assert queues.count(Filter(is_overdue=True)) == 0


def test_each_alarm_is_raised_once_and_a_missed_one_is_made_up_for(
    desk: Desk, sessions: Sessions, clock: HandClock, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.ACCEPTED)
    assert raise_alarms(desk.store) == []
    with sessions() as session:
        case_clock = session.scalars(select(ClockRow).where(ClockRow.purpose == Purpose.RESOLVE)).one()
    assert case_clock.warn_at is not None
    # 5 days are 32.5 hours of office time; the last quarter is 8.125 hours before the end.
    assert case_clock.warn_at.astimezone(SHANGHAI) == local("2026-06-17 15:22:30")
    clock.now = case_clock.warn_at
    assert [alarm.level for alarm in raise_alarms(desk.store)] == [Level.WARNED]
    assert raise_alarms(desk.store) == []
    clock.turn(days=30)
    assert [alarm.level for alarm in raise_alarms(desk.store)] == [Level.ESCALATED]
    assert raise_alarms(desk.store) == []
    assert [line for line in history_of(sessions, number) if line.startswith("escalated")] == [
        "escalated resolve warned",
        "escalated resolve escalated",
    ]


def test_a_case_nobody_accepts_is_overdue_for_its_response(
    desk: Desk, clock: HandClock, file: Callable[[], str]
) -> None:
    waiting, accepted = file(), file()
    bring(desk, accepted, CaseStatus.ACCEPTED)
    clock.now = local("2026-06-11 15:30")  # 4 hours of office time after 10:00
    assert Queues(desk.store).overdue(Purpose.RESPOND) == ((waiting, local("2026-06-11 15:30")),)


def test_a_paused_case_goes_on_by_itself_on_its_day(
    desk: Desk, sessions: Sessions, clock: HandClock, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.IN_PROGRESS)
    until = clock() + timedelta(days=4)
    with pytest.raises(Incomplete, match="lie ahead"):
        desk.move(number, Move(CaseStatus.PAUSED, WANG, "等料", pause=PauseReason.MATERIAL, until=clock()))
    desk.move(number, Move(CaseStatus.PAUSED, WANG, "等料", pause=PauseReason.MATERIAL, until=until))
    assert take_up_paused(desk.store) == 0
    clock.turn(days=4)
    assert take_up_paused(desk.store) == 1
    assert take_up_paused(desk.store) == 0
    with sessions() as session:
        row = session.get_one(CaseRow, number)
    assert (row.status, row.answerable, row.paused_until) == ("in_progress", "wang", None)


def test_a_resident_is_reminded_once_and_a_resolved_case_is_closed_after_15_days(
    desk: Desk, sessions: Sessions, clock: HandClock, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.RESOLVED)
    assert remind_of_rating(desk.store) == close_resolved(desk.store) == 0
    clock.turn(days=3)
    assert [remind_of_rating(desk.store) for _ in range(2)] == [1, 0]
    clock.turn(days=12)
    assert close_resolved(desk.store) == 0  # to the second, it can still be opened again
    clock.turn(seconds=1)
    assert [close_resolved(desk.store) for _ in range(2)] == [1, 0]
    with sessions() as session:
        kinds = session.scalars(select(NoticeRow.kind).order_by(NoticeRow.sequence)).all()
    assert kinds == ["received", "accepted", "resolved", "reminded", "closed"]
    assert desk.verify() == []


def test_a_tick_does_all_that_time_has_brought_once(
    desk: Desk, sessions: Sessions, clock: HandClock, file: Callable[[], str]
) -> None:
    paused, resolved, waiting = file(), file(), file()
    bring(desk, paused, CaseStatus.IN_PROGRESS)
    until = clock() + timedelta(days=1)
    desk.move(paused, Move(CaseStatus.PAUSED, WANG, "等料", pause=PauseReason.MATERIAL, until=until))
    bring(desk, resolved, CaseStatus.RESOLVED)
    clock.turn(days=16)
    for _ in range(2):
        desk.tick()
        desk.purge_expired()
    with sessions() as session:
        statuses = {row.number: row.status for row in session.scalars(select(CaseRow))}
    assert statuses == {paused: "in_progress", resolved: "closed", waiting: "received"}
    assert [line for line in history_of(sessions, waiting) if line.startswith("escalated")] == [
        "escalated respond escalated",
        "escalated resolve escalated",
    ]
    assert desk.verify() == []


def test_everyone_sees_what_waits_for_them(desk: Desk, work: Working, file: Callable[[], str]) -> None:
    new, accepted, dispatched, working = file(), file(), file(), file()
    for number, status in (
        (accepted, CaseStatus.ACCEPTED),
        (dispatched, CaseStatus.DISPATCHED),
        (working, CaseStatus.IN_PROGRESS),
    ):
        bring(desk, number, status)
    work.call_in(working, "gardens", WANG)
    queues = Queues(desk.store)
    assert {line.number for line in queues.mine(LI)} == {new, accepted, dispatched}
    assert {line.number for line in queues.mine(CHEN)} == {new}
    assert {line.number for line in queues.mine(WANG)} == {dispatched, working}
    assert {line.number for line in queues.mine(ZHOU)} == {working}
    assert {line.number for line in queues.mine(BOSS)} == {new, accepted, dispatched, working}
    page = queues.find(Filter(order=Order.NEWEST, limit=2, offset=1))
    assert [line.number for line in page] == [dispatched, accepted]
    assert queues.count(Filter(statuses=(CaseStatus.ACCEPTED,), department=None)) == 1


def test_a_colleague_becomes_answerable_by_taking_over_and_not_before(
    desk: Desk, work: Working, sessions: Sessions, file: Callable[[], str]
) -> None:
    number = file()
    with pytest.raises(NotYours, match="nobody answers"):
        work.take_over(number, CHEN)
    bring(desk, number, CaseStatus.ACCEPTED)
    work.take_over(number, CHEN)
    with pytest.raises(NotYours):
        work.take_over(number, WANG)
    desk.move(number, a_move(CaseStatus.DISPATCHED, CHEN))
    desk.move(number, a_move(CaseStatus.IN_PROGRESS, WANG))
    with pytest.raises(NotYours):
        work.take_over(number, CHEN)
    with pytest.raises(NotYours):
        work.take_over(number, ZHOU)
    work.take_over(number, Actor("sun", ActorRole.HANDLER, "repairs"))
    with sessions() as session:
        assert session.get_one(CaseRow, number).answerable == "sun"
    assert desk.verify() == []


def test_linked_cases_know_of_each_other(desk: Desk, work: Working, file: Callable[[], str]) -> None:
    one, other = file(), file()
    for _ in range(2):
        work.link(other, one, LI)
    assert work.linked_with(one) == [other]
    assert work.linked_with(other) == [one]
    with pytest.raises(Incomplete):
        work.link(one, one, LI)
    work.note(one, LI, "电话联系过")
    with pytest.raises(Incomplete):
        work.note(one, LI, " ")
    assert desk.verify() == []


def test_deadlines_in_an_unannounced_year_move_when_its_holidays_are_loaded(
    desk: Desk, sessions: Sessions, clock: HandClock, file: Callable[[], str]
) -> None:
    clock.now = datetime(2030, 12, 30, 2, 0, tzinfo=UTC)
    number, ended = file(), file()
    bring(desk, ended, CaseStatus.RESOLVED)

    def of_case(case: str) -> ClockRow:
        with sessions() as session:
            wanted = select(ClockRow).where(ClockRow.number == case, ClockRow.purpose == Purpose.RESOLVE)
            return session.scalars(wanted).one()

    before = of_case(number)
    assert (before.due_at, before.is_provisional) == (local("2031-01-06 17:00"), True)
    entry = {"year": 2030, "source": "test", "days_off": ["2030-10-01"]}
    assert load_announcement(desk.store, read_announcement(entry), BOSS) == 0
    assert of_case(number).is_provisional
    entry = {
        "year": 2031,
        "source": "test",
        "days_off": ["2031-01-01..2031-01-03"],
        "days_worked": ["2031-01-04"],
    }
    assert load_announcement(desk.store, read_announcement(entry), BOSS) == 1
    after = of_case(number)
    assert (after.due_at, after.is_provisional) == (local("2031-01-08 17:00"), False)
    assert Queues(desk.store).find(Filter())[0].due_at == after.due_at
    assert of_case(ended).due_at == before.due_at  # what has ended stays as it was judged
    assert load_announcement(desk.store, read_announcement(entry), BOSS) == 0
