"""A guide as plain data: reading it with every problem named, writing it back, loading the shipped ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from knowledge.guide import (
    FACT_FIELDS,
    Agent,
    Allowed,
    Amount,
    Completeness,
    English,
    Guide,
    GuideStatus,
    Material,
    MaterialForm,
    Neighbour,
    Phone,
    Source,
    Theme,
    TimeLimit,
)
from knowledge.problems import Findings, GuideError, GuideErrors, refuse
from knowledge.reading import Record
from knowledge.yaml_text import load_yaml

SHIPPED = Path(__file__).with_name("guides")
MIN_PHRASINGS = 6
MAX_PHRASINGS = 200

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PHONE = re.compile(r"\+?\d[\d -]{1,18}\d(转\d{1,6})?", re.ASCII)
_SOURCE_DATE = re.compile(r"(?:19|20)\d{2}(-(0[1-9]|1[0-2])(-\d{2})?)?", re.ASCII)
_NO_SOURCE = re.compile(r"items\.tsv|facts\.jsonl|general knowledge|一般知识", re.IGNORECASE)


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a dataclass's fields: the keys of its mapping."""
    return tuple(field.name for field in fields(kind))


GUIDE_FIELDS = field_names(Guide)


def parse_guide(mapping: object, file: str, *, shipped: bool = False) -> Guide:
    """Return the guide that the plain data describes.

    `file` names it in messages. `shipped` asks what the guides of this repository must fulfil besides: the
    file is named after the id, and there are at least MIN_PHRASINGS phrasings. Raises GuideErrors with all
    that is wrong.
    """
    found = Findings(file)
    record = Record(mapping, GUIDE_FIELDS, found)
    if not isinstance(mapping, Mapping):
        raise GuideErrors(found.errors)
    guide = _read(record)
    _check_guide(guide, record)
    if shipped:
        _check_shipped(guide, record)
    if found.errors:
        raise GuideErrors(found.errors)
    return guide


def _read(record: Record) -> Guide:
    return Guide(
        id=record.need("id", max_chars=60),
        title=record.need("title", max_chars=100),
        plain_name=record.need("plain_name", max_chars=60),
        department=record.need("department", max_chars=60),
        theme=record.option("theme", Theme, required=True) or Theme.EVERYDAY,
        aliases=record.texts("aliases", max_chars=60, distinct=True),
        life_events=record.texts("life_events", max_items=4, max_chars=20, distinct=True),
        popularity=_or(record.number("popularity", 0, 100), 50),
        audience=record.text("audience"),
        conditions=record.texts("conditions"),
        materials=tuple(_material(one) for one in record.records("materials", field_names(Material))),
        steps=record.texts("steps"),
        where=record.texts("where"),
        hours=record.text("hours"),
        time_limit=_time_limit(record.record("time_limit", field_names(TimeLimit))),
        fee=record.text("fee"),
        amounts=tuple(_amount(one) for one in record.records("amounts", field_names(Amount))),
        result=record.text("result"),
        basis=record.texts("basis"),
        phones=tuple(read_phone(one) for one in record.records("phones", field_names(Phone))),
        online=record.texts("online"),
        agent=_agent(record.record("agent", field_names(Agent))),
        neighbours=tuple(_neighbour(one) for one in record.records("neighbours", field_names(Neighbour))),
        phrasings=record.texts("phrasings", max_items=MAX_PHRASINGS, max_chars=120, distinct=True),
        english=_english(record.record("english", field_names(English))),
        notes=record.text("notes", max_chars=4000, lines=True),
        status=record.option("status", GuideStatus) or GuideStatus.CURRENT,
        status_note=record.text("status_note"),
        sources=tuple(
            read_source(one, GUIDE_FIELDS) for one in record.records("sources", field_names(Source))
        ),
        verified_on=record.day("verified_on"),
        review_by=record.day("review_by"),
        effective_on=record.day("effective_on"),
        expires_on=record.day("expires_on"),
        completeness=record.option("completeness", Completeness, required=True) or Completeness.PARTIAL,
    )


def _or(number: int | None, default: int) -> int:
    return default if number is None else number


def _material(record: Record) -> Material:
    return Material(
        name=record.need("name", max_chars=200),
        form=record.option("form", MaterialForm),
        count=record.number("count", 1, 99),
        fetched_by_window=record.flag("fetched_by_window", False),
        required=record.flag("required", True),
        when=record.text("when"),
        note=record.text("note"),
    )


def _time_limit(record: Record | None) -> TimeLimit | None:
    if record is None:
        return None
    return TimeLimit(
        text=record.need("text"),
        statutory_days=record.number("statutory_days", 0, 1000),
        promised_days=record.number("promised_days", 0, 1000),
    )


