"""Fills a case store with made-up cases, fast: past the desk, and without chaining their history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Index,
    func,
    insert,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Session

import cases.places
from cases.case import AT_REST, CaseStatus
from cases.desk import Desk
from cases.history import FIRST_HASH, field_context
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.places.tables import BuildingRow
from cases.tables import Base, CaseEventRow, CaseRow, CounterRow, EventKind
from cases.work.department_file import SAMPLE, read_departments
from cases.work.departments import Departments
from cases.work.joint import AssistState
from cases.work.tables import AssignmentRow, ClockRow, Purpose, WhistleCallRow, WhistleRow
from hall.bench.case_sums import add_sums
from hall.bench.made_cases import MadeCase, make_cases

PLACES = Path(cases.places.__file__).with_name("sample.yml")
# Cases that can be opened: their fields are sealed for them.
OPENABLE = 40
_AT_ONCE = 5000
_ASSISTING, _WHISTLED = 1500, 200
_COLUMNS = tuple(field.name for field in fields(MadeCase))
_values_of = attrgetter(*_COLUMNS)  # dataclasses.astuple copies every value, which takes eight times as long
# As long as what people write, once sealed.
_WORDS = {
    "description": "楼道里的灯坏了几天, 晚上看不见台阶, 老人不敢下楼, 请来看看",
    "place": "梧桐苑3号楼2单元",
}
_WORDS |= {"contact_name": "王小明", "contact_phone": "13812345678"}


def fill(engine: Engine, desk: Desk, count: int, now: datetime, tell: Callable[[str], None]) -> None:
    """Make the tables and fill them with `count` cases and what belongs to them; leave out our indexes."""
    Base.metadata.create_all(engine)
    drop_indexes(engine)
    Departments(desk.store).replace(read_departments(SAMPLE))
    Places(desk.store).replace(read_registry(PLACES))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # What is referred to is there: looking at each row would take longer than all the rest.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        found = connection.execute(select(BuildingRow.grid, BuildingRow.id).order_by(BuildingRow.id))
        made = make_cases(count, now, [(grid, building) for grid, building in found])
        put = _copy if engine.dialect.name == "postgresql" else _insert
        for done in put(connection, made, _constant(desk)):
            if done % 100_000 == 0:
                tell(f"    {done:,} of {count:,} cases")
        tell("    their clocks and history")
        _add_clocks(connection)
        _add_history(connection)
        _count_on(connection)
        _add_assisting(connection)
        tell("    sums of their figures")
        add_sums(connection, now)
    _add_whistles(desk)
    _seal_some(desk)


def our_indexes() -> list[Index]:
    """Return the indexes that are there for speed; what has to be unique stays unique without them."""
    tables = Base.metadata.sorted_tables
    return [one for table in tables for one in sorted(table.indexes, key=str) if not one.unique]


def drop_indexes(engine: Engine) -> None:
    """Drop our indexes."""
    for index in our_indexes():
        index.drop(engine)


def add_indexes(engine: Engine) -> None:
    """Make our indexes, and let PostgreSQL look at its tables, as it does by itself after a while."""
    for index in our_indexes():
        index.create(engine)
    look_at_tables(engine)


def look_at_tables(engine: Engine) -> None:
    """Have PostgreSQL gather what its plans go by. A hall on SQLite never does that, nor do we here."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))


def _constant(desk: Desk) -> dict[str, Any]:
    sealer = desk.store.sealer
    sealed = {field: sealer.seal(words, "made up") for field, words in _WORDS.items()}
    return {"code_hash": sealer.sign("code-hash", "made up"), **sealed}


def _copy(connection: Connection, made: Iterable[MadeCase], constant: dict[str, Any]) -> Iterator[int]:
    columns, done = (*_COLUMNS, *constant), 0
    ending = "\t".join(map(_as_text, constant.values()))
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY cases ({', '.join(columns)}) FROM STDIN") as stream:
        for some in _by_thousands(made):
            lines = ("\t".join(map(_as_text, _values_of(one))) + f"\t{ending}\n" for one in some)
            stream.write("".join(lines))
            yield (done := done + len(some))


def _insert(connection: Connection, made: Iterable[MadeCase], constant: dict[str, Any]) -> Iterator[int]:
    done = 0
    for some in _by_thousands(made):
        connection.execute(
            insert(CaseRow), [dict(zip(_COLUMNS, _values_of(one), strict=True)) | constant for one in some]
        )
        yield (done := done + len(some))


def _by_thousands(made: Iterable[MadeCase]) -> Iterator[list[MadeCase]]:
    source = iter(made)
    while some := list(islice(source, _AT_ONCE)):
        yield some


