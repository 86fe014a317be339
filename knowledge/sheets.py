"""Guides as an Excel workbook that staff edit: one row a guide; materials, sources and so on on sheets.

The layout (sheets, headers, the Chinese words for fixed values) is data: sheets.yml.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.guide import Guide, Theme
from knowledge.guide_file import guide_to_mapping
from knowledge.sheet_layout import FLAG_FIELDS, GROUP_FIELDS, LIST_FIELDS, Layout, layout

_WIDE_CHARS = 44
_NARROW_CHARS = 16
_SPARE_ROWS = 2000  # how far below the header a column offers its fixed words


def write_workbook(guides: Iterable[Guide]) -> bytes:
    """Return the guides as an .xlsx file; read_workbook makes the same guides of it."""
    plan = layout()
    mappings = [guide_to_mapping(guide) for guide in guides]
    book = Workbook()
    book.remove(book.worksheets[0])
    _write_sheet(book, plan.guides_sheet, plan.columns, [_flat(mapping) for mapping in mappings])
    for field, (sheet, columns) in plan.item_sheets.items():
        rows = [{"id": mapping["id"], **item} for mapping in mappings for item in mapping[field]]
        _write_sheet(book, sheet, {"id": plan.id_header, **columns}, rows)
    _write_help(book, plan)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _flat(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return the guide with `time_limit.text` and its like as fields of their own."""
    flat = dict(mapping)
    for outer in GROUP_FIELDS:
        for inner, value in (mapping[outer] or {}).items():
            flat[f"{outer}.{inner}"] = value
    return flat


def _write_sheet(
    book: Workbook, name: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "C2" if name == layout().guides_sheet else "B2"
    for position, (field, header) in enumerate(columns.items(), start=1):
        _write_cell(sheet, 1, position, header).font = Font(bold=True)
        letter = get_column_letter(position)
        wide = field in LIST_FIELDS or field in (
            "name",
            "notes",
            "audience",
            "title",
            "differs",
            "note",
            "url",
        )
        sheet.column_dimensions[letter].width = _WIDE_CHARS if wide else _NARROW_CHARS
        # As text, or Excel turns a typed 2022-03 into the first of March.
        sheet.column_dimensions[letter].number_format = "@"
        _offer_words(sheet, letter, field)
        for row, mapping in enumerate(rows, start=2):
            _write_cell(sheet, row, position, _to_cell(field, mapping.get(field)))


def _write_cell(sheet: Worksheet, row: int, column: int, text: str | None) -> Cell:
    cell = sheet.cell(row=row, column=column)
    assert isinstance(cell, Cell)
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if text is not None:
        cell.value = text
        cell.data_type = "s"  # a text that begins with = stays a text
    return cell


def _to_cell(field: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list):
        words = layout().words.get(field, {})
        return "\n".join(words.get(item, item) for item in value) or None
    if isinstance(value, bool):
        return layout().flags[value]
    return layout().words.get(field, {}).get(value, str(value))


def _offer_words(sheet: Worksheet, letter: str, field: str) -> None:
    if field in FLAG_FIELDS:
        options = list(layout().flags.values())
    elif field == "theme":
        options = [str(theme) for theme in Theme]
    elif field in layout().words and field not in LIST_FIELDS:
        options = list(layout().words[field].values())
    else:
        return
    offer = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True)
    offer.add(f"{letter}2:{letter}{_SPARE_ROWS}")
    sheet.add_data_validation(offer)


def _write_help(book: Workbook, plan: Layout) -> None:
    sheet = book.create_sheet(plan.help_sheet)
    sheet.column_dimensions["A"].width = 2 * _WIDE_CHARS
    for row, line in enumerate(plan.help, start=1):
        _write_cell(sheet, row, 1, line)