def _amount(record: Record) -> Amount:
    return Amount(
        what=record.need("what", max_chars=200),
        value=record.need("value", max_chars=200),
        year=record.text("year", max_chars=60),
    )


def read_phone(record: Record) -> Phone:
    """Return the phone that the mapping describes."""
    number = record.need("number", max_chars=30)
    if number and not _PHONE.fullmatch(number):
        record.note("number", "bad_phone")
    return Phone(number, record.text("label", max_chars=60))


def _agent(record: Record | None) -> Agent | None:
    if record is None:
        return None
    allowed = record.option("allowed", Allowed, required=True)
    return Agent(allowed or Allowed.CONDITIONAL, record.text("text"))


def _english(record: Record | None) -> English | None:
    if record is None:
        return None
    phrasings = record.texts("phrasings", max_items=MAX_PHRASINGS, max_chars=120, distinct=True)
    return English(record.need("title", max_chars=120), phrasings)


def _neighbour(record: Record) -> Neighbour:
    return Neighbour(record.need("title", max_chars=100), record.text("differs"))


def read_source(record: Record, may_bear: Collection[str]) -> Source:
    """Return the source that the mapping describes; `may_bear` are the field names it may list."""
    title = record.need("title", max_chars=300)
    if _NO_SOURCE.search(title):
        record.note("title", "not_a_source")
    borne = record.texts("fields", distinct=True)
    for position, name in enumerate(borne):
        if name not in may_bear:
            record.note(f"fields[{position}]", "not_one_of", text=name[:20], options=", ".join(may_bear))
    return Source(
        title=title,
        url=record.web_address("url"),
        date=_source_date(record),
        date_note=record.text("date_note", max_chars=200),
        fields=borne,
    )


def _source_date(record: Record) -> str | None:
    value = record.raw("date")
    if value is None or value == "":
        return None
    # An unquoted year is a number and an unquoted day a date to YAML; both mean what they look like.
    text = str(value).strip() if isinstance(value, str | int | date) else ""
    if _SOURCE_DATE.fullmatch(text):
        try:
            date.fromisoformat((text + "-01-01")[:10])
        except ValueError:
            pass
        else:
            return text
    record.note("date", "not_a_source_date")
    return None


def _check_guide(guide: Guide, record: Record) -> None:
    """Note what no single field shows."""
    if guide.id and not _SLUG.fullmatch(guide.id):
        record.note("id", "bad_slug", text=guide.id[:20])
    borne = {name for source in guide.sources for name in source.fields}
    for name in FACT_FIELDS:
        if getattr(guide, name) and name not in borne:
            record.note(name, "no_source", field=name)
    if guide.completeness is Completeness.FULL:
        if not (guide.conditions or guide.materials):
            record.note("completeness", "full_lacks_what")
        if not (guide.where or guide.steps):
            record.note("completeness", "full_lacks_how")
    if guide.status is not GuideStatus.CURRENT and not guide.status_note:
        record.note("status_note", "status_note_missing")
    if guide.effective_on and guide.expires_on and guide.expires_on < guide.effective_on:
        record.note("expires_on", "dates_reversed")
    for position, neighbour in enumerate(guide.neighbours):
        if neighbour.title and neighbour.title == guide.title:
            record.note(f"neighbours[{position}].title", "own_neighbour")


def _check_shipped(guide: Guide, record: Record) -> None:
    if guide.id and guide.id != Path(record.found.file).stem:
        record.note("id", "slug_not_file_name", id=guide.id)
    if len(guide.phrasings) < MIN_PHRASINGS:
        record.note("phrasings", "few_phrasings", count=len(guide.phrasings), least=MIN_PHRASINGS)


def guide_to_mapping(guide: Guide) -> dict[str, Any]:
    """Return the guide as plain data, every field present; parse_guide reads it back to an equal guide."""
    plain = _plain(asdict(guide))
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, StrEnum | date):
        return str(value)
    return value


def read_guides(paths: Iterable[Path], *, shipped: bool = False) -> list[Guide]:
    """Return the guides of YAML files, one a file, in order. Raises GuideErrors for all files together."""
    guides: list[Guide] = []
    errors: list[GuideError] = []
    for path in paths:
        try:
            guides.append(parse_guide(load_yaml(read_utf8(path), path.name), path.name, shipped=shipped))
        except GuideErrors as wrong:
            errors.extend(wrong.errors)
    if errors:
        raise GuideErrors(errors)
    return guides


def read_utf8(path: Path) -> str:
    """Return the file's text. Raises GuideErrors when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        refuse(path.name, "not_utf8")
    except OSError:
        refuse(path.name, "unreadable")
