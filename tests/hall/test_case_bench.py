"""What the case room is measured on: a store as the desk would have left it, on a small scale."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.orm import sessionmaker

from cases.case import CaseKind, Request
from cases.desk import Desk
from cases.figures.periods import Period
from cases.figures.rates import Figures
from cases.figures.tables import TallyRow
from cases.figures.tallies import count_waiting, forget
from cases.sealing import Sealer
from cases.tables import Base, CaseRow
from hall.bench.case_pages import pages
from hall.bench.case_room import StoreFigures
from hall.bench.case_store import add_indexes, fill, our_indexes
from hall.bench.figures import Figures as Times
from hall.bench.page import case_tables

NOW = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
COUNT = 1500


def test_a_made_store_reads_and_counts_as_one_that_the_desk_filled(database_url: str) -> None:
    engine = create_engine(database_url)
    desk = Desk(sessionmaker(engine, expire_on_commit=False), Sealer([bytes(range(32))]), lambda: NOW)
    fill(engine, desk, COUNT, NOW, lambda line: None)
    assert not inspect(engine).get_indexes("case_event")
    add_indexes(engine)
    made = {index["name"] for table in Base.metadata.tables for index in inspect(engine).get_indexes(table)}
    assert {index.name for index in our_indexes()} <= made

    figures, years = Figures(desk.store), Period(date(2024, 1, 1), date(2026, 12, 31))
    at_once = figures.report(years)
    with desk.store.sessions() as session:
        sums = session.scalar(select(func.count()).select_from(TallyRow))
    forget(desk.store)
    assert count_waiting(desk.store) > COUNT * 0.9
    assert figures.report(years) == at_once
    with desk.store.sessions() as session:
        assert session.scalar(select(func.count()).select_from(TallyRow)) == sums

    for name, read in pages(desk, NOW).items():
        assert read() is not None, name
    request = Request("key", CaseKind.REPAIR, "楼道灯坏了", "梧桐苑3号楼", None, None, "chat", "c")
    receipt = desk.file_case(request)
    with desk.store.sessions() as session:
        newest = session.scalars(select(CaseRow.number).order_by(CaseRow.number.desc()).limit(2)).all()
    assert newest[0] == receipt.number  # it counts on behind the last one that was made
    engine.dispose()


def test_the_tables_show_every_page_of_both_databases() -> None:
    times = Times(p50=10.0, p99=20.0, per_second=90.0, turns=100, failures=0)
    stores = {
        "SQLite": StoreFigures(100_000, {1: times}, {"a queue": (12.0, 80.0)}),
        "PostgreSQL": StoreFigures(1_000_000, {1: times}, {"a queue": (30.0, 900.0)}),
    }
    text = "\n".join(case_tables(stores).values())
    assert "| a queue  |              12 |      80 |                    30 |     900 |" in text
    assert text.count("90.0") == 2
