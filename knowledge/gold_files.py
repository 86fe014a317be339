"""Gold questions in files: a workbook for staff, JSON lines for programs, YAML like the shipped one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.gold import MAX_CHARS, GoldRecord
from knowledge.guide import Guide
from knowledge.problems import Findings, GuideErrors, refuse
from knowledge.workbook_safety import MAX_FILE_BYTES, check_workbook
from knowledge.yaml_text import load_yaml
from language.normalise import normalise

SUFFIXES = (".xlsx", ".jsonl", ".yml", ".yaml")
_HEADERS = Path(__file__).with_name("gold_sheet.yml")
_MAX_ROWS = 20_000

Placed = tuple[str, str, str | None]  # where it stands, the question, its guide as written


def read_gold(content: bytes, name: str, guides: Iterable[Guide]) -> list[GoldRecord]:
    """Return the gold questions of a file; `name` tells its kind. A guide is named by id or official title.

    Raises GuideErrors with all that is wrong, each with its row.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        refuse(name, "unknown_kind", suffix=suffix or "-")
    if len(content) > MAX_FILE_BYTES:
        refuse(name, "too_big", limit_mb=MAX_FILE_BYTES // 1024 // 1024)
    read = {".xlsx": _of_workbook, ".jsonl": _of_lines}.get(suffix, _of_yaml)
    placed = list(read(content, name))
    if not placed:
        refuse(name, "gold_none")
    return _checked(placed, name, guides)


def write_gold(records: Sequence[GoldRecord], name: str, guides: Iterable[Guide]) -> bytes:
    """Return the questions as a file's bytes; read_gold makes the same of them. Raises GuideErrors."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        refuse(name, "unknown_kind", suffix=suffix or "-")
    if suffix == ".xlsx":
        return _workbook(records, {guide.id: guide.title for guide in guides})
    if suffix == ".jsonl":
        lines = [{"text": record.text, "guide": record.guide_id} for record in records]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    by_guide: dict[str, list[str]] = {}
    for record in records:
        if record.guide_id is not None:
            by_guide.setdefault(record.guide_id, []).append(record.text)
    content = {"guides": by_guide, "decline": [one.text for one in records if one.guide_id is None]}
    dumped: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    return dumped.encode()


def _of_yaml(content: bytes, name: str) -> Iterator[Placed]:
    try:
        plain = load_yaml(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        refuse(name, "not_utf8")
    if not isinstance(plain, Mapping) or set(plain) - {"guides", "decline"}:
        refuse(name, "gold_shape")
    by_guide, declined = plain.get("guides") or {}, plain.get("decline") or []
    if not isinstance(by_guide, Mapping) or not isinstance(declined, list):
        refuse(name, "gold_shape")
    for guide, texts in by_guide.items():
        if not isinstance(texts, list):
            refuse(name, "gold_shape", f"guides.{guide}")
        for position, text in enumerate(texts):
            yield f"guides.{guide}[{position}]", _text(text), str(guide)
    for position, text in enumerate(declined):
        yield f"decline[{position}]", _text(text), None


def _of_lines(content: bytes, name: str) -> Iterator[Placed]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        refuse(name, "not_utf8")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
        except (ValueError, RecursionError):
            refuse(name, "gold_line", f"{number}")
        guide = plain.get("guide") if isinstance(plain, dict) else 0
        if not isinstance(guide, str | None) or not isinstance(plain.get("text"), str):
            refuse(name, "gold_line", f"{number}")
        yield f"{number}", _text(plain["text"]), _text(guide) or None


def _of_workbook(content: bytes, name: str) -> Iterator[Placed]:
    check_workbook(content, name)
    # Imported on first use: it takes a tenth of a second, and a hall starts without sheets.
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(max_row=_MAX_ROWS, values_only=True))
    except Exception:  # noqa: BLE001 - openpyxl raises whatever it trips over in a damaged file
        refuse(name, "not_xlsx")
    headers = [_text(cell) for cell in rows[0]] if rows else []
    ours = _our_headers()
    if ours["text"] not in headers or ours["guide"] not in headers:
        refuse(name, "gold_headers", text=ours["text"], guide=ours["guide"])
    text_at, guide_at = headers.index(ours["text"]), headers.index(ours["guide"])
    for number, row in enumerate(rows[1:], start=2):
        cells = [_text(cell) for cell in row]
        if any((cells[text_at], cells[guide_at])):
            yield f"{number}", cells[text_at], cells[guide_at] or None


def _checked(placed: Sequence[Placed], name: str, guides: Iterable[Guide]) -> list[GoldRecord]:
    found = Findings(name)
    ids = {key: guide.id for guide in guides for key in (guide.id, normalise(guide.title))}
    seen: dict[str, tuple[str, str | None]] = {}
    records: list[GoldRecord] = []
    for place, text, written in placed:
        guide_id = ids.get(written) or ids.get(normalise(written)) if written else None
        folded = normalise(text)
        before = seen.setdefault(folded, (place, guide_id))
        if not folded:
            found.add(place, "gold_no_words")
        elif len(text) > MAX_CHARS:
            found.add(place, "gold_too_long", count=len(text), most=MAX_CHARS)
        elif written and guide_id is None:
            found.add(place, "gold_unknown_guide", guide=written[:60])
        elif before[1] != guide_id:
            found.add(place, "gold_repeated", other=before[0])
        elif before[0] == place:
            records.append(GoldRecord(text, guide_id))
    if found.errors:
        raise GuideErrors(found.errors)
    return records


def _workbook(records: Sequence[GoldRecord], titles: Mapping[str, str]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    ours = _our_headers()
    sheet = book.create_sheet(ours["text"])
    sheet.freeze_panes = "A2"
    for letter, width in (("A", 50), ("B", 34), ("C", 40)):
        sheet.column_dimensions[letter].width = width
    headers = [_cell(sheet, ours[name]) for name in ("text", "guide", "title")]
    for header in headers:
        header.font = Font(bold=True)
    sheet.append(headers)
    for record in records:
        title = titles.get(record.guide_id, "") if record.guide_id else ""
        sheet.append([_cell(sheet, value) for value in (record.text, record.guide_id or "", title)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@cache
def _our_headers() -> dict[str, str]:
    headers: dict[str, str] = yaml.safe_load(_HEADERS.read_text("utf-8"))
    return headers


def _cell(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"  # a question that begins with "=" stays text and is never run as a formula
    return cell


def _text(value: object) -> str:
    return " ".join(str(value).split()) if value is not None else ""
