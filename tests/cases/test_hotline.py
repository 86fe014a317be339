"""The hotline's sheet comes in row by row, once, with every fault named, and goes back with the outcome."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.arrivals.hotline import import_sheet, write_back
from cases.case import Actor, ActorRole, CaseStatus, Request
from cases.desk import Desk
from cases.tables import CaseRow
from cases.work.moving import Move
from cases.workbook import WorkbookError
from tests.cases.working import LI, open_departments

TITLES = ["工单编号", "受理时间", "诉求类型", "诉求内容", "诉求地址", "联系人", "联系电话", "备注"]
GOOD = ["SH-1", "2026-06-10 09:30", "投诉", "楼上装修噪音太大", "梧桐苑3号楼", "王女士", "13812345678", "急"]


def sheet(folder: Path, *rows: list[object], titles: list[str] | None = None) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (titles or TITLES, *rows):
        page.append(row)
    file = folder / "12345.xlsx"
    book.save(file)
    return file


def test_a_sheet_is_filed_once_however_often_it_is_imported(
    desk: Desk, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = sheet(tmp_path, GOOD, ["SH-2", None, None, "路灯坏了", "在那边", "匿名", "保密"])
    tried = import_sheet(desk, file, "li", is_dry_run=True)
    assert (set(tried.filed), tried.known, tried.faults) == ({"SH-1", "SH-2"}, {}, ())
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(CaseRow)) == 0
    first = import_sheet(desk, file, "li")
    again = import_sheet(desk, file, "chen")
    assert again.filed == {}
    assert again.known == first.filed
    assert import_sheet(desk, file, "chen", is_dry_run=True).known == first.filed
    with sessions() as session:
        row = session.scalars(select(CaseRow).where(CaseRow.hotline_ref == "SH-1")).one()
    assert (row.kind, row.category, row.channel, row.answerable) == (
        "complaint",
        "noise-works",
        "hotline",
        "li",
    )
    assert next(desk.records()).contact_phone == "138****5678"
    assert desk.verify() == []


BAD: list[tuple[list[object], str]] = [
    ([None, *GOOD[1:]], "row 3, 工单编号: 1 to 64"),
    (["S" * 65, *GOOD[1:]], "row 3, 工单编号: 1 to 64"),
    (["SH-1", *GOOD[1:]], "row 3, 工单编号: SH-1 stands in the sheet twice"),
    (["SH-3", "2027-06-10", *GOOD[2:]], "row 3, 受理时间: this lies in the future"),
    (["SH-3", "1999-06-10", *GOOD[2:]], "row 3, 受理时间: this is more than a year ago"),
    (["SH-3", "昨天", *GOOD[2:]], "row 3, 受理时间: this is no date"),
    (["SH-3", GOOD[1], "闲聊", *GOOD[3:]], "row 3, 诉求类型: use one of 报修"),
    ([*GOOD[:3], "嗯", *GOOD[4:]], "row 3, 诉求内容: 2 to 500"),
    ([*GOOD[:3], "长" * 30_000, *GOOD[4:]], "row 3, 诉求内容: 2 to 500"),
    ([*GOOD[:4], "址" * 121, *GOOD[5:]], "row 3, 诉求地址: at most 120"),
    ([*GOOD[:6], "12345"], "row 3, 联系电话: write one number"),
]


def test_a_row_with_a_fault_is_named_and_the_others_are_filed(desk: Desk, tmp_path: Path) -> None:
    for count, (row, fault) in enumerate(BAD):
        good: list[object] = [
            f"OK-{count}" if row[0] != "SH-1" or "twice" not in fault else "SH-1",
            *GOOD[1:],
        ]
        done = import_sheet(desk, sheet(tmp_path, good, row), "li")
        assert len(done.filed) + len(done.known) == 1, fault
        assert any(str(found).startswith(fault) for found in done.faults), (fault, done.faults)
    assert desk.verify() == []


def test_a_file_that_is_no_sheet_of_the_hotline_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="工单编号, 诉求内容"):
        import_sheet(desk, sheet(tmp_path, ["a"], titles=["something"]), "li")
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(WorkbookError, match="open it and save it"):
        import_sheet(desk, file, "li")
    with pytest.raises(WorkbookError, match="cannot be read"):
        import_sheet(desk, tmp_path / "missing.xlsx", "li")


def test_the_outcome_goes_back_under_the_hotlines_own_number(
    desk: Desk, tmp_path: Path, make_request: Callable[..., Request]
) -> None:
    open_departments(desk)
    rows = [[f"SH-{count}", *GOOD[1:]] for count in (1, 2, 3)]
    filed = import_sheet(desk, sheet(tmp_path, *rows), "li").filed
    desk.file_case(make_request())  # not the hotline's
    desk.move(filed["SH-1"], Move(CaseStatus.ACCEPTED, LI))
    desk.move(filed["SH-1"], Move(CaseStatus.RESOLVED, LI, "=已劝阻，改为白天施工"))
    desk.move(filed["SH-1"], Move(CaseStatus.RATED, Actor("resident", ActorRole.RESIDENT), rating=5))
    desk.move(filed["SH-2"], Move(CaseStatus.CLOSED, LI, "不在本街道"))
    file = tmp_path / "back.xlsx"
    assert write_back(desk, file) == 3
    page = load_workbook(file).active
    assert page is not None
    lines = [tuple(cell.value for cell in row) for row in page.iter_rows()]
    assert lines[0] == (
        "工单编号",
        "受理编号",
        "办理状态",
        "承办部门",
        "响应时间",
        "办结时间",
        "办理结果",
        "满意度",
    )
    assert [(line[0], line[2], line[6], line[7]) for line in lines[1:]] == [
        ("SH-1", "已办结", "=已劝阻，改为白天施工", "非常满意"),
        ("SH-2", "退单", "不在本街道", None),
        ("SH-3", "待受理", None, None),
    ]
    assert lines[1][5] == "2026-06-11 10:00"
