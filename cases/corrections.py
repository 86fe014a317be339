"""Corrections: which field is meant (地址错了, 不是3号楼是5号楼, 把名字去掉) and what is to stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases import request_form
from cases.case import CaseKind
from cases.field_rules import accept_name, accept_phone, is_skip
from cases.kinds import detect_kind, names_kind
from cases.request_form import SHOWN, SKIPPED, Field, Refusal
from language.normalise import with_digits
from language.personal import looks_like_name

Changes = dict[str, str | None]
_WORDS = Path(__file__).with_name("correction_words.yml")
_CLAUSE_END = re.compile(r"[,，。;；!！]+\s*")
_TAIL = re.compile(r"[吧啊呀哦呢的了。.!！?？\s]+$")
_WEAK = "址点方置字名呼话机码楼,，。 "
# 不是投诉，是报修; 改成建议.
_KIND_SAID = re.compile(
    r"(?:不是.{2,4}[,，]?\s*(?:而|应该)?是|改成|改为|类型(?:错了|不对)?[,，]?(?:应该)?是|算)\s*(.{2,3})[。吧了!！]*$"
)
_NUMBER = r"(?:[A-Za-z]?\d{1,5}|[一二三四五六七八九十百]{1,4})"
_UNITS = "号楼|栋|幢|单元|弄|号|室|层|楼|门"
_ENGLISH_PART = re.compile(r"\b(building|block|room|unit|lane|floor) ?#?\d{1,5}\b", re.IGNORECASE)
_PART = re.compile(rf"{_NUMBER}\s?({_UNITS})")


def read_correction(
    values: Mapping[str, str | None], text: str, kind: CaseKind, *, is_change: bool
) -> Changes | None:
    """Return what a correction changes, by field (None: asked again), or None where a text corrects nothing.

    `is_change` tells that the turn was understood as a correction; otherwise the words have to say so.
    """
    kind_said = _KIND_SAID.search(text)
    if kind_said is not None and names_kind(kind_said.group(1)):
        return {"kind": detect_kind(kind_said.group(1)).value}
    swapped = _swap(values, text)
    if swapped is not None:
        return swapped
    changes: Changes = {}
    for fields, clause in _groups(text):
        for field in fields:
            changes.update(_of_field(values, field, clause, kind, is_change))
    if changes:
        return {**_place_in_story(values, changes), **changes}
    added = _words().adds.search(text)
    description = values.get(Field.DESCRIPTION.value)
    if added is not None and description:
        longer = request_form.validate(Field.DESCRIPTION, f"{description}；{added.group(1)}")
        return None if isinstance(longer, Refusal) else {Field.DESCRIPTION.value: longer}
    new = _unnamed(text)
    return _guess(values, new) if new else None


def fields_named(text: str) -> list[str]:
    """Return the fields that a text names, in order."""
    lower = text.lower()
    found = {
        min(lower.find(word) for word in words if word in lower): name
        for name, words in _words().fields.items()
        if any(word in lower for word in words)
    }
    return [found[at] for at in sorted(found)]


def sounds_corrected(text: str) -> bool:
    """Return whether a text corrects something by its words alone, whatever the form holds."""
    words = _words()
    if words.swaps.search(text) or words.adds.search(text) or wants_back(text):
        return True
    if (words.slips.match(text) or words.wrong.search(text)) and _has_shape(_unnamed(text)):
        return True
    for fields, clause in _groups(text):
        new = words.becomes.search(clause)
        is_new = new is not None and new.group()[0] not in _WEAK  # 电话是138… may be the first answer
        if fields and _is_bare_name(fields[0], clause):
            return True
        if fields and (is_new or words.removes.search(clause) or words.wrong.search(clause)):
            return True
    return False


def _unnamed(text: str) -> str:
    """Return what is to stand in place of something that is not named: 不对，是6号楼; 错了，6号楼."""
    told = _words().becomes.search(text)
    if told is not None:
        return _TAIL.sub("", told.group(1))
    slip = _words().slips.match(text)
    return _TAIL.sub("", text[slip.end() :]) if slip is not None else ""


def wants_back(text: str) -> bool:
    """Return whether a text asks for the field before (上一步)."""
    return _words().back.fullmatch(_TAIL.sub("", text)) is not None


def is_wrong(text: str) -> bool:
    """Return whether a text says that something is wrong, without saying what."""
    return _words().wrong.search(text) is not None


def tells_new_value(text: str) -> bool:
    """Return whether a text puts a value in place of something that it does not name: 不，6号楼."""
    return _has_shape(_unnamed(text))


def says_wrong(text: str) -> bool:
    """Return whether a text says that something is wrong and nothing else: 不对, 说错了."""
    return not is_skip(text) and _words().slips.fullmatch(_TAIL.sub("", text) + "，") is not None


def _groups(text: str) -> list[tuple[list[str], str]]:
    """Return the clauses with the fields they name; a clause that names none belongs to the one before."""
    groups: list[tuple[list[str], str]] = []
    for clause in _CLAUSE_END.split(text):
        named = fields_named(clause)
        if named or not groups:
            groups.append((named, clause))
        else:
            groups[-1] = (groups[-1][0], f"{groups[-1][1]}，{clause}")
    return groups


def _has_shape(text: str) -> bool:
    """Return whether a text looks like the value of a field: a building, a number, a name."""
    is_phone = not isinstance(accept_phone(text), Refusal)
    is_place = _PART.search(text) is not None or _ENGLISH_PART.search(text) is not None
    return bool(text) and (is_phone or is_place or looks_like_name(text))


def _of_field(
    values: Mapping[str, str | None], field: str, clause: str, kind: CaseKind, is_change: bool
) -> Changes:
    words = _words()
    if words.removes.search(clause) and not isinstance(request_form.skip(field, kind), Refusal):
        return {field: SKIPPED}
    says_so = words.wrong.search(clause) or words.becomes.search(clause) or _is_bare_name(field, clause)
    if not is_change and not says_so:
        return {}
    value = _new_value(values, field, clause, kind)
    return {field: value} if value is not None or values.get(field) else {}


def _is_bare_name(field: str, text: str) -> bool:
    """Return whether a text only names a field, as the choices of 要改哪一项 do."""
    return _TAIL.sub("", text.lower()) in _words().fields[field]


def _new_value(values: Mapping[str, str | None], field: str, clause: str, kind: CaseKind) -> str | None:
    """Return what a correction puts in a field's place (地址错了，是2号楼); None where it does not tell."""
    if field == Field.CONTACT_PHONE:
        phone = accept_phone(clause)
        return None if isinstance(phone, Refusal) else phone
    told = _words().becomes.search(clause)
    rest = _TAIL.sub("", told.group(1) if told else _without_label(field, clause))
    if not rest or (told is None and not _is_value(field, rest)):
        return None
    accepted = request_form.validate(field, rest, kind)
    if isinstance(accepted, Refusal):
        return None
    return mend_place(values.get(field), accepted) if field == Field.PLACE else accepted


