"""What an opening tells before it is asked: phone, name, place (3号楼电梯坏了，电话138…，我姓李)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from cases import field_rules
from cases.request_form import Field
from language import personal
from language.personal import Kind

_CLAUSE_END = re.compile("[,，。;；]+ *")
_WORDS = Path(__file__).with_name("intake_words.yml")


def told_early(text: str) -> dict[str, str | None]:
    """Return the fields that a description or a place holds besides, by field; none where it is in doubt.

    A place counts when it can be found: an address, or an estate with a building. It stays in the text as
    well; a phone number and a name are shown masked there.
    """
    told: dict[str, str | None] = {}
    spans = personal.find(text)
    place = _first(text, spans, Kind.ADDRESS) or _estate(text)
    for field, found, accept in (
        (Field.PLACE, place, field_rules.accept_place),
        (Field.CONTACT_NAME, _first(text, spans, Kind.NAME), field_rules.accept_name),
        (Field.CONTACT_PHONE, text, field_rules.accept_phone),
    ):
        accepted = accept(found) if found else None
        if isinstance(accepted, str):
            told[field.value] = accepted
    return told


def place_alone(place: str) -> str:
    """Return a place without the clauses that tell who speaks (东门，我姓李，电话138…)."""
    clauses = _CLAUSE_END.split(place)
    kept = [clause for clause in clauses if not _tells_who(clause)]
    return "，".join(kept) or place


def tells_only_who(text: str) -> bool:
    """Return whether a text holds nothing but who speaks (我叫王小明，电话138…)."""
    return all(_tells_who(clause) for clause in _CLAUSE_END.split(text) if clause)


def _tells_who(clause: str) -> bool:
    return any(span.kind is not Kind.ADDRESS for span in personal.find(clause))


def _first(text: str, spans: tuple[personal.Span, ...], kind: Kind) -> str | None:
    return next((text[span.start : span.end] for span in spans if span.kind is kind), None)


def _estate(text: str) -> str | None:
    found = _building().search(text)
    return found.group() if found else None


@cache
def _building() -> re.Pattern[str]:
    return re.compile(str(yaml.safe_load(_WORDS.read_text("utf-8"))["building"]))
