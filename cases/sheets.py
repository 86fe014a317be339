"""Writing cases to a file that staff can open: xlsx for people, jsonl for programs."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from cases.case import CaseRecord

COLUMNS = tuple(field.name for field in fields(CaseRecord))
FORMATS = (".xlsx", ".jsonl")
# What XML cannot hold; openpyxl refuses it.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class SheetError(Exception):
    """A file that cannot be written; the message says what to do."""


def write_records(records: Iterable[CaseRecord], file: Path, zone: ZoneInfo) -> int:
    """Write records to an .xlsx or .jsonl file (mode 0600), all or nothing; return how many.

    Dates are in `zone`. Raises SheetError for another ending or when the file cannot be written.
    """
    return write_rows((_plain(record, zone) for record in records), COLUMNS, file)


def write_rows(rows: Iterable[dict[str, str | None]], columns: Sequence[str], file: Path) -> int:
    """Write rows of plain texts to an .xlsx or .jsonl file (mode 0600), all or nothing; return how many.

    Each row has a value, or None, for every column. Raises SheetError for another ending or when the file
    cannot be written.
    """
    if file.suffix not in FORMATS:
        raise SheetError(f"{file.name}: the name must end in .xlsx or .jsonl")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            is_sheet = file.suffix == ".xlsx"
            count = write_xlsx(rows, columns, stream) if is_sheet else _write_jsonl(rows, stream)
        draft.replace(file)
    except OSError as problem:
        raise SheetError(f"{file} cannot be written: {problem.strerror}. Choose another place.") from problem
    finally:
        draft.unlink(missing_ok=True)
    return count


def _write_jsonl(rows: Iterable[dict[str, str | None]], stream: IO[bytes]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return count


def write_xlsx(rows: Iterable[dict[str, str | None]], columns: Sequence[str], stream: IO[bytes]) -> int:
    """Write rows of plain texts as .xlsx to a stream; return how many."""
    from openpyxl import Workbook  # takes a tenth of a second, and no turn needs it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("cases")
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    count = 0
    try:
        for count, row in enumerate(rows, start=1):  # noqa: B007
            sheet.append([text_cell(sheet, row[name]) for name in columns])
    except BaseException:
        sheet.close()  # openpyxl keeps rows in a temporary file of its own until then
        raise
    book.save(stream)
    return count


def text_cell(sheet: Any, value: str | None) -> Any:
    """Return a cell of a write-only sheet that is text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=_NOT_XML.sub("", value) if value else None)
    if value:
        cell.data_type = "s"  # a text that begins with "=" stays text and is never run as a formula
    return cell


def _plain(record: CaseRecord, zone: ZoneInfo) -> dict[str, str | None]:
    return {
        name: value.astimezone(zone).isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in asdict(record).items()
    }