def _as_text(value: object) -> str:
    # Nothing made up holds a tab, a line's end or a backslash.
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _add_clocks(connection: Connection) -> None:
    """Add the clocks that have ended, and the one that runs for each open case."""
    row, empty = CaseRow, literal([], ClockRow.pauses.type)
    is_open = row.status.not_in([one.value for one in AT_REST])
    for purpose, term, due_at, ended_at, some in (
        (Purpose.RESPOND, "4 hours", row.response_due_at, row.responded_at, row.responded_at.is_not(None)),
        (Purpose.RESOLVE, "5 days", row.promised_at, row.updated_at, ~is_open),
    ):
        kept = (row.number, row.created_at, due_at, ended_at)
        made = select(*kept, literal(purpose.value), literal(term), empty, ~true(), literal(0)).where(some)
        names = ["number", "started_at", "due_at", "ended_at", "purpose", "term", "pauses", "is_provisional"]
        connection.execute(insert(ClockRow).from_select([*names, "level"], made))
    running = select(row.number, row.created_at, row.responded_at, row.response_due_at, row.due_at).where(
        is_open
    )
    rows = []
    for number, at, responded_at, respond_by, resolve_by in connection.execute(running):
        if responded_at is None:
            rows.append(_running(number, Purpose.RESPOND, at, respond_by))
        rows.append(_running(number, Purpose.RESOLVE, at, resolve_by))
    connection.execute(insert(ClockRow), rows)


def _running(number: str, purpose: Purpose, at: datetime, due_at: datetime | None) -> dict[str, Any]:
    """Return a clock that runs, or stands still."""
    return {
        "number": number,
        "purpose": purpose.value,
        "term": "5 days",
        "started_at": at,
        "warn_at": due_at and due_at - timedelta(hours=6),
        "due_at": due_at,
        "escalate_at": due_at and due_at + timedelta(days=1),
        "is_provisional": False,
        "pauses": [],
    }


def _add_history(connection: Connection) -> None:
    """Add the entry of filing, and for what was accepted the one of its last move."""
    row = CaseRow
    names = ["sequence", "number", "kind", "from_status", "to_status", "author", "role", "note_hash", "at"]
    names += ["prev_hash", "hash"]
    hashes, sofar = (literal(FIRST_HASH), literal("made up")), 0
    for kind, before, status, author, role, at, some in (
        (
            EventKind.FILED,
            None,
            literal(CaseStatus.RECEIVED.value),
            "resident",
            "resident",
            row.created_at,
            true(),
        ),
        (
            *(EventKind.MOVED, CaseStatus.RECEIVED.value, row.status, "receiver-00", "receiver"),
            *(row.updated_at, row.status != CaseStatus.RECEIVED.value),
        ),
    ):
        place = func.row_number().over(order_by=(row.created_at, row.number)) + sofar
        told = (literal(kind.value), literal(before, CaseEventRow.from_status.type), status)
        made = select(
            *(place, row.number, *told, literal(author), literal(role), literal(""), at, *hashes)
        ).where(some)
        connection.execute(insert(CaseEventRow).from_select(names, made))
        sofar = connection.scalar(select(func.max(CaseEventRow.sequence))) or 0


def _count_on(connection: Connection) -> None:
    """Let the desk go on counting behind what was made: entries of the history, and cases of the last day."""
    last = connection.scalar(select(func.max(CaseRow.number))) or ""
    entries = connection.scalar(select(func.max(CaseEventRow.sequence))) or 0
    day, of_the_day = last.split("-")
    connection.execute(update(CounterRow).where(CounterRow.name == "history").values(value=entries))
    connection.execute(insert(CounterRow).values(name=f"day/{day}", value=int(of_the_day)))


def _add_assisting(connection: Connection) -> None:
    """Call a second department to the newest cases in progress."""
    departments = [one.id for one in read_departments(SAMPLE)]
    states = (AssistState.CALLED, AssistState.ACCEPTED, AssistState.DONE)
    rows = [
        {
            "number": number,
            "department": next(
                one for one in departments[place % len(departments) :] + departments if one != lead
            ),
            "state": states[place % len(states)].value,
            "called_at": at,
        }
        for place, (number, lead, at) in enumerate(connection.execute(_in_progress(_ASSISTING)))
    ]
    connection.execute(insert(AssignmentRow), rows)


def _in_progress(most: int) -> Any:
    newest = select(CaseRow.number, CaseRow.department, CaseRow.created_at)
    return (
        newest.where(CaseRow.status == CaseStatus.IN_PROGRESS.value)
        .order_by(CaseRow.number.desc())
        .limit(most)
    )


def _add_whistles(desk: Desk) -> None:
    """Whistle for departments that have not come."""
    with desk.store.sessions.begin() as session:
        for number, department, at in session.execute(_in_progress(_WHISTLED)).all():
            whistle = WhistleRow(number=number, blown_by="receiver-00", blown_at=at)
            clock = ClockRow(
                **_running(number, Purpose.ARRIVE, at, at + timedelta(hours=2)), department=department
            )
            session.add_all([whistle, clock])
            session.flush()
            session.add(WhistleCallRow(whistle=whistle.id, department=department, clock=clock.id))


def _seal_some(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        for number in openable(session):
            row = session.get_one(CaseRow, number)
            for field, words in _WORDS.items():
                setattr(row, field, desk.store.sealer.seal(words, field_context(number, field)))


def openable(session: Session) -> list[str]:
    """Return the numbers of the cases that can be opened."""
    return [number for number, _, _ in session.execute(_in_progress(OPENABLE))]
