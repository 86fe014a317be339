"""Reading a sheet that somebody sends: size and bombs are checked first, then rows of plain text come out."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_ROWS = 20_000
_MAX_CELL_CHARS = 32_767  # what a cell of .xlsx holds


class WorkbookError(Exception):
    """A file that is no plain workbook; the message says what to send."""


Row = Mapping[str, str]


def read_sheets(file: Path) -> dict[str, list[tuple[int, Row]]]:
    """Return the rows of each sheet of a file, as `read_workbook` does. Raises WorkbookError."""
    try:
        content = file.read_bytes() if file.stat().st_size <= MAX_FILE_BYTES else None
    except OSError as problem:
        raise WorkbookError(f"{file} cannot be read: {problem.strerror}") from problem
    if content is None:
        raise WorkbookError(f"{file.name} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB: split it")
    return read_workbook(content, file.name)


def read_workbook(content: bytes, name: str) -> dict[str, list[tuple[int, Row]]]:
    """Return the rows of each sheet with their numbers, by column title; empty cells and rows are left out.

    Days and instants come as ISO 8601. Raises WorkbookError.
    """
    from openpyxl import load_workbook  # takes a tenth of a second, and no turn needs it

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise WorkbookError(f"{name} unpacks to more than a sheet needs: save it anew")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return {sheet.title: _rows(sheet, name) for sheet in book.worksheets}
        finally:
            book.close()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError) as problem:
        raise WorkbookError(f"{name} is no .xlsx workbook: open it and save it as one") from problem


def _rows(sheet: Any, name: str) -> list[tuple[int, Row]]:
    titles: list[str] = []
    rows: list[tuple[int, Row]] = []
    for position, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        values = [_plain(cell) for cell in cells]
        if not titles:
            titles = values if any(values) else []
            continue
        if any(values):
            rows.append((position, {t: v for t, v in zip(titles, values, strict=False) if t and v}))
        if position > MAX_ROWS:
            raise WorkbookError(f"{name}: more than {MAX_ROWS:,} rows: split it")
    return rows


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()[:_MAX_CELL_CHARS]
