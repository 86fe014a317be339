"""Exported cases open in a spreadsheet, run nothing, and are written whole or not at all."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cases.case import CaseRecord
from cases.desk import SHANGHAI
from cases.sheets import COLUMNS, SheetError, write_records


def record(description: str) -> CaseRecord:
    at = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
    return CaseRecord(
        number="260611-0001",
        kind="repair",
        category=None,
        status="filed",
        channel="chat",
        department=None,
        grid=None,
        building=None,
        due_at=None,
        created_at=at,
        updated_at=at,
        description=description,
        place="3号楼",
        contact_name="王**",
        contact_phone="138****1234",
    )


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "灯\x0b坏了", "普通的话", "长" * 500]
)
def test_a_sheet_holds_texts_and_no_formula(text: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    assert write_records([record(text)], file, SHANGHAI) == 1
    sheet = load_workbook(file).active
    assert sheet is not None
    header, row = sheet.iter_rows()
    assert tuple(cell.value for cell in header) == COLUMNS
    cells = dict(zip(COLUMNS, row, strict=True))
    assert cells["description"].data_type == "s"
    assert cells["description"].value == text.replace("\x0b", "")
    assert cells["created_at"].value == "2026-06-11T10:00:00+08:00"
    assert cells["category"].value is None


def test_lines_of_json_hold_every_column(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    assert write_records([record("一"), record("二")], file, SHANGHAI) == 2
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["description"] for row in rows] == ["一", "二"]
    assert all(tuple(row) == COLUMNS for row in rows)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    write_records([], file, SHANGHAI)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["cases.xlsx", "cases.jsonl"])
def test_a_failure_on_the_way_leaves_the_former_file_and_nothing_beside_it(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text("former")

    def failing() -> Iterator[CaseRecord]:
        yield record("一")
        raise RuntimeError("database gone")

    with pytest.raises(RuntimeError):
        write_records(failing(), file, SHANGHAI)
    assert file.read_text() == "former"
    assert list(tmp_path.iterdir()) == [file]


def test_another_ending_and_a_missing_folder_are_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"\.xlsx or \.jsonl"):
        write_records([], tmp_path / "cases.csv", SHANGHAI)
    with pytest.raises(SheetError, match="another place"):
        write_records([], tmp_path / "missing" / "cases.xlsx", SHANGHAI)
