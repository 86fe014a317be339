"""Sixteen writers at once: each act happens once or is refused, and the history has no gap."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.case import CaseError, CaseStatus, Request
from cases.desk import Desk
from cases.tables import CaseEventRow, CaseRow
from cases.work.ticking import raise_alarms
from cases.work.working import Working
from tests.cases.conftest import HandClock
from tests.cases.working import ACTS, BOSS, BY_ROLE, WANG, ZHOU, a_move, bring, open_departments

WRITERS = 16
ACTS_EACH = 12


def test_sixteen_writers_on_four_cases_leave_a_whole_history(
    desk: Desk, sessions: sessionmaker[Session], make_request: Callable[..., Request]
) -> None:
    open_departments(desk)
    numbers = [desk.file_case(make_request(f"key {count}")).number for count in range(4)]
    together = Barrier(WRITERS)
    work = Working(desk.store)

    def act(writer: int) -> Counter[str]:
        chance = random.Random(writer)
        seen: Counter[str] = Counter()
        together.wait()
        for count in range(ACTS_EACH):
            number = chance.choice(numbers)
            wanted = chance.choice(list(CaseStatus))
            actor = chance.choice([ACTS.get(wanted, BOSS), *BY_ROLE.values()])
            try:
                if count % 4 == 3:
                    work.note(number, actor, f"note {writer} {count}")
                else:
                    desk.move(number, a_move(wanted, actor, chance.choice(numbers)))
                seen["done"] += 1
            except CaseError:
                seen["refused"] += 1
        return seen

    with ThreadPoolExecutor(WRITERS) as threads:
        seen = sum(threads.map(act, range(WRITERS)), Counter[str]())
    with sessions() as session:
        entries = session.scalar(select(func.count()).select_from(CaseEventRow)) or 0
        last = session.scalar(select(func.max(CaseEventRow.sequence)))
        statuses = session.scalars(select(CaseRow.status)).all()
    assert seen.total() == WRITERS * ACTS_EACH
    assert seen["done"] >= WRITERS * ACTS_EACH / 4
    assert entries == last
    assert len(statuses) == 4
    assert desk.verify() == []


def test_of_sixteen_who_answer_one_whistle_one_came(desk: Desk, make_request: Callable[..., Request]) -> None:
    open_departments(desk)
    number = desk.file_case(make_request()).number
    bring(desk, number, CaseStatus.IN_PROGRESS)
    work = Working(desk.store)
    whistle = work.whistle(number, ["gardens"], WANG, "树倒了")
    together = Barrier(WRITERS)

    def come(_: int) -> bool:
        together.wait()
        try:
            work.come(whistle, ZHOU, "到了")
        except CaseError:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as threads:
        assert sum(threads.map(come, range(WRITERS))) == 1
    assert desk.verify() == []


def test_eight_workers_raise_each_alarm_once(
    desk: Desk, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    for count in range(6):
        desk.file_case(make_request(f"key {count}"))
    clock.turn(days=40)
    together = Barrier(8)

    def tick(_: int) -> int:
        together.wait()
        return len(raise_alarms(desk.store))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(tick, range(8))) == 12  # a response and a resolution each
    assert desk.verify() == []
