"""Reading the workbook that staff edited: every problem names its cell and what to write there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.guide_set import check_set
from knowledge.problems import Findings, GuideError, GuideErrors, refuse
from knowledge.sheet_layout import FLAG_FIELDS, LIST_FIELDS, NUMBER_FIELDS, layout
from knowledge.workbook_safety import check_workbook

if TYPE_CHECKING:
    from openpyxl import Workbook

_MAX_ROWS = 20_000
_INDEX = re.compile(r"\[(\d+)\]$")


@dataclass
class _Draft:
    """A guide as its rows give it, and from which cell each field came."""

    row: int
    content: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """One filled row: our fields' values, and the cell of each."""

    number: int
    values: Mapping[str, Any]
    cells: Mapping[str, str]


def read_workbook(content: bytes, file: str) -> list[Guide]:
    """Return the guides of an .xlsx file. Raises GuideErrors whose fields are cells like `材料!C7`."""
    check_workbook(content, file)
    found = Findings(file)
    try:
        drafts = _read_sheets(content, found)
    except Exception:  # noqa: BLE001 - openpyxl raises whatever it trips over in a damaged file
        refuse(file, "not_xlsx")
    guides = [guide for draft in drafts.values() if (guide := _parse(draft, found)) is not None]
    if not found.errors:
        _check_together(guides, drafts, found)
    if found.errors:
        raise GuideErrors(found.errors)
    if not guides:
        refuse(file, "no_guides")
    return guides


def _read_sheets(content: bytes, found: Findings) -> dict[str, _Draft]:
    from openpyxl import load_workbook  # takes a tenth of a second, and no turn needs it

    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    drafts = _read_guides(book, found)
    if not drafts:  # or each row of the other sheets would be told to belong to no guide
        return drafts
    for name in layout().item_sheets:
        _read_items(book, name, drafts, found)
    return drafts


def _read_guides(book: Workbook, found: Findings) -> dict[str, _Draft]:
    drafts: dict[str, _Draft] = {}
    for row in _rows(book, layout().guides_sheet, layout().columns, found):
        draft = _Draft(row.number, cells=dict(row.cells))
        for name, value in row.values.items():
            _put(draft.content, name, value)
        guide_id = str(row.values.get("id") or f"#{row.number}")
        if guide_id in drafts:
            found.add(row.cells["id"], "id_taken", id=guide_id)
        else:
            drafts[guide_id] = draft
    return drafts


def _put(content: dict[str, Any], name: str, value: Any) -> None:
    """Set `time_limit.text` inside `time_limit`; a group whose cells are all blank stays out."""
    if value is None:
        return
    outer, _, inner = name.partition(".")
    if inner:
        content.setdefault(outer, {})[inner] = value
    else:
        content[name] = value


def _read_items(book: Workbook, name: str, drafts: Mapping[str, _Draft], found: Findings) -> None:
    plan = layout()
    sheet, columns = plan.item_sheets[name]
    for row in _rows(book, sheet, {"id": plan.id_header, **columns}, found):
        draft = drafts.get(str(row.values.get("id")))
        if draft is None:
            shown = str(row.values.get("id") or "")[:40]
            found.add(row.cells["id"], "row_without_guide", id=shown, sheet=plan.guides_sheet)
            continue
        items = draft.content.setdefault(name, [])
        place = f"{name}[{len(items)}]"
        draft.cells[place] = row.cells["id"]
        draft.cells.update((f"{place}.{inner}", cell) for inner, cell in row.cells.items())
        items.append({inner: value for inner, value in row.values.items() if inner != "id"})


def _rows(book: Workbook, sheet: str, columns: Mapping[str, str], found: Findings) -> Iterator[_Row]:
    """Yield the filled rows below the header, noting what is wrong with sheet, header or cells."""
    if sheet not in book.sheetnames:
        found.add(sheet, "missing_sheet", sheet=sheet)
        return
    names = list(columns)
    # Two columns more than ours: something written beside them would be lost without a word.
    rows = book[sheet].iter_rows(min_row=1, max_row=_MAX_ROWS + 1, max_col=len(names) + 2)
    if not _header_is_right(next(iter(rows), ()), sheet, columns, found):
        return
    for number, cells in enumerate(rows, start=2):
        values = [_value(cell, sheet, number, position, found) for position, cell in enumerate(cells)]
        if all(value is None for value in values):
            continue
        if number > _MAX_ROWS:
            found.add(sheet, "too_many_rows", limit=_MAX_ROWS)
            return
        yield _row(sheet, number, names, values, found)


