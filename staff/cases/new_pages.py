"""What a clerk takes down at the window or on the phone, filed through the same desk as everything else."""

from __future__ import annotations

import secrets

from sanic import Blueprint, HTTPResponse

from cases import request_form
from cases.arrivals.categories import load_categories
from cases.case import AlreadyFiled, CaseKind, InvalidRequest, Request
from cases.request_form import SKIPPED, Field, Refusal
from staff.cases.people import DESK
from staff.cases.photo_pages import PHOTO_BYTES, keep_photos
from staff.console import Console
from staff.visit import Visit

CHANNELS = ("window", "phone", "hotline")
_FIELDS = ("kind", "category", "description", "place", "contact_name", "contact_phone", "hotline_ref")


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
    if errors:
        return _show(visit, errors, key, 422)
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
    typed = {name: visit.field(name).strip() for name in _FIELDS}
    values: dict[str, str | None] = {name: value or None for name, value in typed.items()}
    kind = CaseKind(typed["kind"]) if typed["kind"] in list(CaseKind) else CaseKind.OTHER
    values["kind"] = kind.value
    if typed["category"] not in load_categories():
        values["category"] = None
    errors: dict[str, str] = {}
    for field, key in (
        (Field.DESCRIPTION, "description"),
        (Field.PLACE, "place"),
        (Field.CONTACT_NAME, "contact_name"),
        (Field.CONTACT_PHONE, "contact_phone"),
    ):
        if not typed[key] and request_form.may_skip(field, kind):
            values[key] = None
            continue
        accepted = request_form.validate(field, typed[key], kind)
        if isinstance(accepted, Refusal):
            errors[key] = visit.say(f"case_new_{key.removeprefix('contact_')}")
        else:
            values[key] = None if accepted == SKIPPED else accepted
    return values, errors


def _show(visit: Visit, errors: dict[str, str], key: str, status: int = 200) -> HTTPResponse:
    categories = load_categories().values()
    return visit.show(
        "cases/new.html",
        status,
        errors=errors,
        key=key,
        typed={name: visit.field(name) for name in (*_FIELDS, "channel")},
        kinds=tuple(CaseKind),
        categories=[(one.id, one.name["zh"]) for one in categories],
        channels=CHANNELS,
    )
