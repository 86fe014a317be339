"""The 12345 hotline's cases: in from a sheet, every row's fault named, and back with their outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any

import yaml
from sqlalchemy import select

from cases import history
from cases.case import PLACE_CHARS, AlreadyFiled, CaseKind, CaseStatus, InvalidRequest, Request
from cases.desk import Desk
from cases.field_rules import Refusal, accept_description, accept_name, accept_phone, is_skip
from cases.kinds import detect_kind
from cases.sheets import write_rows, write_xlsx
from cases.tables import CaseEventRow, CaseRow
from cases.work.tables import DepartmentRow
from cases.workbook import Row, WorkbookError, read_sheets, read_workbook

_FILE = Path(__file__).with_name("hotline.yml")
_MOST_AGE = timedelta(days=366)
_CHANNEL = "hotline"
_NEEDED = ("reference", "description")
_ROWS_AT_ONCE = 500
_FILED_UNDER = select(CaseRow.hotline_ref, CaseRow.number)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row of a sheet, and its column as the sheet calls it."""

    row: int
    column: str
    problem: str
    key: str = ""  # what kind of fault it is, for who words it anew

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.problem}"


@dataclass(frozen=True)
class Imported:
    """What came of a sheet: case numbers by the hotline's own, those known before, and the rows left out."""

    filed: Mapping[str, str]
    known: Mapping[str, str]
    faults: tuple[Fault, ...]
    rows: Mapping[int, str]  # the hotline's number in each row of the sheet


def import_sheet(desk: Desk, file: Path, taken_by: str, is_dry_run: bool = False) -> Imported:
    """File the rows of a sheet, as `import_workbook` does. Raises WorkbookError."""
    return _import(desk, _hotline_rows(read_sheets(file), file.name), taken_by, is_dry_run)


def import_workbook(
    desk: Desk, content: bytes, name: str, taken_by: str, is_dry_run: bool = False
) -> Imported:
    """File the rows of a sheet that was sent; a dry run only says what would come of it.

    A row with a fault is left out and named, the others are filed: a hotline's case must not wait for another
    one's typing error. Importing the same sheet again files nothing twice. Raises WorkbookError.
    """
    return _import(desk, _hotline_rows(read_workbook(content, name), name), taken_by, is_dry_run)


def needed_columns() -> tuple[str, ...]:
    """Return the titles that a sheet must have."""
    return tuple(_words()["columns"][key][0] for key in _NEEDED)


def known_columns() -> tuple[str, ...]:
    """Return the titles of the columns that are read, as the hotline's own sheet calls them."""
    return tuple(titles[0] for titles in _words()["columns"].values())


def _import(desk: Desk, rows: list[tuple[int, Row]], taken_by: str, is_dry_run: bool) -> Imported:
    requests, faults = read_requests(rows, taken_by, desk.store.clock())
    filed: dict[str, str] = {}
    known = _known(desk, [request.hotline_ref or "" for _, request in requests]) if is_dry_run else {}
    for row, request in requests:
        reference = request.hotline_ref or ""
        if is_dry_run:
            filed |= {reference: ""} if reference not in known else {}
            continue
        try:
            receipt = desk.file_case(request)
        except AlreadyFiled as problem:
            known[reference] = problem.number
        except InvalidRequest as problem:
            faults.append(Fault(row, "", str(problem)))
        else:
            (filed if receipt.is_new else known)[reference] = receipt.number
    references = {position: _cell("reference", row)[:64] for position, row in rows}
    return Imported(filed, known, tuple(sorted(faults, key=lambda fault: fault.row)), references)


def _known(desk: Desk, references: list[str]) -> dict[str, str]:
    """Return the cases that were filed under these numbers of the hotline."""
    known: dict[str, str] = {}
    with desk.store.sessions() as session:
        for start in range(0, len(references), _ROWS_AT_ONCE):
            some = CaseRow.hotline_ref.in_(references[start : start + _ROWS_AT_ONCE])
            known |= {ref or "": number for ref, number in session.execute(_FILED_UNDER.where(some))}
    return known


def _hotline_rows(sheets: Mapping[str, list[tuple[int, Row]]], name: str) -> list[tuple[int, Row]]:
    """Return the rows of the first sheet that has the hotline's columns. Raises WorkbookError."""
    for rows in sheets.values():
        if any(all(_title(key, row) for key in _NEEDED) for _, row in rows):
            return rows
    raise WorkbookError(f"{name}: no sheet has the columns {', '.join(needed_columns())}")


def read_requests(
    rows: list[tuple[int, Row]], taken_by: str, now: datetime
) -> tuple[list[tuple[int, Request]], list[Fault]]:
    """Return the requests of a sheet's rows, and the faults of the others."""
    requests: list[tuple[int, Request]] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for position, row in rows:
        found = list(_row_faults(position, row, now, seen))
        faults += found
        if not found:
            requests.append((position, _request(row, taken_by)))
        seen.add(_cell("reference", row))
    return requests, faults


def write_back(desk: Desk, file: Path) -> int:
    """Write the outcome of the hotline's cases to an .xlsx or .jsonl file; return how many.

    Raises SheetError and Unopenable.
    """
    return write_rows(_answers(desk), tuple(_words()["back"].values()), file)


def write_answers(desk: Desk, stream: IO[bytes], since: datetime | None = None) -> int:
    """Write the same as .xlsx to a stream, of what changed since an instant or of all; return how many.

    Raises Unopenable.
    """
    return write_xlsx(_answers(desk, since), tuple(_words()["back"].values()), stream)


