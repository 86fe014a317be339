"""The figures as an Excel workbook, one sheet a table; its words are data, in figures.yml."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from knowledge.figures import Figures, Group, Hot

if TYPE_CHECKING:
    from openpyxl import Workbook

Value = Any  # a text, a number, a day or nothing
_WORDS = Path(__file__).with_name("figures.yml")
_WIDTHS = {"title": 40, "department": 20, "guide_id": 28, "age": 22}
_WIDTH = 13


@cache
def figure_words() -> dict[str, dict[str, str]]:
    """Return the Chinese words of figures, by kind and name: for the workbook and for the console."""
    words: dict[str, dict[str, str]] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return words


def write_figures(figures: Figures) -> bytes:
    """Return the figures as an .xlsx file."""
    # Imported on first use: it takes a tenth of a second, and a hall starts without sheets.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _summary(book, figures)
    _groups(book, "days", "day", figures.days)
    _groups(book, "doors", "door", figures.doors)
    _hot(
        book, "hot_guides", ("guide_id", "title", "department", "answers", "bad_ratings"), figures.hot_guides
    )
    _hot(book, "hot_questions", ("guide_id", "title", "aspect", "answers"), figures.hot_questions)
    columns = ("department", "full", "partial", "pointer", "answers", "unanswered")
    departments = (
        (one.name, one.full, one.partial, one.pointer, one.answers, one.unanswered)
        for one in figures.departments
    )
    _sheet(book, "departments", columns, departments)
    _freshness(book, figures)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _summary(book: Workbook, figures: Figures) -> None:
    words = figure_words()
    rows: list[tuple[Value, ...]] = [
        (words["summary"]["first"], figures.first),
        (words["summary"]["last"], figures.last),
        (words["summary"]["turns"], figures.turns),
    ]
    rows += [(word, figures.decisions.get(name, 0)) for name, word in words["decisions"].items()]
    rows += [(words["summary"]["stars"].format(stars=stars), n) for stars, n in figures.stars.items()]
    rows += [(words["ages"][age], number) for age, number in figures.ages.items()]
    sheet = book.create_sheet(words["sheets"]["summary"])
    sheet.column_dimensions["A"].width = 2 * _WIDTH
    sheet.column_dimensions["B"].width = _WIDTH
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _groups(book: Workbook, name: str, column: str, groups: Iterable[Group]) -> None:
    words = figure_words()
    rows = (
        (
            words["doors"].get(group.name, group.name),
            group.turns,
            *(group.decisions.get(decision, 0) for decision in words["decisions"]),
        )
        for group in groups
    )
    _sheet(book, name, (column, "turns", *words["decisions"]), rows)


def _hot(book: Workbook, name: str, columns: Sequence[str], hot: Iterable[Hot]) -> None:
    aspects = figure_words()["aspects"]
    rows = ({**vars(one), "aspect": aspects.get(one.aspect or "overview", one.aspect)} for one in hot)
    _sheet(book, name, columns, (tuple(row[column] for column in columns) for row in rows))


def _freshness(book: Workbook, figures: Figures) -> None:
    columns = (
        "guide_id",
        "title",
        "department",
        "age",
        "verified_on",
        "review_by",
        "expires_on",
        "newest_source",
        "answers",
    )
    ages = figure_words()["ages"]
    rows = ({**vars(one), "age": ages[one.age]} for one in figures.freshness)
    _sheet(book, "freshness", columns, (tuple(row[column] for column in columns) for row in rows))


def _sheet(book: Workbook, name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    words = figure_words()
    sheet = book.create_sheet(words["sheets"][name])
    sheet.freeze_panes = "B2"
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTHS.get(column, _WIDTH)
    headers = [_cell(sheet, words["columns"].get(column) or words["decisions"][column]) for column in columns]
    for header in headers:
        header.font = Font(bold=True)
    sheet.append(headers)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Value) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # a title that begins with "=" stays text and is never run as a formula
    return cell
