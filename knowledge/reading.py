"""Reading plain data (what YAML or JSON gives) field by field, noting every problem instead of stopping."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from knowledge.problems import Findings
from language.normalise import normalise

Option = TypeVar("Option", bound=StrEnum)

MAX_CHARS = 500
MAX_ITEMS = 60

# Control, zero-width and direction characters, lone surrogates, private use, the replacement character: none
# of them is meant when a person types a guide, and some make a text read otherwise than it is stored.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ue000-\uf8ff\ufeff\ufffd]"
)
_HTML = re.compile(r"</?[A-Za-z!?]|&(?:[a-z]{2,8}|#x?[0-9a-fA-F]{1,6});|javascript:", re.IGNORECASE)
_PLACEHOLDERS = {"未知", "不详", "待补充", "待定", "暂无", "null", "none", "n/a", "todo", "tbd"}
_KINDS = {bool: "真假值 (true/false)", int: "数字 (number)", float: "数字 (number)", list: "列表 (list)"}


def text_problem(text: str, *, lines: bool = False) -> str | None:
    """Return the code of what is wrong with a text that residents would read, or None.

    `lines` allows line breaks.
    """
    if _CONTROL.search(text):
        return "control"
    if _HTML.search(text):
        return "html"
    if not lines and ("\n" in text or "\t" in text):
        return "line_break"
    return "placeholder" if text.lower() in _PLACEHOLDERS else None


def parse_day(value: object) -> date | None:
    """Return the day that `2026-01-31` (or what YAML made of it) means, None when it means none."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def is_web_address(text: str) -> bool:
    """Say whether the text is a whole http(s) address that is safe to put in a link."""
    if len(text) > 2000 or re.search(r"[\s<>\"'`\\]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


class Record:
    """One mapping being read.

    Each getter returns a harmless value where the content is wrong and notes the problem in `found`; the
    caller raises once, at the end, when anything was found.
    """

    def __init__(self, content: object, keys: Collection[str], found: Findings, prefix: str = "") -> None:
        self.found = found
        self._prefix = prefix
        self._content: Mapping[object, object] = {}
        if not isinstance(content, Mapping):
            found.add(prefix, "not_a_mapping", keys=", ".join(keys))
            return
        self._content = content
        for key in content:
            if key not in keys:
                self._refuse_key(str(key)[:40], keys)

    def _refuse_key(self, key: str, keys: Collection[str]) -> None:
        near = get_close_matches(key, keys, n=1)
        if near:
            self.found.add(self.place(key), "unknown_key_near", key=key, near=near[0])
        else:
            self.found.add(self.place(key), "unknown_key", key=key, keys=", ".join(keys))

    def place(self, name: str) -> str:
        """Return the field's whole name, like `materials[2].form`."""
        return f"{self._prefix}.{name}" if self._prefix else name

    def note(self, name: str, code: str, /, **values: object) -> None:
        """Note a problem of the field `name`."""
        self.found.add(self.place(name), code, **values)

    def text(
        self, name: str, *, required: bool = False, max_chars: int = MAX_CHARS, lines: bool = False
    ) -> str | None:
        """Return the field's text, stripped; None when it is blank or wrong."""
        value = self._content.get(name)
        if value is None or value == "":
            if required:
                self.note(name, "missing")
            return None
        return self._checked(value, self.place(name), max_chars, lines)

    def need(self, name: str, *, max_chars: int = MAX_CHARS) -> str:
        """Return the text of a required field, "" when it is wrong."""
        return self.text(name, required=True, max_chars=max_chars) or ""

    def _checked(self, value: object, place: str, max_chars: int, lines: bool = False) -> str | None:
        if not isinstance(value, str):
            self.found.add(place, "not_text", kind=_KINDS.get(type(value), type(value).__name__))
            return None
        text = value.strip()
        if not text:
            self.found.add(place, "blank_item")
        elif len(text) > max_chars:
            self.found.add(place, "too_long", limit=max_chars)
        elif code := text_problem(text, lines=lines):
            self.found.add(place, code, text=text[:20])
        else:
            return text
        return None

    def _items(self, name: str, max_items: int) -> list[object]:
        value = self._content.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.note(name, "not_a_list")
            return []
        if len(value) > max_items:
            self.note(name, "too_many", limit=max_items)
        return list(value[:max_items])

    def texts(
        self, name: str, *, max_items: int = MAX_ITEMS, max_chars: int = MAX_CHARS, distinct: bool = False
    ) -> tuple[str, ...]:
        """Return the texts of a list field; `distinct` refuses two that matching cannot tell apart."""
        texts: list[str] = []
        seen: set[str] = set()
        for position, value in enumerate(self._items(name, max_items)):
            place = self.place(f"{name}[{position}]")
            text = self._checked("" if value is None else value, place, max_chars)
            if text is None:
                continue
            if distinct and (folded := normalise(text)) in seen:
                self.found.add(place, "repeated", text=text[:20])
            elif distinct:
                seen.add(folded)
            texts.append(text)
        return tuple(texts)

    def number(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number from `low` to `high`, None when it is blank or wrong."""
        value = self._content.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.note(name, "not_a_number", low=low, high=high)
            return None
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._content.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note(name, "not_a_flag")
            return default
        return value

    def option(self, name: str, options: type[Option], *, required: bool = False) -> Option | None:
        """Return the enum member that the field names, None when it is blank or wrong."""
        value = self._content.get(name)
        listed = ", ".join(options)
        if value is None or value == "":
            if required:
                self.note(name, "missing")
            return None
        if isinstance(value, bool):
            self.note(name, "bool_trap", options=listed)
            return None
        if not isinstance(value, str) or value not in tuple(options):
            shown = value[:20] if isinstance(value, str) else type(value).__name__
            self.note(name, "not_one_of", text=shown, options=listed)
            return None
        return options(value)

    def day(self, name: str) -> date | None:
        """Return a whole date, None when it is blank or wrong."""
        value = self._content.get(name)
        if value is None or value == "":
            return None
        day = parse_day(value)
        if day is None:
            self.note(name, "not_a_date")
        return day

    def web_address(self, name: str) -> str | None:
        """Return an http(s) address, None when it is blank or wrong."""
        text = self.text(name, max_chars=2000)
        if text is not None and not is_web_address(text):
            self.note(name, "bad_url")
            return None
        return text

    def raw(self, name: str) -> object:
        """Return the field as it stands, for a caller that checks it itself."""
        return self._content.get(name)

    def record(self, name: str, keys: Collection[str]) -> Record | None:
        """Return the mapping under `name`, None when it is blank."""
        value = self._content.get(name)
        return None if value is None else Record(value, keys, self.found, self.place(name))

    def records(self, name: str, keys: Collection[str], *, max_items: int = MAX_ITEMS) -> list[Record]:
        """Return the mappings of a list field."""
        return [
            Record(value, keys, self.found, self.place(f"{name}[{position}]"))
            for position, value in enumerate(self._items(name, max_items))
        ]