def _answers(desk: Desk, since: datetime | None = None) -> Iterator[dict[str, str | None]]:
    titles: dict[str, str] = _words()["back"]
    wanted = select(CaseRow).where(CaseRow.hotline_ref.is_not(None)).order_by(CaseRow.number)
    if since is not None:
        wanted = wanted.where(CaseRow.updated_at >= since)
    with desk.store.sessions() as session:
        rows = session.scalars(wanted).all()
        results = {row.number: _result(desk, session, row) for row in rows}
        departments = {row.id: row.name for row in session.scalars(select(DepartmentRow))}
    for row in rows:
        line = _line(desk, row, results)
        line["department"] = departments.get(row.department or "", row.department)
        yield {titles[key]: value for key, value in line.items()}


def _row_faults(position: int, row: Row, now: datetime, seen: set[str]) -> Iterator[Fault]:
    reference = _cell("reference", row)
    if not 0 < len(reference) <= 64:
        yield _fault(position, "reference", row, "1 to 64 characters are needed", "length")
    elif reference in seen:
        yield _fault(position, "reference", row, f"{reference} stands in the sheet twice", "twice")
    if isinstance(accept_description(_cell("description", row)[:5000]), Refusal):
        yield _fault(position, "description", row, "2 to 500 characters of text are needed: shorten it")
    if len(_cell("place", row)) > PLACE_CHARS[1]:
        yield _fault(position, "place", row, f"at most {PLACE_CHARS[1]} characters: shorten it")
    phone = _cell("contact_phone", row)
    if phone and not is_skip(phone) and isinstance(accept_phone(phone[:200]), Refusal):
        yield _fault(position, "contact_phone", row, "write one number, such as 13800000000 or 021-12345678")
    if (at := _cell("received_at", row)) and (problem := _date_problem(at, now)):
        yield _fault(position, "received_at", row, problem[1], problem[0])
    kind = _cell("kind", row)
    if kind and _kind(kind) is None:
        yield _fault(
            position, "kind", row, f"use one of {', '.join(w[0] for w in _words()['kinds'].values())}"
        )


def _date_problem(text: str, now: datetime) -> tuple[str, str] | None:
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return "unreadable", "this is no date: write it like 2026-06-11 10:30"
    at = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    if at > now + timedelta(days=1):
        return "future", "this lies in the future"
    return ("old", "this is more than a year ago") if at < now - _MOST_AGE else None


def _request(row: Row, taken_by: str) -> Request:
    reference, description = _cell("reference", row), str(accept_description(_cell("description", row)))
    name, phone = (
        accepted
        if (text := _cell(key, row)) and not is_skip(text) and isinstance(accepted := accept(text), str)
        else None
        for key, accept in (("contact_name", accept_name), ("contact_phone", accept_phone))
    )
    digest = hashlib.sha256(reference.encode()).hexdigest()[:32]
    return Request(
        key=f"12345/{digest}",
        kind=_kind(_cell("kind", row)) or detect_kind(description),
        description=description,
        place=_cell("place", row) or None,
        contact_name=name,
        contact_phone=phone,
        channel=_CHANNEL,
        conversation=_CHANNEL,
        taken_by=taken_by,
        hotline_ref=reference,
    )


def _kind(text: str) -> CaseKind | None:
    return next(
        (CaseKind(kind) for kind, words in _words()["kinds"].items() if any(w in text for w in words)), None
    )


def _line(desk: Desk, row: CaseRow, results: Mapping[str, str | None]) -> dict[str, str | None]:
    is_declined = row.status == CaseStatus.CLOSED and row.resolved_at is None
    words = _words()
    return {
        "reference": row.hotline_ref,
        "number": row.number,
        "status": words["statuses"]["declined" if is_declined else row.status],
        "department": row.department,
        "responded_at": _local(desk, row.responded_at),
        "resolved_at": _local(desk, row.resolved_at),
        "result": results[row.number],
        "rating": words["ratings"].get(row.rating),
    }


def _result(desk: Desk, session: Any, row: CaseRow) -> str | None:
    """Return what staff wrote when they resolved, or declined, the case."""
    ends = (CaseStatus.RESOLVED.value, CaseStatus.CLOSED.value)
    told = select(CaseEventRow).where(
        CaseEventRow.number == row.number, CaseEventRow.to_status.in_(ends), CaseEventRow.note.is_not(None)
    )
    event = session.scalars(told.order_by(CaseEventRow.sequence.desc()).limit(1)).one_or_none()
    if event is None or event.note is None or event.kind != "moved":
        return None
    text: str = desk.store.sealer.open(event.note, history.note_context(event.sequence))
    return text


def _local(desk: Desk, at: datetime | None) -> str | None:
    return at.astimezone(desk.store.zone).isoformat(sep=" ", timespec="minutes")[:16] if at else None


def _fault(position: int, key: str, row: Row, problem: str, kind: str = "") -> Fault:
    named = "_".join(filter(None, (key, kind)))
    return Fault(position, _title(key, row) or _words()["columns"][key][0], problem, named)


def _cell(key: str, row: Row) -> str:
    title = _title(key, row)
    return row[title].strip() if title else ""


def _title(key: str, row: Row) -> str | None:
    return next((title for title in _words()["columns"][key] if title in row), None)


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return words
