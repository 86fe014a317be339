"""Figures and snapshots as Excel workbooks, with what each number counts on a sheet of its own."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from cases.figures.measures import definitions
from cases.figures.names import Names, name_of
from cases.figures.periods import Period
from cases.figures.rates import Dimension, Report
from cases.figures.snapshots import COLUMNS, Kind, Snapshot, Value, performance
from cases.sheets import text_cell
from cases.work.deadlines import TermError, read_term

if TYPE_CHECKING:
    from openpyxl import Workbook

_WORDS = Path(__file__).with_name("sheets.yml")
_NUMBERS = COLUMNS[Kind.PERFORMANCE][1:]
_SHARES = frozenset({"response", "resolution", "timeliness", "satisfaction"})
_WIDTH = 16
_WIDE = 40


def write_report(report: Report, period: Period, names: Names) -> bytes:
    """Return the results of a period as an .xlsx file: all, by department, grid and category."""
    book = _new_book()
    words = _words()["sheets"]
    days = (("first", period.first.isoformat()), ("last", period.last.isoformat()))
    total = zip(_NUMBERS, performance(report.total, None)[1:], strict=True)
    _pairs(book, words["total"], [*days, *total])
    groups = {
        Dimension.DEPARTMENT: report.departments,
        Dimension.GRID: report.grids,
        Dimension.CATEGORY: report.categories,
    }
    for dimension, results in groups.items():
        rows = (performance(result, name_of(names, dimension, result.group)) for result in results)
        _table(book, words[dimension], (dimension.value, *_NUMBERS), rows)
    _definitions(book)
    return _bytes_of(book)


def write_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot as an .xlsx file: the list, and what it is of."""
    book, heading = _new_book(), snapshot.heading
    words = _words()["sheets"]
    _table(book, words[heading.kind], snapshot.columns, snapshot.rows)
    about = {
        "as_of": heading.as_of.isoformat(),
        "first": heading.first and heading.first.isoformat(),
        "last": heading.last and heading.last.isoformat(),
        "taken_at": heading.taken_at.isoformat(timespec="seconds"),
        "taken_by": heading.taken_by,
        "digest": heading.digest,
    }
    _pairs(book, words["about"], [(name, value) for name, value in about.items() if value])
    if heading.kind is Kind.PERFORMANCE:
        _definitions(book)
    return _bytes_of(book)


def title(column: str) -> str:
    """Return what a column of a list is called."""
    defined = definitions().get(column)
    return defined.name if defined else _words()["columns"][column]


def shown(column: str, value: Value) -> str | int | float:
    """Return a value of a list in words, numbers as they are; a share is 0 to 1."""
    words = _words()
    if value is None or isinstance(value, bool):
        return words["values"]["none" if value is None else str(value).lower()]
    if isinstance(value, str) and column == "status":
        return words["statuses"].get(value, value)
    if isinstance(value, str) and column in ("respond", "resolve"):
        return _term(value)
    return value


def _term(text: str) -> str:
    try:
        term = read_term(text)
    except TermError:  # a snapshot of before terms were written like this
        return text
    return _words()["values"][term.unit].format(amount=term.amount)


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: dict[str, dict[str, str]] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return words


def _definitions(book: Workbook) -> None:
    rows = ((one.name, one.text) for one in definitions().values())
    _table(book, _words()["sheets"]["definitions"], ("name", "text"), rows)


def _pairs(book: Workbook, name: str, pairs: Sequence[tuple[str, Value]]) -> None:
    sheet = book.create_sheet(name)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = _WIDTH, _WIDE
    for column, value in pairs:
        sheet.append([text_cell(sheet, title(column)), _cell(sheet, column, value)])


def _table(book: Workbook, name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    sheet.freeze_panes = "B2"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE if column == "text" else _WIDTH
    sheet.append([text_cell(sheet, title(column)) for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, column, value) for column, value in zip(columns, row, strict=True)])


def _cell(sheet: Any, column: str, value: Value) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if value is None and column not in tuple(Dimension):
        return None
    worded = shown(column, value)
    if isinstance(worded, str):
        return text_cell(sheet, worded)
    cell = WriteOnlyCell(sheet, value=worded)
    if column in _SHARES:
        cell.number_format = "0.0%"
    return cell


def _new_book() -> Workbook:
    from openpyxl import Workbook  # takes a tenth of a second, and a hall starts without it

    return Workbook(write_only=True)


def _bytes_of(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
