"""The three lists are kept as they stood, whatever becomes of the cases, and come as workbooks too."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from cases.arrivals.categories import load_categories
from cases.case import CaseStatus, Request
from cases.desk import Desk
from cases.figures.measures import KEPT, WITHOUT, Measure, definitions
from cases.figures.names import read_names
from cases.figures.periods import Period
from cases.figures.rates import Figures
from cases.figures.sheets import shown, title, write_report, write_snapshot
from cases.figures.snapshots import COLUMNS, Altered, DayAhead, Kind, NoSuchSnapshot, Snapshots
from cases.figures.tables import SnapshotRow, TallyRow
from cases.places.tables import GridRow
from cases.store import Told
from cases.tables import EventKind
from cases.work.departments import Department, Departments
from tests.cases.conftest import PHONE, HandClock
from tests.cases.working import LI, bring, open_departments

TODAY = date(2026, 6, 11)
EVIL = '=HYPERLINK("http://example.org","点我")'


@pytest.fixture
def numbers(desk: Desk, clock: HandClock, make_request: Callable[..., Request]) -> list[str]:
    """Four cases: at repairs, received, resolved, and received a day later."""
    open_departments(desk)
    numbers = [desk.file_case(make_request(key, category="lift")).number for key in "abc"]
    bring(desk, numbers[0], CaseStatus.IN_PROGRESS)
    bring(desk, numbers[2], CaseStatus.RESOLVED)
    clock.turn(days=1)
    return [*numbers, desk.file_case(make_request("d", category="tree")).number]


@pytest.fixture
def snapshots(desk: Desk) -> Snapshots:
    return Snapshots(desk.store)


def test_open_problems_are_listed_as_of_a_day_without_a_word_of_a_resident(
    snapshots: Snapshots, numbers: list[str], desk: Desk
) -> None:
    with desk.store.writing() as writing:
        writing.session.add(GridRow(id="g1", name="梧桐网格"))
        row = writing.case(numbers[0])
        row.grid = "g1"
        writing.tell(row, Told(EventKind.SORTED, LI, about="place"))
    taken = snapshots.take(Kind.PROBLEMS, TODAY, "boss")
    lines = [dict(zip(taken.columns, row, strict=True)) for row in taken.rows]
    assert lines == [
        {
            "number": numbers[0],
            "category": "电梯故障",
            "grid": "梧桐网格",
            "department": "报修组（示例）",
            "status": "in_progress",
            "since": "2026-06-11T10:00+08:00",
            "due": "2026-06-15T17:00+08:00",
            "is_overdue": False,
        },
        {**lines[0], "number": numbers[1], "grid": None, "department": None, "status": "received"},
    ]
    assert len(snapshots.take(Kind.PROBLEMS, TODAY + timedelta(days=1), "boss").rows) == 3
    with desk.store.sessions() as session:
        content = session.get_one(SnapshotRow, taken.heading.id).content
    assert not any(word in content for word in (PHONE, "王建国", "楼道灯"))


@pytest.mark.parametrize("kind", Kind)
def test_a_snapshot_does_not_change_when_the_cases_do(
    snapshots: Snapshots, numbers: list[str], desk: Desk, clock: HandClock, kind: Kind
) -> None:
    day = TODAY + timedelta(days=1)
    first = snapshots.take(kind, day, "boss")
    bring(desk, numbers[1], CaseStatus.CLOSED)
    Departments(desk.store).replace([Department("property", "物业科", "021-1", "boss")])
    clock.turn(days=20)
    second = snapshots.take(kind, day, "li")
    assert snapshots.read(first.heading.id) == first
    assert snapshots.read(second.heading.id) == second
    assert first.rows != second.rows
    assert [one.id for one in snapshots.all(kind)] == [second.heading.id, first.heading.id]
    assert (first.heading.taken_by, second.heading.taken_by) == ("boss", "li")
    assert snapshots.all(kind, limit=1, offset=1) == (first.heading,)


def test_duties_name_for_each_category_who_answers_and_by_when(snapshots: Snapshots, desk: Desk) -> None:
    Departments(desk.store).replace([Department("property", "物业科", "021-1", "boss")])
    taken = snapshots.take(Kind.DUTIES, TODAY, "boss")
    assert len(taken.rows) == len(load_categories())
    lines = {row[0]: row for row in taken.rows}
    assert lines["电梯故障"] == ("电梯故障", "物业科", "2 hours", "2 days", "021-1", "boss")
    assert lines["停水"][1] is None  # its department is not open


def test_results_are_those_of_the_month_until_the_day_or_of_a_period(
    snapshots: Snapshots, numbers: list[str]
) -> None:
    taken = snapshots.take(Kind.PERFORMANCE, TODAY, "boss")
    assert (taken.heading.first, taken.heading.last) == (date(2026, 6, 1), TODAY)
    assert [(row[0], row[1]) for row in taken.rows] == [(None, 2), ("报修组（示例）", 1)]
    whole = snapshots.take(Kind.PERFORMANCE, TODAY, "boss", Period.year_of(TODAY))
    assert [(row[0], row[1]) for row in whole.rows] == [(None, 3), ("报修组（示例）", 1)]


def test_a_day_ahead_an_unknown_snapshot_and_an_altered_one_are_refused(
    snapshots: Snapshots, numbers: list[str], desk: Desk
) -> None:
    with pytest.raises(DayAhead):
        snapshots.take(Kind.PROBLEMS, TODAY + timedelta(days=2), "boss")
    with pytest.raises(NoSuchSnapshot):
        snapshots.read(1)
    taken = snapshots.take(Kind.PROBLEMS, TODAY, "boss")
    with desk.store.sessions.begin() as session:
        content = session.get_one(SnapshotRow, taken.heading.id).content
        session.execute(update(SnapshotRow).values(content=content.replace(numbers[0], numbers[2])))
    with pytest.raises(Altered):
        snapshots.read(taken.heading.id)


def test_workbooks_hold_the_figures_as_numbers_and_no_formula(
    snapshots: Snapshots, numbers: list[str], desk: Desk
) -> None:
    Departments(desk.store).replace([Department("repairs", EVIL)])
    june = Period.month_of(TODAY)
    with desk.store.sessions() as session:
        names = read_names(session)
    book = load_workbook(io.BytesIO(write_report(Figures(desk.store).report(june), june, names)))
    sheet = book["按部门"]
    titles = [cell.value for cell in sheet[1]]
    line = dict(zip(titles, sheet[3], strict=True))
    assert (line["部门"].value, line["部门"].data_type) == (EVIL, "s")
    assert (line["受理总数"].value, line["按时响应率"].value, line["满意率"].value) == (1, 1, None)
    assert line["按时响应率"].number_format == "0.0%"
    assert sheet["A2"].value == "（无）"
    said = {row[0].value: row[1].value for row in book["总计"].iter_rows()}
    assert (said["开始日期"], said["受理总数"], said["按时响应数"]) == ("2026-06-01", 4, 2)
    taken = snapshots.take(Kind.PROBLEMS, TODAY, "boss")
    book = load_workbook(io.BytesIO(write_snapshot(taken)))
    first = [cell.value for cell in book["问题清单"][2]]
    assert (first[0], first[3], first[4], first[-1]) == (numbers[0], EVIL, "办理中", "否")
    assert book["问题清单"]["D2"].data_type == "s"
    assert taken.heading.digest in [row[1].value for row in book["说明"].iter_rows()]


def test_every_column_measure_and_rate_is_worded_and_every_kept_measure_has_its_column() -> None:
    for kind in Kind:
        assert all(title(column) for column in COLUMNS[kind])
    assert set(definitions()) == {*Measure, "response", "resolution", "timeliness", "satisfaction"}
    assert {*KEPT} | {*WITHOUT} == {*Measure}
    assert {measure.value for measure in KEPT} <= set(TallyRow.__table__.columns.keys())
    assert (shown("respond", "4 hours"), shown("is_overdue", True), shown("rated", 0)) == ("4小时", "是", 0)
