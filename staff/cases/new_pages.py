"""What a clerk takes down at the window or on the phone, filed through the same desk as everything else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sanic import Blueprint, HTTPResponse

from cases import questions, request_form
from cases.arrivals.categories import Question, load_categories
from cases.arrivals.duplicates import Similar, find_similar
from cases.case import KEY_MAX_CHARS, AlreadyFiled, CaseKind, InvalidRequest, Request
from cases.request_form import SKIPPED, Field, Refusal
from staff.cases.people import DESK
from staff.cases.photo_pages import PHOTO_BYTES, keep_photos
from staff.console import Console
from staff.visit import Visit

CHANNELS = ("window", "phone", "hotline")
_MOST_SHOWN_CHARS = 2000  # of what was typed: four times what the longest field takes
_FIELDS = ("kind", "category", "description", "place", "contact_name", "contact_phone", "hotline_ref")


@dataclass(frozen=True)
class _Beside:
    """What a sheet taken down calls for before it is filed, and the mark of who has seen it."""

    asked: Mapping[str, Question] = field(default_factory=dict)
    similar: tuple[Similar, ...] = ()
    checked: str = ""


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/cases/-/new", allow=DESK)(ask_new)
    desk.page("POST", "/cases/-/new", allow=DESK, act="case.file", body_limit=PHOTO_BYTES)(file_new)


async def ask_new(visit: Visit) -> HTTPResponse:
    """Show the empty form. Its key makes a case that is sent twice one case."""
    return _show(visit, {}, secrets.token_hex(16))


async def file_new(visit: Visit) -> HTTPResponse:
    """File what was taken down; tell number and code, to be handed over."""
    key = visit.field("key")[:64] or secrets.token_hex(16)
    values, errors = _read(visit)
    asked = questions.asked(values)
    values["details"], wrong = _answers(visit, values, asked)
    errors |= wrong
    if errors:
        return _show(visit, errors, key, 422, _Beside(asked))
    similar = await visit.do(_similar, visit, values, key)
    # What is asked and what is known is shown once; whoever has seen it files with the next click.
    if (asked or similar) and visit.field("checked") != _seen(values):
        return _show(visit, {}, key, 422, _Beside(asked, similar, _seen(values)))
    try:
        request = Request(
            key=key,
            kind=CaseKind(values["kind"] or CaseKind.OTHER),
            description=values["description"] or "",
            place=values["place"],
            contact_name=values["contact_name"],
            contact_phone=values["contact_phone"],
            channel=visit.field("channel") if visit.field("channel") in CHANNELS else "window",
            conversation=f"staff/{visit.member.login}",
            category=values["category"],
            taken_by=visit.member.login,
            hotline_ref=values["hotline_ref"],
            details=questions.told(values),
        )
        receipt = await visit.do(visit.means.casework.desk.file_case, request)
    except AlreadyFiled as known:
        said = visit.say("case_new_hotline_known", number=known.number)
        return _show(visit, {"hotline_ref": said}, key, 409)
    except InvalidRequest:
        return _show(visit, {"description": visit.say("case_new_description")}, key, 422)
    visit.note("case", receipt.number)
    visit.flash("case_filed", number=receipt.number, code=receipt.code)
    _, refused = await keep_photos(visit, receipt.number)
    if refused:
        visit.flash("case_photos_refused", "warn", why=" ".join(refused))
    return visit.go(f"/cases/{receipt.number}")


def _read(visit: Visit) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return the fields as the residents' own form would accept them, and what is wrong with them."""
    # Cut where no field is right any more: reading a megabyte for its meaning takes seconds.
    typed = {name: visit.field(name).strip()[:_MOST_SHOWN_CHARS] for name in _FIELDS}
    values: dict[str, str | None] = {name: value or None for name, value in typed.items()}
    kind = CaseKind(typed["kind"]) if typed["kind"] in list(CaseKind) else CaseKind.OTHER
    values["kind"] = kind.value
    if typed["category"] not in load_categories():
        values["category"] = None
    errors: dict[str, str] = {}
    for part, key in (
        (Field.DESCRIPTION, "description"),
        (Field.PLACE, "place"),
        (Field.CONTACT_NAME, "contact_name"),
        (Field.CONTACT_PHONE, "contact_phone"),
    ):
        if not typed[key] and request_form.may_skip(part, kind):
            values[key] = None
            continue
        accepted = request_form.validate(part, typed[key], kind)
        if isinstance(accepted, Refusal):
            errors[key] = visit.say(f"case_new_{key.removeprefix('contact_')}")
        else:
            values[key] = None if accepted == SKIPPED else accepted
    if len(typed["hotline_ref"]) > KEY_MAX_CHARS:
        errors["hotline_ref"] = visit.say("case_new_hotline")
    return values, errors


def _answers(
    visit: Visit, values: dict[str, str | None], asked: Mapping[str, Question]
) -> tuple[str | None, dict[str, str]]:
    """Return the answers to the category's own questions as the form keeps them, and what is wrong."""
    details, errors = None, {}
    for key in asked:
        typed = visit.field(f"answer-{key}").strip()[:_MOST_SHOWN_CHARS]
        accepted = request_form.validate(Field.DETAILS, typed) if typed else SKIPPED
        if isinstance(accepted, Refusal):
            errors[f"answer-{key}"], accepted = visit.say("case_new_answer"), SKIPPED
        details = questions.with_answer({**values, "details": details}, accepted)
    return details, errors


def _similar(visit: Visit, values: Mapping[str, str | None], key: str) -> tuple[Similar, ...]:
    store, category = visit.means.casework.desk.store, questions.category_of(values)
    return find_similar(store, category, values["place"] or "", but=key)


def _seen(values: Mapping[str, str | None]) -> str:
    """Return what the questions and the similar cases of a page depend on."""
    category = questions.category_of(values)
    return f"{category.id if category else ''} {values['place'] or ''}"


def _show(
    visit: Visit,
    errors: dict[str, str],
    key: str,
    status: int = 200,
    beside: _Beside | None = None,
) -> HTTPResponse:
    categories, beside = load_categories().values(), beside or _Beside()
    if visit.page.method == "POST" and visit.files("photos"):
        visit.flash("case_new_photos_again", "info")  # no browser puts a file back into its field
    return visit.show(
        "cases/new.html",
        status,
        errors=errors,
        key=key,
        typed={name: visit.field(name)[:_MOST_SHOWN_CHARS] for name in (*_FIELDS, "channel")},
        questions={f"answer-{name}": one for name, one in beside.asked.items()},
        answers={
            name: visit.field(name)[:_MOST_SHOWN_CHARS]
            for name in (f"answer-{asked}" for asked in beside.asked)
        },
        similar=beside.similar,
        checked=beside.checked or visit.field("checked")[:_MOST_SHOWN_CHARS],
        kinds=tuple(CaseKind),
        categories=[(one.id, one.name["zh"]) for one in categories],
        channels=CHANNELS,
    )
