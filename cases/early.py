"""What an answer tells besides (3号楼电梯坏了，电话138…，我姓李), and what is left of it without that."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from cases import field_rules
from cases.masks import mask
from cases.phones import read_phones
from cases.request_form import Field
from language import personal
from language.personal import Kind

_CLAUSE_END = re.compile("[,，。;；]+ *")
_NUMBER = re.compile(
    r"[+()（）\d零〇一幺二两三四五六七八九转-](?:[ +()（）\d零〇一幺二两三四五六七八九转-]){5,}"
)
_WORDS = Path(__file__).with_name("intake_words.yml")
# 我是3号楼的王阿姨 tells who speaks and where; more words than these around a name or number tell a story.
_MOST_CHARS_AROUND = 8
_MOST_CHARS_BEFORE_A_PLACE = 4  # 我家住在


def told_early(text: str) -> dict[str, str | None]:
    """Return the fields that a description or a place holds besides, by field; none where it is in doubt.

    A place counts when it can be found: an address, or an estate with a building. It stays in the text as
    well.
    """
    told: dict[str, str | None] = {}
    spans = personal.find(text)
    place = _first(text, spans, Kind.ADDRESS) or _estate(text) or _bare_building(text)
    for field, found, accept in (
        (Field.PLACE, place, field_rules.accept_place),
        (Field.CONTACT_NAME, _first(text, spans, Kind.NAME), field_rules.accept_name),
    ):
        accepted = accept(found) if found else None
        if isinstance(accepted, str):
            told[field.value] = accepted
    phones = read_phones(text, is_asked=False)
    if len(phones) == 1:
        told[Field.CONTACT_PHONE.value] = phones.pop()
    if Field.CONTACT_NAME.value not in told and _early_words()["anonymous"].search(text):
        told[Field.CONTACT_NAME.value] = field_rules.SKIPPED
    return told


def told_contact(text: str) -> dict[str, str | None]:
    """Return name and phone of an answer to a question for them: 王小明13812345678, 打021-58881234，姓李."""
    told: dict[str, str | None] = {}
    phone = field_rules.accept_phone(text)
    if isinstance(phone, str):
        told[Field.CONTACT_PHONE.value] = phone
    name = _first(text, personal.find(text), Kind.NAME) or _bare_name(text)
    accepted = field_rules.accept_name(name) if name else None
    if isinstance(accepted, str):
        told[Field.CONTACT_NAME.value] = accepted
    return told


def place_alone(place: str) -> str:
    """Return a place without the clauses that tell who speaks (东门，我姓李，电话138…)."""
    clauses = _CLAUSE_END.split(place)
    kept = [clause for clause in clauses if not _tells_who(clause)]
    left = place if len(kept) == len(clauses) else "，".join(kept) or place
    return _early_words()["place_label"].sub("", left)


def description_alone(text: str, told: dict[str, str | None]) -> str:
    """Return what happened without the speaker's name and number: they are kept only with consent.

    What a story says of other people stays; the speaker's own number is starred where it stands among words.
    """
    clauses = _CLAUSE_END.split(text)
    kept = [clause for clause in clauses if clause and not (_tells_who(clause) and _is_about_contact(clause))]
    left = text if len(kept) == len(clauses) else "，".join(kept)
    if not sum(character.isalnum() for character in left):
        left = text
    phone = told.get(Field.CONTACT_PHONE.value)
    if phone:
        for span in reversed(personal.find(left)):
            if span.kind is Kind.PHONE:
                left = left[: span.start] + mask("phone", phone) + left[span.end :]
    return left


def tells_only_besides(text: str) -> bool:
    """Return whether a text holds nothing but who speaks and where (我叫王小明，住幸福里小区3号楼)."""
    clauses = [clause for clause in _CLAUSE_END.split(text) if clause]
    return all(
        (_tells_who(clause) or _tells_where(clause)) and _is_about_contact(clause) for clause in clauses
    )


def tells_only_where(text: str) -> bool:
    """Return whether a text is a place and nothing else: 是6号楼, said where a name was asked."""
    found = told_early(text).get(Field.PLACE.value)
    return found is not None and len(text) - len(found) <= _MOST_CHARS_BEFORE_A_PLACE and not _tells_who(text)


def _tells_who(clause: str) -> bool:
    return any(span.kind in (Kind.NAME, Kind.PHONE) for span in personal.find(clause)) or bool(
        read_phones(clause, is_asked=False)
    )


def _tells_where(clause: str) -> bool:
    found = _first(clause, personal.find(clause), Kind.ADDRESS) or _estate(clause) or _bare_building(clause)
    return found is not None and len(clause) - len(found) <= _MOST_CHARS_BEFORE_A_PLACE


def _is_about_contact(clause: str) -> bool:
    rest = clause.replace(_estate(clause) or "\n", "")
    for span in reversed(personal.find(rest)):
        rest = rest[: span.start] + rest[span.end :]
    words = [character for character in rest if character.isalpha()]
    return len(words) <= _MOST_CHARS_AROUND and not _early_words()["trouble"].search(rest)


def _bare_name(text: str) -> str | None:
    """Return the clause that is nothing but a name."""
    without_digits = _NUMBER.sub("，", text)
    for clause in re.split("[,，。;；、]+", without_digits):
        bare = _early_words()["phone_label"].sub("", clause).strip()
        if bare and personal.looks_like_name(bare) and field_rules.read_consent(bare) is None:
            return bare
    return None


def _first(text: str, spans: tuple[personal.Span, ...], kind: Kind) -> str | None:
    return next((text[span.start : span.end] for span in spans if span.kind is kind), None)


def _bare_building(text: str) -> str | None:
    """Return an answer that is a building and nothing else: 3号楼, not 3号楼电梯坏了."""
    found = _early_words()["bare_building"].fullmatch(text.strip("。.！! "))
    return found.group(1) if found else None


def _estate(text: str) -> str | None:
    found = _early_words()["building"].search(text)
    return found.group() if found else None


@cache
def _early_words() -> dict[str, re.Pattern[str]]:
    words = yaml.safe_load(_WORDS.read_text("utf-8"))["early"]
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in words.items()}
