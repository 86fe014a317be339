"""Says what is wrong, in plain words: problems of a draft beside their fields, and what could not be done."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sanic import HTTPResponse

from knowledge.problems import GuideError, GuideErrors
from knowledge.revisions import NoSuchRevision, NotInReview, NotPublished, OwnWork
from language.texts import MissingText
from staff.guides.fields import label_of
from staff.guides.form_reading import Typed
from staff.visit import Visit

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SLUG_CHARS = 60
_MOST_REVISIONS = 1_000_000
_ITEM = re.compile(r"\w+\[(\d+)\]")

Show = Callable[..., Awaitable[HTTPResponse]]


@dataclass(frozen=True)
class Told:
    """A problem as the form shows it: at which control, and in which words."""

    control: str
    label: str
    words: str


def tell_problems(visit: Visit, errors: Sequence[GuideError], typed: Typed) -> list[Told]:
    """Return what is wrong with a draft, in the words of the form."""
    told = []
    for error in errors:
        control = typed.control(error.field)
        words = _words(visit, error)
        item = _ITEM.fullmatch(error.field)
        if item and control.isidentifier():
            words = visit.say("guide_line", number=int(item[1]) + 1, words=words)
        told.append(Told(control, _place(error.field), words))
    return told


def by_control(told: Sequence[Told]) -> dict[str, list[str]]:
    """Return the problems' words by the control that they stand beside."""
    found: dict[str, list[str]] = {}
    for one in told:
        found.setdefault(one.control, []).append(one.words)
    return found


def _words(visit: Visit, error: GuideError) -> str:
    """Return problem and remedy; where a file's words would not help, those of the form."""
    values = {name: _named(name, value) for name, value in error.values.items()}
    try:
        return visit.say(f"guide_problem_{error.code}", **values)
    except MissingText:
        return f"{error.problem}{error.remedy}"


def _named(name: str, value: object) -> object:
    if name in ("field", "other_field"):
        return label_of(str(value).partition("[")[0])
    return value


def _place(field: str) -> str:
    """Return where a problem is, in words: 材料 3 · 份数."""
    name, bracket, rest = field.partition("[")
    if not bracket:
        return label_of(field)
    place, _, inner = rest.partition("]")
    number = f" {int(place) + 1}" if place.isdigit() else ""
    column = inner.strip(".").partition("[")[0]
    return label_of(name) + number + (f" · {label_of(f'{name}.{column}')}" if column else "")


def is_slug(guide_id: str) -> bool:
    """Say whether an address's part can be a guide's id at all."""
    return len(guide_id) <= _SLUG_CHARS and _SLUG.fullmatch(guide_id) is not None


def tells(show: Show) -> Show:
    """Wrap a page of one guide: what cannot be done is said on a page, never an error."""

    @wraps(show)
    async def telling(visit: Visit, **parts: Any) -> HTTPResponse:
        if not is_slug(str(parts.get("guide_id", "a"))) or parts.get("number", 0) > _MOST_REVISIONS:
            return visit.problem(404, "no_guide")
        try:
            return await show(visit, **parts)
        except NoSuchRevision:
            return visit.problem(404, "no_guide")
        except NotInReview:
            return visit.problem(409, "guide_not_in_review")
        except OwnWork:
            return visit.problem(403, "guide_own_work")
        except NotPublished:
            return visit.problem(409, "guide_not_live")
        except GuideErrors as wrong:
            return visit.problem(409, "guide_not_accepted", lines=said(wrong.errors))

    return telling


def said(errors: Sequence[GuideError], most: int = 5) -> str:
    """Return problems as one text."""
    lines = [f"{_place(error.field)}：{error.problem}{error.remedy}" for error in errors[:most]]
    return " ".join(lines)


def facts(**values: object) -> Mapping[str, Any]:
    """Return short facts for the audit trail."""
    return {name: value for name, value in values.items() if value not in (None, "")}
