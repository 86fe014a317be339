"""The history shows whatever was changed, cut out, added or cut off behind the desk's back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from cases.case import CaseStatus, Request
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base
from cases.work.moving import Move
from language.moments import Clock
from tests.cases.working import LI


@pytest.fixture
def worked_desk(desk: Desk, make_request: Callable[..., Request]) -> Desk:
    """Two cases and four entries: 1 and 2 file them, 3 and 4 move the first."""
    for key in ("a", "b"):
        desk.file_case(make_request(key))
    desk.move("260611-0001", Move(CaseStatus.ACCEPTED, LI, "已派单"))
    desk.move("260611-0001", Move(CaseStatus.RESOLVED, LI, "灯已换好"))
    return desk


def test_an_untouched_store_is_whole(worked_desk: Desk) -> None:
    assert worked_desk.verify() == []


def test_an_empty_store_is_whole(desk: Desk) -> None:
    assert desk.verify() == []


TAMPERINGS = [
    (
        "UPDATE case_event SET author = 'staff:wang' WHERE sequence = 3",
        "entry 3 (case 260611-0001) was changed",
    ),
    (
        "UPDATE case_event SET role = 'supervisor' WHERE sequence = 3",
        "entry 3 (case 260611-0001) was changed",
    ),
    (
        "UPDATE case_event SET about = 'gardens' WHERE sequence = 3",
        "entry 3 (case 260611-0001) was changed",
    ),
    (
        "UPDATE case_event SET to_status = 'closed' WHERE sequence = 4",
        "entry 4 (case 260611-0001) was changed",
    ),
    (
        "UPDATE case_event SET hash = prev_hash WHERE sequence = 2",
        "entry 2 (case 260611-0002) was changed",
    ),
    (
        "UPDATE case_event SET prev_hash = 'start' WHERE sequence = 3",
        "entry 3 (case 260611-0001) does not follow",
    ),
    (
        "UPDATE case_event SET note = (SELECT note FROM case_event WHERE sequence = 3) WHERE sequence = 4",
        "the note of entry 4",
    ),
    (
        "DELETE FROM notice WHERE sequence = 3; DELETE FROM case_event WHERE sequence = 3",
        "entries 3 to 3 are missing",
    ),
    (
        "DELETE FROM notice WHERE sequence = 4; DELETE FROM case_event WHERE sequence = 4",
        "ends at entry 3, but 4 were written",
    ),
    (
        "DELETE FROM notice WHERE number = '260611-0002';"
        " DELETE FROM case_event WHERE number = '260611-0002'",
        "case 260611-0002 has no history",
    ),
    ("UPDATE cases SET status = 'closed' WHERE number = '260611-0001'", "history ends in resolved"),
    (
        "UPDATE cases SET contact_phone = (SELECT contact_phone FROM cases WHERE number = '260611-0002')"
        " WHERE number = '260611-0001'",
        "contact_phone cannot be opened",
    ),
    ("DELETE FROM notice WHERE sequence = 4", "the notice of entry 4 (resolved) is missing"),
    ("DELETE FROM notice WHERE number = '260611-0002'", "case 260611-0002 owes no notice"),
]


def test_tampering_is_found(worked_desk: Desk, engine: Engine) -> None:
    for tamper, fault in TAMPERINGS:
        with engine.connect() as connection:
            saved = {table: connection.execute(table.select()).all() for table in Base.metadata.sorted_tables}
        with engine.begin() as connection:
            for statement in tamper.split("; "):
                connection.execute(text(statement))
        faults = worked_desk.verify()
        assert any(fault in line for line in faults), (tamper, faults)
        with engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for table, rows in saved.items():
                if rows:
                    connection.execute(table.insert(), [row._asdict() for row in rows])
        assert worked_desk.verify() == []


def test_a_case_deleted_with_all_its_traces_still_leaves_a_gap(worked_desk: Desk, engine: Engine) -> None:
    with engine.begin() as connection:
        for table in ("notice", "case_event", "case_clock", "cases"):
            connection.execute(text(f"DELETE FROM {table} WHERE number = '260611-0002'"))
    assert "history: entries 2 to 2 are missing" in worked_desk.verify()


def test_an_erased_note_and_erased_contact_fields_leave_the_history_whole(
    worked_desk: Desk, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE case_event SET note = NULL"))
        connection.execute(
            text("UPDATE cases SET contact_phone = NULL, contact_name = NULL, description = NULL")
        )
    assert worked_desk.verify() == []


def test_without_the_key_every_case_is_a_fault(
    worked_desk: Desk, sessions: sessionmaker[Session], clock: Clock
) -> None:
    stranger = Desk(sessions, Sealer([bytes(32)]), clock)
    assert any("its key is missing" in fault for fault in stranger.verify())


def test_a_rotated_key_still_verifies_what_the_old_one_chained(
    worked_desk: Desk, sessions: sessionmaker[Session], clock: Clock, make_request: Callable[..., Request]
) -> None:
    rotated = Desk(sessions, Sealer([bytes(32), bytes(range(32))]), clock)
    rotated.file_case(make_request("c"))
    assert rotated.verify() == []


def test_every_table_has_a_primary_key_and_only_portable_names() -> None:
    for table in Base.metadata.sorted_tables:
        assert table.primary_key.columns
        assert table.name.isidentifier()
