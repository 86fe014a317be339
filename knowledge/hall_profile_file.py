"""Reading the hall's profile from hall.yml, naming every problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from knowledge.guide import Phone, Theme
from knowledge.guide_file import field_names, read_phone, read_source, read_utf8
from knowledge.hall_profile import Closure, HallProfile, Span, Window
from knowledge.problems import Findings, GuideErrors, ProfileErrors
from knowledge.reading import Record
from knowledge.yaml_text import load_yaml

PROFILE = Path(__file__).with_name("hall.yml")

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS_KEYS = (*_WEEK, "public_holiday", "adjusted_workday", "note")
_PROFILE_KEYS = (
    "sample",
    "name",
    "address",
    "directions",
    "timezone",
    "hours",
    "closures",
    "windows",
    "hotline",
    "phones",
    "sources",
    "verified_on",
)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~～至]\s*(\d{1,2}):(\d{2})", re.ASCII)


def load_profile(path: Path = PROFILE) -> HallProfile:
    """Return the profile that the file describes. Raises ProfileErrors with all that is wrong."""
    try:
        return parse_profile(load_yaml(read_utf8(path), path.name), path.name)
    except GuideErrors as wrong:  # the file as such: not YAML, not UTF-8
        raise ProfileErrors(wrong.errors) from None


def parse_profile(mapping: object, file: str) -> HallProfile:
    """Return the profile that the plain data describes. Raises ProfileErrors with all that is wrong."""
    found = Findings(file)
    record = Record(mapping, _PROFILE_KEYS, found)
    if not isinstance(mapping, Mapping):
        raise ProfileErrors(found.errors)
    profile = _read(record)
    if record.raw("hours") is not None and not any(profile.week):
        record.note("hours", "never_open")
    if found.errors:
        raise ProfileErrors(found.errors)
    return profile


def _read(record: Record) -> HallProfile:
    if record.raw("hours") is None:
        record.note("hours", "missing")
    hours = record.record("hours", _HOURS_KEYS) or Record({}, _HOURS_KEYS, record.found, "hours")
    sample = record.flag("sample", False)
    return HallProfile(
        name=record.need("name", max_chars=60),
        address=record.need("address", max_chars=200),
        sample=sample,
        timezone=_timezone(record),
        hotline=_hotline(record),
        week=tuple(_spans(hours, day) for day in _WEEK),
        public_holiday=_spans(hours, "public_holiday"),
        adjusted_workday=None if hours.raw("adjusted_workday") is None else _spans(hours, "adjusted_workday"),
        hours_note=hours.text("note"),
        directions=record.text("directions"),
        closures=tuple(
            _closure(one) for one in record.records("closures", ("first", "last", "reason", "hours"))
        ),
        windows=tuple(_window(one) for one in record.records("windows", field_names(Window))),
        phones=tuple(read_phone(one) for one in record.records("phones", field_names(Phone))),
        sources=tuple(
            read_source(one, _PROFILE_KEYS)
            for one in record.records("sources", ("title", "url", "date", "date_note", "fields"))
        ),
        verified_on=record.day("verified_on"),
    )


def _timezone(record: Record) -> ZoneInfo:
    name = record.text("timezone", max_chars=40) or "Asia/Shanghai"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        record.note("timezone", "not_one_of", text=name, options="Asia/Shanghai, Asia/Urumqi, ...")
        return ZoneInfo("UTC")


def _hotline(record: Record) -> Phone:
    hotline = record.record("hotline", field_names(Phone))
    if hotline is None:
        record.note("hotline", "missing")
        return Phone("")
    return read_phone(hotline)


def _spans(record: Record, name: str) -> tuple[Span, ...]:
    """Return a day's hours, in order; an empty list means closed."""
    spans: list[Span] = []
    for position, text in enumerate(record.texts(name, max_items=6, max_chars=20)):
        span = _span(text)
        if span is None or (spans and span.opens < spans[-1].closes):
            record.note(f"{name}[{position}]", "bad_hours", text=text)
        else:
            spans.append(span)
    return tuple(spans)


def _span(text: str) -> Span | None:
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    try:
        opens = time(int(match[1]), int(match[2]))
        closes = time(int(match[3]), int(match[4]))
    except ValueError:
        return None
    return Span(opens, closes) if opens < closes else None


def _closure(record: Record) -> Closure:
    first, last = record.day("first"), record.day("last")
    for name, day in (("first", first), ("last", last)):
        if day is None and record.raw(name) is None:
            record.note(name, "missing")
    if first and last and last < first:
        record.note("last", "closure_reversed")
    return Closure(
        first=first or date.min,
        last=last or date.min,
        reason=record.need("reason", max_chars=100),
        hours=_spans(record, "hours"),
    )


def _window(record: Record) -> Window:
    themes: list[Theme] = []
    for position, text in enumerate(record.texts("themes", distinct=True)):
        if text in tuple(Theme):
            themes.append(Theme(text))
        else:
            record.note(f"themes[{position}]", "unknown_theme", text=text[:20], options=", ".join(Theme))
    return Window(
        number=record.need("number", max_chars=20),
        name=record.need("name", max_chars=60),
        themes=tuple(themes),
        handles=record.texts("handles", max_items=300, max_chars=100, distinct=True),
    )