def _without_label(field: str, clause: str) -> str:
    for word in sorted(_words().fields[field], key=len, reverse=True):
        clause = clause.replace(word, "")
    return _words().leads.sub("", _words().wrong.sub("", clause).strip(" ,，:：了"))


def _is_value(field: str, text: str) -> bool:
    if field == Field.PLACE:
        return _PART.search(text) is not None
    return field == Field.CONTACT_NAME and looks_like_name(text)


def _swap(values: Mapping[str, str | None], text: str) -> Changes | None:
    """Return the fields in which 不是3号楼，是5号楼 puts the one in the other's place."""
    match, turned = _words().swaps.search(text), _words().swaps_turned.search(text)
    denied = _words().denies.match(text)
    if match is None and turned is None:
        return _denied(values, _TAIL.sub("", denied.group(1))) if denied is not None else None
    parts = [part for part in (turned or match).groups() if part is not None]  # type: ignore[union-attr]
    old, new = (_TAIL.sub("", part.strip(" ,，")) for part in (reversed(parts) if turned else parts))
    if not _has_shape(new) and not any(value and old in value for value in values.values()):
        return None  # 不是不想留，是不方便
    changes: Changes = {}
    for field in SHOWN:
        value = values.get(field)
        at = with_digits(value).find(with_digits(old)) if value and old else -1
        if value and at >= 0 and new:
            changes[field.value] = value[:at] + new + value[at + len(old) :]
    return changes or _guess(values, new)


def _place_in_story(values: Mapping[str, str | None], changes: Changes) -> Changes:
    """Return the description with the new place where it told the old one, lest they differ."""
    old, new = values.get(Field.PLACE.value), changes.get(Field.PLACE.value)
    story = values.get(Field.DESCRIPTION.value)
    if not old or not new or not story or SKIPPED in (old, new) or old not in story:
        return {}
    return {Field.DESCRIPTION.value: story.replace(old, new)}


def _denied(values: Mapping[str, str | None], old: str) -> Changes | None:
    """Return the fields that hold what 不是5号楼 denies; they are asked again."""
    held = [
        field
        for field in SHOWN
        if field is not Field.DESCRIPTION and old and old in (values.get(field) or "")
    ]
    return {field.value: None for field in held} or None


def _guess(values: Mapping[str, str | None], new: str) -> Changes | None:
    """Return the field whose shape a new value has, where no field was named (改成5号楼)."""
    phone, name = accept_phone(new), accept_name(new)
    if isinstance(phone, str):
        return {Field.CONTACT_PHONE.value: phone}
    place = values.get(Field.PLACE)
    if (_PART.search(new) or _ENGLISH_PART.search(new)) and place:
        return {Field.PLACE.value: mend_place(place, new)}
    if isinstance(name, str) and looks_like_name(new) and values.get(Field.CONTACT_NAME):
        return {Field.CONTACT_NAME.value: name}
    return None


def mend_place(old: str | None, new: str) -> str:
    """Return a place with the part that is corrected: 幸福里小区8号楼 and 9号楼 give 幸福里小区9号楼."""
    for pattern in (_PART, _ENGLISH_PART):
        part = pattern.fullmatch(new)
        if not old or old == SKIPPED or part is None:
            continue
        same = [match for match in pattern.finditer(old) if match.group(1).lower() == part.group(1).lower()]
        if same:
            return old[: same[-1].start()] + new + old[same[-1].end() :]
        if part.group(1) == "号" and "号楼" in old:
            return mend_place(old, f"{new}楼")
    return new


@dataclass(frozen=True)
class _Words:
    fields: Mapping[str, tuple[str, ...]]
    wrong: re.Pattern[str]
    becomes: re.Pattern[str]
    swaps: re.Pattern[str]
    slips: re.Pattern[str]
    swaps_turned: re.Pattern[str]
    denies: re.Pattern[str]
    leads: re.Pattern[str]
    removes: re.Pattern[str]
    adds: re.Pattern[str]
    back: re.Pattern[str]


@cache
def _words() -> _Words:
    file: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    fields = {name: tuple(words) for name, words in file.pop("fields").items()}
    return _Words(fields, **{name: re.compile(pattern, re.IGNORECASE) for name, pattern in file.items()})
