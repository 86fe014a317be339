"""The case room measured: filings, and what staff read of a full store, on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from cases.case import CaseKind, Request
from cases.desk import Desk
from cases.sealing import Sealer
from hall.bench.case_pages import pages, time_best, time_often
from hall.bench.case_store import add_indexes, fill, look_at_tables
from hall.bench.cluster import PASSABLE
from hall.bench.figures import Figures, Slice, summarise
from hall.bench.programs import Programs, clean_environment, seconds_until
from hall.cluster import make_stores, postgres_programs
from hall.database import open_engine, open_sessions
from hall.plan import Store
from language.moments import utc_now

SQLITE_CASES, POSTGRES_CASES = 100_000, 1_000_000
# Writers at once, and how many each files.
WRITERS = {1: 120, 16: 15}
# Not the hall's: the cluster's other servers are not wanted here.
_NOT_STARTED = {"LINLI_REDIS_URL": "none", "LINLI_TRACKER_URL": "none"}


@dataclass
class StoreFigures:
    """One database: how many cases were in it, and what everything took."""

    cases: int
    filings: dict[int, Figures] = field(default_factory=dict)  # by writers at once
    pages: dict[str, tuple[float, float]] = field(default_factory=dict)  # p95, and without our indexes


async def measure_case_room(
    programs: Programs, folder: Path, say: Callable[[str], None], share: float = 1.0
) -> dict[str, StoreFigures]:
    """Return the figures by database; `share` of the cases, for a quick try."""
    found = {}
    say(f"Cases: SQLite, {round(SQLITE_CASES * share):,} of them ...")
    file = folder / "cases.db"
    found["SQLite"] = _measure(f"sqlite:///{file}", round(SQLITE_CASES * share), say)
    if postgres_programs() is None:
        say("There is no PostgreSQL here: cases are measured on SQLite alone.")
        return found
    say(f"Cases: PostgreSQL, {round(POSTGRES_CASES * share):,} of them ...")
    urls, (store,) = _make_server(folder)
    running = programs.start("cases-postgres", store.command, clean_environment())
    await seconds_until(running, store.check)
    found["PostgreSQL"] = _measure(urls["LINLI_DATABASE_URL"], round(POSTGRES_CASES * share), say)
    programs.end(running)
    return found


def _make_server(folder: Path) -> tuple[dict[str, str], tuple[Store, ...]]:
    own = folder / "cases"
    own.mkdir()
    for passed in (folder, own):
        passed.chmod(PASSABLE)
    return make_stores(own, _NOT_STARTED)


def _measure(url: str, count: int, say: Callable[[str], None]) -> StoreFigures:
    now, engine = utc_now(), open_engine(url)
    try:
        return _measure_store(engine, count, now, say)
    finally:
        engine.dispose()


def _measure_store(engine: Engine, count: int, now: datetime, say: Callable[[str], None]) -> StoreFigures:
    desk = Desk(open_sessions(engine), Sealer([bytes(range(32))]), utc_now)
    fill(engine, desk, count, now, say)
    read = pages(desk, now)
    say("  pages without our indexes ...")
    look_at_tables(engine)
    without = {name: time_best(page) for name, page in read.items()}
    say("  pages ...")
    add_indexes(engine)
    found = StoreFigures(count)
    for name, page in read.items():
        found.pages[name] = time_often(page), without[name]
    say("  filing ...")
    for writers, each in WRITERS.items():
        found.filings[writers] = summarise([_file_at_once(desk, writers, each)])
    return found


def _file_at_once(desk: Desk, writers: int, each: int) -> Slice:
    def file_some(writer: int) -> list[float]:
        milliseconds = []
        for count in range(each):
            started = time.perf_counter()
            desk.file_case(_request(f"{writers}-{writer}-{count}", count))
            milliseconds.append((time.perf_counter() - started) * 1000)
        return milliseconds

    file_some(-1)  # connections, statements and lists are made ready once
    started = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        taken = [one for some in threads.map(file_some, range(writers)) for one in some]
    return Slice(tuple(taken), time.perf_counter() - started)


def _request(key: str, count: int) -> Request:
    return Request(
        key=f"bench-{key}",
        kind=CaseKind.REPAIR,
        description="楼道里的灯坏了几天, 晚上看不见台阶, 请来看看",
        place=f"梧桐苑{count % 9 + 1}号楼",
        contact_name="王小明",
        contact_phone="13812345678",
        channel="chat",
        conversation=f"bench-{key}",
    )
