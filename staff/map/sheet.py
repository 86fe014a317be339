"""The map as an .xlsx workbook: what the page shows, and nothing more exact."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from cases.figures.heat import HeatMap
from cases.figures.hiding import Shown, Telling
from staff.map.words import MapWords, shade

FOREMOST = 10
# As on the page (map.css), so that a printed sheet looks like it.
_FILLS = ("FFFFFF", "F4F7FC", "DCE8F7", "B5CFEE", "7FAEDF", "3F7FC4", "0F4C92")
_LIGHT_FROM = 5  # from this shade on, letters are white


def write_map(found: HeatMap, words: MapWords) -> bytes:
    """Return the map as a workbook: the table, the foremost of each grid, and how to read both."""
    # Imported on first use: it takes a tenth of a second, and a hall starts without sheets.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _table(book, found, words)
    _foremost(book, found, words)
    notes = book.create_sheet(words.say("map_sheet_notes"))
    notes.column_dimensions["A"].width = 90
    lines = [words.span(found.span), words.say("map_note_few"), words.say("map_note_totals")]
    lines += [] if found.is_over else [words.say("map_note_running")]
    lines.append(words.say("map_note_kind"))
    if found.left_out:
        lines.append(words.say("map_left_out", months=words.spans(found.left_out)))
    for line in lines:
        notes.append([_cell(notes, line)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _table(book: Any, found: HeatMap, words: MapWords) -> None:
    sheet = book.create_sheet(words.say("map_sheet_table"))
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["A"].width = 24
    grids = [words.grid(grid, name) for grid, name in found.grids]
    head = [words.say("map_category"), words.say("map_kind"), *grids, words.say("map_total")]
    sheet.append([_cell(sheet, title, is_bold=True) for title in head])
    for category in found.categories:
        counts = [_count(sheet, found.cell(grid, category), words, is_shaded=True) for grid, _ in found.grids]
        row = [_cell(sheet, words.category(category)), _cell(sheet, words.kind(category)), *counts]
        sheet.append([*row, _count(sheet, found.of_category(category), words)])
    totals = [_count(sheet, found.of_grid(grid), words) for grid, _ in found.grids]
    sheet.append(
        [_cell(sheet, words.say("map_total")), _cell(sheet, ""), *totals, _count(sheet, found.total, words)]
    )


def _foremost(book: Any, found: HeatMap, words: MapWords) -> None:
    sheet = book.create_sheet(words.say("map_sheet_foremost"))
    sheet.freeze_panes = "A2"
    for column in "AC":
        sheet.column_dimensions[column].width = 24
    titles = ("map_grid", "map_place", "map_category", "map_count")
    sheet.append([_cell(sheet, words.say(title), is_bold=True) for title in titles])
    for grid, name in found.grids:
        for place, (category, shown) in enumerate(found.foremost(grid, FOREMOST), start=1):
            texts: Sequence[Any] = (words.grid(grid, name), place, words.category(category))
            sheet.append([*(_cell(sheet, text) for text in texts), _count(sheet, shown, words)])


def _count(sheet: Any, shown: Shown, words: MapWords, is_shaded: bool = False) -> Any:
    from openpyxl.styles import Alignment, Font, PatternFill

    is_number = shown.telling is Telling.EXACT
    cell = _cell(sheet, shown.number if is_number else words.count(shown))
    cell.alignment = Alignment(horizontal="right")
    if is_shaded and (dark := shade(shown)):
        cell.fill = PatternFill("solid", fgColor=_FILLS[dark])
        cell.font = Font(color="FFFFFF" if dark >= _LIGHT_FROM else "14213A")
    return cell


def _cell(sheet: Any, value: Any, is_bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with "=" stays text and is never run as a formula
    if is_bold:
        cell.font = Font(bold=True)
    return cell
