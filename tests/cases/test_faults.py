"""A full disk and a database that goes away are errors; what was acknowledged stays, whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from cases.case import CaseStatus, Request
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base
from language.moments import Clock
from tests.cases.working import BOSS, LI, a_move
from tests.postgres import PostgresServer, find_programs


def test_a_full_disk_is_an_error_and_leaves_no_half_case(
    tmp_path: Path, sealer: Sealer, clock: Clock, make_request: Callable[..., Request]
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'full.db'}")
    Base.metadata.create_all(engine)
    desk = Desk(sessionmaker(engine), sealer, clock)
    first = desk.file_case(make_request("first"))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _fill(connection: object, _record: object) -> None:
        # SQLite says "database or disk is full" for its own limit as it does for the disk's.
        connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    filed = [first.number]

    def file_on() -> None:
        for count in range(2000):
            filed.append(desk.file_case(make_request(f"key {count}")).number)

    with pytest.raises(OperationalError, match="full"):
        file_on()
    assert [record.number for record in desk.records()] == filed
    assert desk.verify() == []
    engine.dispose()
    roomy = create_engine(f"sqlite:///{tmp_path / 'full.db'}")
    again = Desk(sessionmaker(roomy), sealer, clock).file_case(make_request("afterwards"))
    assert int(again.number[-4:]) == len(filed) + 1  # no number was lost with the case that failed
    roomy.dispose()


@pytest.mark.postgres
def test_a_database_that_is_gone_for_a_while_takes_nothing_with_it(
    sealer: Sealer, clock: Clock, make_request: Callable[..., Request]
) -> None:
    programs = find_programs()
    assert programs is not None
    server = PostgresServer.start(programs)  # of its own: it is cut off from power
    try:
        engine = create_engine(server.new_database(), pool_pre_ping=True)
        Base.metadata.create_all(engine)
        desk = Desk(sessionmaker(engine), sealer, clock)
        receipt = desk.file_case(make_request("before"))
        desk.move(receipt.number, a_move(CaseStatus.ACCEPTED, LI))
        server.halt()
        with pytest.raises(OperationalError):
            desk.file_case(make_request("while away"))
        with pytest.raises(OperationalError):
            desk.move(receipt.number, a_move(CaseStatus.RESOLVED, BOSS))
        server.resume()
        again = desk.file_case(make_request("before"))
        assert (again.number, again.code, again.is_new) == (receipt.number, receipt.code, False)
        assert desk.move(receipt.number, a_move(CaseStatus.RESOLVED, BOSS)).status is CaseStatus.RESOLVED
        assert desk.file_case(make_request("while away")).is_new
        assert desk.verify() == []
        engine.dispose()
    finally:
        server.stop()
