"""Gold questions go to files and come back the same; every wrong row is named."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from knowledge.gold import GoldRecord
from knowledge.gold_files import read_gold, write_gold
from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.problems import GuideErrors

RECORDS = [
    GoldRecord("补社保卡", "card"),
    GoldRecord("=1+1", "permit"),
    GoldRecord("是", "card"),
    GoldRecord("办护照", None),
]


@pytest.fixture
def guides(other_guide: Callable[[str], dict[str, Any]]) -> list[Guide]:
    return [parse_guide(other_guide(name), name) for name in ("card", "permit")]


@pytest.mark.parametrize("name", ["gold.xlsx", "gold.jsonl", "gold.yml", "GOLD.YAML"])
def test_questions_come_back_as_they_went(guides: list[Guide], name: str) -> None:
    written = write_gold(RECORDS, name, guides)
    assert sorted(read_gold(written, name, guides), key=str) == sorted(RECORDS, key=str)


def test_a_question_that_looks_like_a_formula_stays_text(guides: list[Guide]) -> None:
    sheet = load_workbook(io.BytesIO(write_gold(RECORDS, "gold.xlsx", guides))).worksheets[0]
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("=1+1", "s")


def sheet_of(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (("问题", "事项编号或名称"), *rows):
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_staff_may_name_a_guide_by_its_title(guides: list[Guide]) -> None:
    content = sheet_of(("补社保卡", "事项card"), (), (2026, None))
    assert read_gold(content, "a.xlsx", guides) == [GoldRecord("补社保卡", "card"), GoldRecord("2026", None)]


def test_the_same_row_twice_is_one_question(guides: list[Guide]) -> None:
    content = sheet_of(("补社保卡", "card"), ("补社保卡？", "事项card"))
    assert read_gold(content, "a.xlsx", guides) == [GoldRecord("补社保卡", "card")]


def test_all_that_is_wrong_is_told_with_its_row(guides: list[Guide]) -> None:
    content = sheet_of(
        ("补社保卡", "card"), ("", "card"), ("办" * 201, ""), ("办证", "没有的"), ("补社保卡", "")
    )
    with pytest.raises(GuideErrors) as wrong:
        read_gold(content, "a.xlsx", guides)
    assert [(error.field, error.code) for error in wrong.value.errors] == [
        ("3", "gold_no_words"),
        ("4", "gold_too_long"),
        ("5", "gold_unknown_guide"),
        ("6", "gold_repeated"),
    ]
    assert all("{" not in line for locale in ("zh", "en") for line in wrong.value.lines(locale))


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "unknown_kind"),
        (b"x", "a.xlsx", "not_xlsx"),
        (b"\xff\xfe", "a.yml", "not_utf8"),
        (b"[1, 2]", "a.yml", "gold_shape"),
        (b"guides: [1]", "a.yml", "gold_shape"),
        (b"guides: {card: text}", "a.yml", "gold_shape"),
        (b"other: {}", "a.yml", "gold_shape"),
        (b"decline: []", "a.yml", "gold_none"),
        (b"a: &b [*b]", "a.yml", "yaml_alias"),
        (b"\xff", "a.jsonl", "not_utf8"),
        (b"{", "a.jsonl", "gold_line"),
        (b"[]", "a.jsonl", "gold_line"),
        (b"[" * 100_000, "a.jsonl", "gold_line"),
        (b'{"text": 1, "guide": null}', "a.jsonl", "gold_line"),
        (b'{"text": "x", "guide": 1}', "a.jsonl", "gold_line"),
    ],
)
def test_what_is_no_file_of_gold_questions_is_refused(
    guides: list[Guide], content: bytes, name: str, code: str
) -> None:
    with pytest.raises(GuideErrors) as wrong:
        read_gold(content, name, guides)
    assert wrong.value.errors[0].code == code


def test_a_sheet_without_our_headers_is_refused(guides: list[Guide]) -> None:
    book = Workbook()
    book.worksheets[0].append(["别的"])
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(GuideErrors) as wrong:
        read_gold(buffer.getvalue(), "a.xlsx", guides)
    assert wrong.value.errors[0].code == "gold_headers"