def _header_is_right(header: Iterable[Any], sheet: str, columns: Mapping[str, str], found: Findings) -> bool:
    texts = [str(cell.value).strip() if cell.value is not None else "" for cell in header]
    wanted = list(columns.values())
    while texts and not texts[-1]:
        texts.pop()
    if texts == wanted:
        return True
    position = next(
        (i for i, (is_, should) in enumerate(zip(texts, wanted, strict=False)) if is_ != should),
        min(len(texts), len(wanted)),
    )
    is_ = texts[position][:20] if position < len(texts) else ""
    should = wanted[position] if position < len(wanted) else ""
    detail = f"{_cell(sheet, 1, position)} “{is_}” → “{should}”"
    found.add(f"{sheet}!1", "wrong_columns", detail=detail, columns=" | ".join(wanted))
    return False


def _cell(sheet: str, row: int, position: int) -> str:
    return f"{sheet}!{_letters(position)}{row}"


def _letters(position: int) -> str:
    """Return the name of a column; the first one is A."""
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(position + 1))


def _value(cell: Any, sheet: str, row: int, position: int, found: Findings) -> Any:
    """Return a cell's content, blank text as None."""
    if cell.data_type in ("f", "e"):
        found.add(_cell(sheet, row, position), "formula")
        return None
    value = cell.value
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip() or None
    return value


def _row(sheet: str, number: int, names: list[str], values: list[Any], found: Findings) -> _Row:
    cells = {name: _cell(sheet, number, position) for position, name in enumerate(names)}
    read = {name: _field(name, value, cells[name], found) for name, value in zip(names, values, strict=False)}
    for position in range(len(names), len(values)):
        if values[position] is not None:
            place = _cell(sheet, number, position)
            found.add(place, "wrong_columns", detail=place, columns=f"A-{_letters(len(names) - 1)}")
    return _Row(number, read, cells)


def _field(name: str, value: Any, cell: str, found: Findings) -> Any:
    """Return what parse_guide expects of the field; what it cannot make sense of goes on as it is."""
    if value is None:
        return None
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if name in FLAG_FIELDS:
        return _flag(value, cell, found)
    if name in NUMBER_FIELDS:
        return _number(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)  # a phone number, a year: Excel made a number of what was typed as text
    if not isinstance(value, str):
        return value
    if name in LIST_FIELDS:
        lines = [line.strip() for line in value.split("\n") if line.strip()]
        return [_word(name, line, cell, found) for line in lines]
    return _word(name, value, cell, found)


def _flag(value: Any, cell: str, found: Findings) -> bool | None:
    if isinstance(value, bool):
        return value
    flags = {word: flag for flag, word in layout().flags.items()}
    if value not in flags:
        found.add(cell, "not_yes_or_no")
        return None
    return flags[value]


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value, re.ASCII):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _word(name: str, text: str, cell: str, found: Findings) -> str | None:
    words = layout().words.get(name)
    if words is None:
        return text
    for value, word in words.items():
        if text in (word, value):
            return value
    found.add(cell, "not_one_of", text=text[:20], options="、".join(words.values()))
    return None


def _parse(draft: _Draft, found: Findings) -> Guide | None:
    try:
        return parse_guide(draft.content, found.file)
    except GuideErrors as wrong:
        told = {error.field for error in found.errors}
        for error in wrong.errors:
            place = _place(error.field, draft)
            if place.split(" ")[0] not in told:  # a wrong word also reads as a missing one: once is enough
                found.errors.append(GuideError(found.file, place, error.code, error.values))
        return None


def _check_together(guides: Sequence[Guide], drafts: Mapping[str, _Draft], found: Findings) -> None:
    """Note the cells of wordings that two guides of the workbook claim."""
    try:
        check_set(guides, [guide.id for guide in guides])
    except GuideErrors as wrong:
        for error in wrong.errors:
            place = _place(error.field, drafts[error.file])
            found.errors.append(GuideError(found.file, place, error.code, error.values))


def _place(name: str, draft: _Draft) -> str:
    """Return the cell of a field; an item of a list cell with its line: `服务事项!J5 #2`."""
    if name in draft.cells:
        return draft.cells[name]
    item = _INDEX.search(name)
    if item and (cell := draft.cells.get(name[: item.start()])):
        return f"{cell} #{int(item[1]) + 1}"
    outer = name.split(".")[0].split("[")[0]
    plan = layout()
    if outer in plan.item_sheets:
        return f"{plan.item_sheets[outer][0]}!A"
    inner = next((cell for key, cell in draft.cells.items() if key.startswith(f"{outer}.")), None)
    return inner or f"{plan.guides_sheet}!A{draft.row}"
