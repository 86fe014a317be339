"""Guides in files: what is exported comes back equal, and what is wrong is named by its cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from knowledge import exchange
from knowledge.exchange import read_content, read_file, write_content, write_file
from knowledge.guide import FACT_FIELDS, Guide
from knowledge.guide_file import GUIDE_FIELDS, parse_guide
from knowledge.library import load_shipped
from knowledge.problems import GuideErrors
from knowledge.sheet_layout import layout
from knowledge.workbook_safety import MAX_FILE_BYTES

Edit = Callable[[Workbook], None]


@pytest.fixture
def guide(permit: dict[str, Any]) -> Guide:
    return parse_guide(permit, "x")


@pytest.fixture
def guides(guide: Guide, other_guide: Callable[[str], dict[str, Any]]) -> list[Guide]:
    return [guide, parse_guide(other_guide("other"), "x")]


def edited(guides: list[Guide], edit: Edit) -> bytes:
    """Return the exported workbook as somebody saved it after an edit."""
    book = load_workbook(io.BytesIO(write_content(guides, "a.xlsx")))
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def wrong_cells(content: bytes) -> dict[str, str]:
    with pytest.raises(GuideErrors) as caught:
        read_content(content, "a.xlsx")
    assert all(error.problem and error.remedy and error.line("en") for error in caught.value.errors)
    return {error.field: error.code for error in caught.value.errors}


def column(sheet: str, header: str) -> int:
    plan = layout()
    columns = {name: [plan.id_header, *fields.values()] for name, fields in plan.item_sheets.values()}
    columns[plan.guides_sheet] = list(plan.columns.values())
    return columns[sheet].index(header) + 1


def put(sheet: str, header: str, row: int, value: object) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet].cell(row=row, column=column(sheet, header)).value = value  # type: ignore[union-attr, assignment]

    return edit


# --- there and back


@pytest.mark.parametrize("name", ["a.xlsx", "a.yml", "a.jsonl"])
def test_what_is_exported_comes_back_equal(guides: list[Guide], name: str) -> None:
    assert read_content(write_content(guides, name), name) == guides


@pytest.mark.parametrize("name", ["a.xlsx", "a.yml", "a.jsonl"])
def test_all_shipped_guides_survive_the_journey(name: str) -> None:
    shipped = load_shipped()
    assert read_content(write_content(shipped, name), name) == shipped


@pytest.mark.parametrize("name", ["a.xlsx", "a.yml", "a.jsonl"])
@pytest.mark.parametrize(
    "text", ["=1+1", "@某人", "'引号'", "a: b # c", "- 一", "yes", "1e3", "007", "“”\\|", "_x0041_"]
)
def test_texts_that_look_like_something_else_stay_texts(guide: Guide, name: str, text: str) -> None:
    tricky = replace(guide, fee=text, conditions=(text, "二"), notes=f"{text}\n{text}")
    assert read_content(write_content([tricky], name), name) == [tricky]


def test_a_workbook_saved_again_by_somebody_comes_back_equal(guides: list[Guide]) -> None:
    assert read_content(edited(guides, lambda book: None), "a.xlsx") == guides


def test_a_yaml_file_may_hold_one_guide(permit: dict[str, Any], guide: Guide) -> None:
    shipped = write_content([guide], "a.yml").decode()
    one = "\n".join(line[2:] for line in shipped.splitlines())
    assert read_content(one.encode(), "a.yml") == [guide]


def test_a_file_is_written_whole(tmp_path: Path, guides: list[Guide]) -> None:
    write_file(guides, tmp_path / "out.xlsx")
    assert read_file(tmp_path / "out.xlsx") == guides
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]


def test_every_field_has_its_place_in_the_workbook() -> None:
    plan = layout()
    placed = {name.split(".")[0] for name in plan.columns} | set(plan.item_sheets)
    assert placed == set(GUIDE_FIELDS)
    assert set(FACT_FIELDS) <= set(plan.words["fields"])
    assert set(plan.words["fields"]) == set(GUIDE_FIELDS)


# --- what people do in Excel


def test_a_number_that_excel_made_of_a_phone_or_a_year_is_text_again(guides: list[Guide]) -> None:
    def edit(book: Workbook) -> None:
        put("电话", "号码", 2, 12345)(book)
        put("金额", "年份", 2, 2022.0)(book)
        put("材料", "份数", 2, 2)(book)

    guide = read_content(edited(guides, edit), "a.xlsx")[0]
    assert guide.phones[0].number == "12345"
    assert guide.amounts[0].year == "2022"
    assert guide.materials[0].count == 2


def test_a_day_that_excel_knows_as_a_day_is_read(guides: list[Guide]) -> None:
    content = edited(guides, put("服务事项", "核对日期", 2, datetime(2026, 1, 31)))  # noqa: DTZ001
    assert str(read_content(content, "a.xlsx")[0].verified_on) == "2026-01-31"


def test_empty_rows_between_are_skipped(guides: list[Guide]) -> None:
    content = edited(guides, lambda book: book["服务事项"].insert_rows(3, 5))  # type: ignore[union-attr]
    assert read_content(content, "a.xlsx") == guides


def test_items_keep_the_order_of_their_rows(guides: list[Guide]) -> None:
    content = edited(guides, lambda book: book["材料"].move_range("A2:H2", rows=5))  # type: ignore[union-attr]
    names = [material.name for material in read_content(content, "a.xlsx")[0].materials]
    assert names == ["居住证明", "居民身份证"]


@pytest.mark.parametrize(
    ("sheet", "header", "row", "value", "place", "code"),
    [
        ("服务事项", "事项名称", 2, None, "服务事项!B2", "missing"),
        ("服务事项", "主题", 3, "证件", "服务事项!F3", "not_one_of"),
        ("服务事项", "热度(0-100)", 2, 300, "服务事项!H2", "not_a_number"),
        ("服务事项", "热度(0-100)", 2, "高", "服务事项!H2", "not_a_number"),
        ("服务事项", "办理条件", 2, "满半年\n<b>住满</b>", "服务事项!J2 #2", "html"),
        ("服务事项", "完整程度", 2, "全", "服务事项!AG2", "not_one_of"),
        ("服务事项", "能否代办", 2, "也许", "服务事项!U2", "not_one_of"),
        ("服务事项", "收费", 2, "=1+1", "服务事项!Q2", "formula"),
        ("服务事项", "编号", 3, "residence-permit-first", "服务事项!A3", "id_taken"),
        ("服务事项", "复核期限", 2, "明年", "服务事项!AD2", "not_a_date"),
        ("材料", "形式", 3, "纸", "材料!C3", "not_one_of"),
        ("材料", "必交", 2, "对", "材料!F2", "not_yes_or_no"),
        ("材料", "编号", 3, "nobody", "材料!A3", "row_without_guide"),
        ("来源", "支持的栏目", 2, "价钱", "来源!F2", "not_one_of"),
        ("来源", "网址", 2, "看网站", "来源!C2", "bad_url"),
        ("电话", "号码", 2, "打给我", "电话!B2", "bad_phone"),
    ],
)
def test_a_wrong_cell_is_named(
    guides: list[Guide], sheet: str, header: str, row: int, value: object, place: str, code: str
) -> None:
    assert wrong_cells(edited(guides, put(sheet, header, row, value)))[place] == code


def test_a_wrong_word_is_told_once_and_in_chinese(guides: list[Guide]) -> None:
    with pytest.raises(GuideErrors) as caught:
        read_content(edited(guides, put("服务事项", "完整程度", 2, "全")), "a.xlsx")
    (error,) = caught.value.errors
    assert "完整、部分、仅指引" in error.remedy


def test_wrong_headers_missing_sheets_and_merged_cells_are_named(guides: list[Guide]) -> None:
    assert wrong_cells(edited(guides, put("服务事项", "收费", 1, "费用"))) == {"服务事项!1": "wrong_columns"}
    assert wrong_cells(edited(guides, lambda book: book.remove(book["来源"])))["来源"] == "missing_sheet"
    merged = edited(guides, lambda book: book["材料"].merge_cells("A2:A3"))  # type: ignore[union-attr]
    assert wrong_cells(merged) == {"": "merged_cells"}


def test_a_column_beside_ours_is_not_lost_without_a_word(guides: list[Guide]) -> None:
    def edit(book: Workbook) -> None:
        book["电话"].cell(row=2, column=4).value = "多出来的"  # type: ignore[union-attr]

    assert wrong_cells(edited(guides, edit)) == {"电话!D2": "wrong_columns"}


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_html_or_script_is_refused_in_every_cell(guides: list[Guide], text: str) -> None:
    plan = layout()
    sheets = {plan.guides_sheet: dict(plan.columns)}
    sheets |= {sheet: {"id": plan.id_header, **columns} for sheet, columns in plan.item_sheets.values()}
    for sheet, columns in sheets.items():
        for headers in (
            [plan.id_header],
            [header for header in columns.values() if header != plan.id_header],
        ):

            def edit(book: Workbook, sheet: str = sheet, headers: list[str] = headers) -> None:
                for header in headers:
                    put(sheet, header, 2, text)(book)

            told = {place.split(" ")[0] for place in wrong_cells(edited(guides, edit))}
            wanted = {f"{sheet}!{get_column_letter(column(sheet, header))}2" for header in headers}
            assert wanted <= told


def test_a_wording_that_another_guide_of_the_sheet_claims_is_named_by_its_cell(guides: list[Guide]) -> None:
    edit = put("服务事项", "居民问法", 3, "别的说法\n居住证怎么办？")
    assert wrong_cells(edited(guides, edit)) == {"服务事项!W3 #2": "name_taken"}


@pytest.mark.parametrize("name", ["a.yml", "a.jsonl"])
def test_an_id_used_twice_in_a_list_is_told_by_its_place(guides: list[Guide], name: str) -> None:
    content = write_content([*guides, replace(guides[1], title="别的", plain_name="别的")], name)
    with pytest.raises(GuideErrors) as caught:
        read_content(content, name)
    assert [(error.file, error.code) for error in caught.value.errors] == [(f"{name} #3", "id_taken")]


# --- files that are not what they seem


def refused(content: bytes, name: str) -> str:
    with pytest.raises(GuideErrors) as caught:
        read_content(content, name)
    (error,) = caught.value.errors
    assert error.file == name
    assert error.remedy
    return error.code


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.xlsx", "not_xlsx"),
        (b"PK\x03\x04 half", "a.xlsx", "not_xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 200, "a.xlsx", "encrypted"),
        ("编号,事项名称\n1,居住证\n".encode(), "a.xlsx", "not_xlsx_but"),
        ("\ufeff编号\t事项名称\n".encode(), "a.xlsx", "not_xlsx_but"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.xlsx", "not_xlsx_but"),
        (b"%PDF-1.7", "a.xlsx", "not_xlsx_but"),
        (b"id,title", "a.csv", "unknown_kind"),
        (b"PK", "a.xlsm", "macros"),
        (b"x", "guides", "unknown_kind"),
        (b"\xff\xfe\x00", "a.yml", "not_utf8"),
        (b"", "a.yml", "no_guides"),
        (b"[]", "a.yml", "no_guides"),
        (b"", "a.jsonl", "no_guides"),
        (b"{", "a.jsonl", "bad_json"),
        (b"[" * 100_000, "a.jsonl", "bad_json"),
        (b'{"id": "a", "id": "b"}', "a.jsonl", "repeated_key"),
        (b"[" * 100_000, "a.yml", "too_deep"),
    ],
)
def test_a_file_that_is_no_guide_file_is_refused(content: bytes, name: str, code: str) -> None:
    assert refused(content, name) == code


def test_a_file_of_more_than_20_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.yml"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(GuideErrors) as caught:
        read_file(path)
    assert caught.value.errors[0].code == "too_big"
    assert refused(b" " * (MAX_FILE_BYTES + 1), "a.jsonl") == "too_big"


def test_a_workbook_of_50_megabytes_is_refused_before_it_is_opened(guides: list[Guide]) -> None:
    assert refused(write_content(guides, "a.xlsx") + b"\0" * (50 * 1024 * 1024), "a.xlsx") == "too_big"


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return buffer.getvalue()


def test_a_workbook_that_unpacks_to_an_unreasonable_size_is_refused(guides: list[Guide]) -> None:
    bomb = with_part(write_content(guides, "a.xlsx"), "xl/media/a.xml", b"\0" * (101 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    assert refused(bomb, "a.xlsx") == "zip_bomb"


def test_a_workbook_with_entities_is_refused(guides: list[Guide]) -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert refused(with_part(write_content(guides, "a.xlsx"), "xl/x.xml", entities), "a.xlsx") == "zip_bomb"


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/macrosheets/s1.xml"]
)
def test_macros_and_links_are_refused(guides: list[Guide], part: str) -> None:
    assert refused(with_part(write_content(guides, "a.xlsx"), part, b"<x/>"), "a.xlsx") == "macros"


def test_a_damaged_sheet_is_refused(guides: list[Guide]) -> None:
    content = write_content(guides, "a.xlsx")
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            whole = old.read(part)
            new.writestr(part.filename, whole[: len(whole) // 2] if "sheet1.xml" in part.filename else whole)
    assert refused(buffer.getvalue(), "a.xlsx") == "not_xlsx"


def test_one_wrong_guide_of_a_list_is_told_by_its_place(guides: list[Guide]) -> None:
    text = write_content(guides, "a.jsonl").decode().replace('"便民服务"', '"别的"')
    with pytest.raises(GuideErrors) as caught:
        read_content(text.encode(), "a.jsonl")
    assert [(error.file, error.field) for error in caught.value.errors] == [("a.jsonl #2", "theme")]


def test_an_export_to_another_kind_of_file_is_refused(tmp_path: Path, guides: list[Guide]) -> None:
    with pytest.raises(GuideErrors):
        write_file(guides, tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []
    assert ".xlsx" in exchange.SUFFIXES
