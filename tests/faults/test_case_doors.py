"""A clerk at the window while the store fails: a plain page, no half case, and one case once it is back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, select

from cases.case import CaseStatus
from cases.tables import CaseEventRow, CaseRow, NoticeRow
from cases.work.tables import ClockRow
from staff.roles import Role
from tests.postgres import PostgresServer, find_programs
from tests.staff.served import Browser, ServedConsole, database

NEW = "/staff/cases/-/new"


def sheet(**changes: str) -> dict[str, str]:
    typed = {"kind": "other", "description": "一件说不清的事", "place": "说不清的地方"}
    return {"key": secrets.token_hex(16), "channel": "window", **typed, **changes}


def rows(console: ServedConsole) -> tuple[int, ...]:
    """Return how many cases, clocks, entries and notices there are: four tables that change together."""
    with console.means.casework.desk.store.sessions() as session:
        tables = (CaseRow.number, ClockRow.id, CaseEventRow.sequence, NoticeRow.id)
        return tuple(session.scalar(select(func.count(column))) or 0 for column in tables)


def clerk(console: ServedConsole) -> Browser:
    browser = console.signed_in("clerk", Role.CASE_STAFF)
    browser.get(NEW)
    return browser


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path), f"doors-{secrets.token_hex(4)}")
    served.member("boss", Role.ADMIN)
    yield served
    served.close()


@pytest.fixture
def far_console() -> Iterator[tuple[ServedConsole, PostgresServer]]:
    """A console whose PostgreSQL is its own: it is cut off from power."""
    programs = find_programs()
    assert programs is not None
    server = PostgresServer.start(programs)
    served = None
    try:
        served = ServedConsole.start(server.new_database(), f"doors-{secrets.token_hex(4)}")
        served.member("boss", Role.ADMIN)
        yield served, server
    finally:
        if served is not None:
            served.close()
        server.stop()


@pytest.mark.postgres
def test_while_the_database_is_gone_a_clerk_is_told_and_the_same_sheet_files_once_later(
    far_console: tuple[ServedConsole, PostgresServer],
) -> None:
    console, server = far_console
    browser, typed = clerk(console), sheet()
    number = browser.post(NEW, sheet()).headers["location"].rpartition("/")[2]
    before = rows(console)
    server.halt()
    for path, fields in ((NEW, typed), (f"/staff/cases/{number}/move", {"wanted": "accepted"})):
        refused = browser.post(path, fields)
        assert refused.status_code == 500
        assert "没有办成" in refused.text or "出了问题" in refused.text, refused.text
    server.resume()
    assert rows(console) == before
    filed = [browser.post(NEW, typed) for _ in range(2)]
    assert len({answer.headers["location"] for answer in filed}) == 1
    assert rows(console)[0] == before[0] + 1
    assert browser.post(f"/staff/cases/{number}/move", {"wanted": "accepted"}).status_code == 303
    assert console.means.casework.desk.verify() == []


def test_on_a_full_disk_a_clerk_is_told_and_the_same_sheet_files_once_later(console: ServedConsole) -> None:
    browser = clerk(console)
    engine = console.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()

    def fill(connection: Connection, _record: object) -> None:
        # SQLite says "database or disk is full" for its own limit as it does for the disk's.
        connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[call-overload]

    event.listen(engine, "connect", fill)
    filed = []
    while (answer := browser.post(NEW, typed := sheet(description="长" * 450))).status_code == 303:
        filed.append(answer.headers["location"].rpartition("/")[2])
    assert answer.status_code == 500
    before = rows(console)
    assert before[0] == len(filed)
    assert console.means.casework.desk.verify() == []
    event.remove(engine, "connect", fill)
    engine.dispose()
    later = [browser.post(NEW, typed) for _ in range(2)]
    assert {answer.status_code for answer in later} == {303}
    assert rows(console)[0] == len(filed) + 1
    assert console.means.casework.desk.verify() == []


def test_a_description_of_4_megabytes_is_refused_and_not_sent_back(console: ServedConsole) -> None:
    browser = clerk(console)
    refused = browser.post(NEW, sheet(description="a" * 4_000_000))
    assert refused.status_code in (413, 422)
    assert len(refused.text) < 200_000
    assert rows(console) == (0, 0, 0, 0)


def test_a_clock_set_back_neither_doubles_a_number_nor_turns_a_history_around(
    console: ServedConsole,
) -> None:
    browser = clerk(console)
    numbers = [browser.post(NEW, sheet()).headers["location"].rpartition("/")[2]]
    console.clock.turn(days=-2)
    browser = clerk(console)
    numbers.append(browser.post(NEW, sheet()).headers["location"].rpartition("/")[2])
    console.clock.turn(days=2)
    browser = clerk(console)
    numbers.append(browser.post(NEW, sheet()).headers["location"].rpartition("/")[2])
    console.clock.turn(hours=-3)
    for number in numbers:
        assert browser.post(f"/staff/cases/{number}/move", {"wanted": "accepted"}).status_code == 303
    assert len(set(numbers)) == 3
    with console.means.casework.desk.store.sessions() as session:
        for number in numbers:
            events = select(CaseEventRow.at).where(CaseEventRow.number == number)
            told = session.scalars(events.order_by(CaseEventRow.sequence)).all()
            assert list(told) == sorted(told)
            assert session.get_one(CaseRow, number).status == CaseStatus.ACCEPTED
    assert console.means.casework.desk.verify() == []
