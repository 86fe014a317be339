"""A case moves only as the table says, by whom it says, with what the move needs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.case import (
    CLOCK,
    RESIDENT,
    Actor,
    ActorRole,
    CaseStatus,
    IllegalMove,
    Incomplete,
    NoSuchCase,
    NotYours,
    Request,
)
from cases.desk import Desk
from cases.store import SHANGHAI
from cases.tables import CaseEventRow, CaseRow, NoticeRow
from cases.work.departments import Departments, UnknownDepartment
from cases.work.moves import MOVES, is_reason_needed, who_may
from cases.work.moving import Move, PauseReason
from tests.cases.working import BOSS, BY_ROLE, CHEN, LI, WANG, WAYS, ZHOU, a_move, bring, open_departments

MakeRequest = Callable[..., Request]
Sessions = sessionmaker[Session]


@pytest.fixture
def file(desk: Desk, make_request: MakeRequest) -> Callable[[], str]:
    """File another case and return its number."""
    open_departments(desk)
    count = iter(range(1, 10_000))
    return lambda: desk.file_case(make_request(f"key {next(count)}", description="一件说不清的事")).number


def row_of(sessions: Sessions, number: str) -> CaseRow:
    with sessions() as session:
        return session.get_one(CaseRow, number)


def test_every_status_has_its_row_in_the_table_and_can_be_reached() -> None:
    assert set(MOVES) == set(CaseStatus) == set(WAYS)
    reached = {wanted for ways in MOVES.values() for wanted in ways}
    assert reached | {CaseStatus.RECEIVED} == set(CaseStatus)


@pytest.mark.parametrize("present", CaseStatus)
def test_only_the_moves_of_the_table_are_made_and_only_by_whom_it_names(
    present: CaseStatus, desk: Desk, sessions: Sessions, file: Callable[[], str]
) -> None:
    master, number = file(), ""
    for wanted in CaseStatus:
        for role, actor in BY_ROLE.items():
            if not number:
                number = file()
                bring(desk, number, present, master)
            before = row_of(sessions, number)
            move = a_move(wanted, actor, master)
            roles = who_may(present, wanted)
            if not roles:
                with pytest.raises(IllegalMove, match=f"is {present} .set by .* cannot become {wanted}"):
                    desk.move(number, move)
            elif role not in roles:
                with pytest.raises(NotYours, match="may not make it"):
                    desk.move(number, move)
            elif is_hindered(present, wanted, role):
                with pytest.raises((NotYours, IllegalMove)):
                    desk.move(number, move)
            else:
                assert desk.move(number, move).status is wanted
                number = ""
                continue
            after = row_of(sessions, number)
            assert (after.status, after.updated_at) == (before.status, before.updated_at)
    assert desk.verify() == []


def is_hindered(present: CaseStatus, wanted: CaseStatus, role: ActorRole) -> bool:
    """Whose case it is decides too: these were paused and dispatched by `bring`, or never were."""
    with_department = present in (CaseStatus.DISPATCHED, CaseStatus.IN_PROGRESS, CaseStatus.PAUSED)
    if role is ActorRole.HANDLER:
        return not with_department
    if present is CaseStatus.PAUSED and wanted is CaseStatus.ACCEPTED:
        return True  # it was in progress when it was paused
    is_leads = present in (CaseStatus.IN_PROGRESS, CaseStatus.PAUSED) and wanted in (
        CaseStatus.RESOLVED,
        CaseStatus.PAUSED,
        CaseStatus.IN_PROGRESS,
    )
    return role is ActorRole.RECEIVER and is_leads


def test_every_move_owes_the_resident_one_notice(
    desk: Desk, sessions: Sessions, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.RATED)
    with sessions() as session:
        kinds = session.scalars(
            select(NoticeRow.kind).where(NoticeRow.number == number).order_by(NoticeRow.sequence)
        ).all()
    assert kinds == ["received", "accepted", "resolved", "rated"]


def test_the_first_receiver_answers_for_a_case_until_the_department_accepts_it(
    desk: Desk, sessions: Sessions, file: Callable[[], str]
) -> None:
    number = file()
    assert row_of(sessions, number).answerable is None
    for move, answerable in (
        (a_move(CaseStatus.ACCEPTED, LI), "li"),
        (a_move(CaseStatus.DISPATCHED, CHEN), "li"),
        (a_move(CaseStatus.RETURNED, WANG), "li"),
        (Move(CaseStatus.DISPATCHED, CHEN, department="gardens"), "li"),
        (a_move(CaseStatus.IN_PROGRESS, ZHOU), "zhou"),
        (a_move(CaseStatus.RETURNED, ZHOU), "li"),
        (a_move(CaseStatus.ACCEPTED, CHEN), "chen"),
    ):
        desk.move(number, move)
        assert row_of(sessions, number).answerable == answerable, move
    assert row_of(sessions, number).receiver == "li"


def test_who_takes_a_case_down_at_the_window_answers_for_it_at_once(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    number = desk.file_case(make_request(channel="window", taken_by="li")).number
    row = row_of(sessions, number)
    assert (row.receiver, row.answerable) == ("li", "li")
    with sessions() as session:
        event = session.scalars(select(CaseEventRow)).one()
    assert (event.author, event.role) == ("li", "receiver")


def test_of_two_clerks_who_accept_at_once_one_is_told_who_was_faster(
    desk: Desk, file: Callable[[], str]
) -> None:
    number = file()
    together = Barrier(2)

    def accept(clerk: Actor) -> str:
        together.wait()
        try:
            desk.move(number, Move(CaseStatus.ACCEPTED, clerk))
        except IllegalMove as problem:
            return f"too late after {problem.by}"
        return f"won by {clerk.login}"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(accept, (LI, CHEN)))
    winner = outcomes[1].removeprefix("won by ")
    assert outcomes == [f"too late after {winner}", f"won by {winner}"]


@pytest.mark.parametrize(
    ("present", "wanted", "actor"),
    [
        (present, wanted, BY_ROLE[min(roles)])
        for present, ways in MOVES.items()
        for wanted, roles in ways.items()
        if is_reason_needed(present, wanted) or wanted is CaseStatus.RESOLVED
    ],
)
def test_a_move_that_somebody_will_ask_why_about_needs_words(
    present: CaseStatus, wanted: CaseStatus, actor: Actor, desk: Desk, file: Callable[[], str]
) -> None:
    master, number = file(), file()
    bring(desk, number, present, master)
    if actor.role is ActorRole.HANDLER and present not in (CaseStatus.DISPATCHED, CaseStatus.IN_PROGRESS):
        actor = BOSS
    with pytest.raises(Incomplete, match="only with a re"):
        desk.move(number, Move(wanted, actor, note="  ", department="gardens", pause=PauseReason.WEATHER))


@pytest.mark.parametrize(
    ("move", "problem"),
    [
        (Move(CaseStatus.DISPATCHED, LI), Incomplete),
        (Move(CaseStatus.DISPATCHED, LI, department="no such"), UnknownDepartment),
        (Move(CaseStatus.DISPATCHED, LI, department="repairs", assisting=("repairs",)), Incomplete),
        (Move(CaseStatus.DISPATCHED, LI, department="repairs", assisting=("no such",)), UnknownDepartment),
        (Move(CaseStatus.PAUSED, LI, note="等配件"), Incomplete),
        (Move(CaseStatus.RESOLVED, LI, note="长" * 1001), Incomplete),
        (Move(CaseStatus.MERGED, LI), Incomplete),
        (Move(CaseStatus.MERGED, LI, master="260611-9999"), NoSuchCase),
        (Move(CaseStatus.MERGED, LI, master="260611-0001"), Incomplete),
    ],
)
def test_a_move_that_lacks_something_changes_nothing(
    move: Move, problem: type[Exception], desk: Desk, sessions: Sessions, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.ACCEPTED)
    with pytest.raises(problem):
        desk.move(number, move)
    row = row_of(sessions, number)
    assert (row.status, row.department, row.master) == ("accepted", None, None)
    assert desk.verify() == []


def test_a_closed_department_takes_no_case(desk: Desk, file: Callable[[], str]) -> None:
    number = file()
    bring(desk, number, CaseStatus.ACCEPTED)
    Departments(desk.store).replace([])
    assert [d.is_active for d in Departments(desk.store).all()] == [False] * 3
    with pytest.raises(UnknownDepartment):
        desk.move(number, a_move(CaseStatus.DISPATCHED, LI))


def test_another_department_cannot_touch_a_case(desk: Desk, file: Callable[[], str]) -> None:
    number = file()
    bring(desk, number, CaseStatus.DISPATCHED)
    with pytest.raises(NotYours, match="with repairs, not with gardens"):
        desk.move(number, a_move(CaseStatus.IN_PROGRESS, ZHOU))
    with pytest.raises(NotYours):
        desk.move(number, a_move(CaseStatus.IN_PROGRESS, Actor("x", ActorRole.HANDLER)))


def test_a_resident_may_have_a_case_opened_again_for_15_days(
    desk: Desk, sessions: Sessions, clock: object, file: Callable[[], str]
) -> None:
    number, late = file(), file()
    for case in (number, late):
        bring(desk, case, CaseStatus.IN_PROGRESS)
        desk.move(case, a_move(CaseStatus.RESOLVED, WANG))
    desk.move(number, a_move(CaseStatus.CLOSED, CLOCK))
    clock.turn(days=15)  # type: ignore[attr-defined]
    desk.move(number, a_move(CaseStatus.REOPENED, RESIDENT))
    row = row_of(sessions, number)
    assert (row.department, row.reopened, row.ended_at) == ("repairs", 1, None)
    assert row.due_at is not None
    desk.move(number, a_move(CaseStatus.IN_PROGRESS, WANG))
    clock.turn(seconds=1)  # type: ignore[attr-defined]
    with pytest.raises(NotYours, match="15 days"):
        desk.move(late, a_move(CaseStatus.REOPENED, RESIDENT))


def test_a_paused_case_goes_on_where_it_stood_and_its_clock_with_it(
    desk: Desk, sessions: Sessions, clock: object, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.IN_PROGRESS)
    due = row_of(sessions, number).due_at
    assert due is not None
    desk.move(number, a_move(CaseStatus.PAUSED, WANG))
    assert row_of(sessions, number).due_at is None
    clock.turn(days=7)  # type: ignore[attr-defined]
    with pytest.raises(IllegalMove):
        desk.move(number, a_move(CaseStatus.ACCEPTED, LI))
    desk.move(number, a_move(CaseStatus.IN_PROGRESS, WANG))
    after = row_of(sessions, number)
    assert after.due_at is not None
    # Filed on Thursday the 11th, the 5 days run from Friday the 12th to the 18th. Of them 4 days and an hour
    # passed in the pause: 22 to 25 June (the 19th is the Dragon Boat Festival), and an hour on the 26th.
    assert due.astimezone(SHANGHAI) == datetime(2026, 6, 18, 17, tzinfo=SHANGHAI)
    assert after.due_at.astimezone(SHANGHAI) == datetime(2026, 6, 26, 10, tzinfo=SHANGHAI)
    assert (after.paused_from, after.pause_reason) == (None, None)


def test_a_clock_set_back_moves_nothing_into_the_past(
    desk: Desk, sessions: Sessions, clock: object, file: Callable[[], str]
) -> None:
    number = file()
    bring(desk, number, CaseStatus.PAUSED)
    due = row_of(sessions, number)
    clock.turn(days=-3)  # type: ignore[attr-defined]
    desk.move(number, a_move(CaseStatus.IN_PROGRESS, WANG))
    row = row_of(sessions, number)
    assert row.updated_at == due.updated_at
    assert row.due_at is not None
    assert row.due_at > row.updated_at
    assert desk.verify() == []


def test_merged_cases_follow_their_master(desk: Desk, sessions: Sessions, file: Callable[[], str]) -> None:
    master, one, other = file(), file(), file()
    bring(desk, master, CaseStatus.ACCEPTED)
    desk.move(one, a_move(CaseStatus.MERGED, LI, other))
    desk.move(other, a_move(CaseStatus.MERGED, LI, master))
    assert row_of(sessions, one).master == row_of(sessions, other).master == master
    with pytest.raises(NotYours, match="merge into"):
        desk.move(file(), a_move(CaseStatus.MERGED, LI, one))
    desk.move(master, a_move(CaseStatus.RESOLVED, LI))
    with sessions() as session:
        told = session.scalars(select(NoticeRow.number).where(NoticeRow.kind == "followed")).all()
    assert sorted(told) == sorted([one, other])
    with pytest.raises(NotYours, match="nobody works it"):
        desk.move(file(), a_move(CaseStatus.MERGED, LI, master))
    assert desk.verify() == []


def test_a_master_that_is_withdrawn_leaves_the_others_to_be_worked(
    desk: Desk, sessions: Sessions, file: Callable[[], str]
) -> None:
    master, one = file(), file()
    bring(desk, one, CaseStatus.ACCEPTED)
    desk.move(one, a_move(CaseStatus.MERGED, LI, master))
    desk.move(master, a_move(CaseStatus.WITHDRAWN, RESIDENT))
    row = row_of(sessions, one)
    assert (row.status, row.master, row.answerable, row.ended_at) == ("accepted", None, "li", None)
    assert row.due_at is not None
    assert desk.verify() == []


def test_moving_an_unknown_case_says_so(desk: Desk) -> None:
    with pytest.raises(NoSuchCase, match="260611-9999"):
        desk.move("260611-9999", a_move(CaseStatus.ACCEPTED, LI))
