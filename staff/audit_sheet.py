"""Writes rows of texts as an xlsx workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

_MOST_CHARS = 32_000  # Excel takes 32,767 in a cell


def write_sheet(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook with one sheet. A text stays a text, also one that begins like a formula."""
    from openpyxl import Workbook  # here: a hall shall not wait for it at its start

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for row in (heads, *rows):
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell: Any = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:_MOST_CHARS])
    cell.data_type = "s"
    return cell
