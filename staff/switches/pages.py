"""The page of the emergency switches, and what every page of the console says of those that stand."""

from __future__ import annotations

from datetime import datetime, timedelta

from sanic import Blueprint, HTTPResponse

from knowledge.switches import MAX_CHARS, Scope, Switch, SwitchError
from staff.console import Console
from staff.guide_names import names_of, resolve
from staff.roles import EVERY_ROLE, Role
from staff.visit import Visit

SETTERS = (Role.SUPERVISOR, Role.ADMIN)
# Doors that residents come through.
DOORS = ("chat", "group", "kiosk")
# How long a switch stands, in minutes; `day` ends tonight, `until` at a typed time, `open` by hand.
SPANS = ("30", "120", "480", "day", "until", "open")
_FIELDS = ("scope", "door", "guide", "text_zh", "text_en", "span", "until")
_FIELD_OF_CODE = {"empty": "text_zh", "html": "text_zh", "long": "text_zh", "past": "until", "zone": "until"}


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/switches", allow=EVERY_ROLE, nav="switches")(show)
    desk.page("POST", "/switches/set", allow=SETTERS, act="switch.set")(set_switch)
    desk.page("POST", "/switches/clear", allow=SETTERS, act="switch.clear")(clear)


async def show(visit: Visit) -> HTTPResponse:
    """Show what is switched off, and the form."""
    return await _show(visit, {})


async def set_switch(visit: Visit) -> HTTPResponse:
    """Switch something off, or change its text and time."""
    errors: dict[str, str] = {}
    scope, name = await visit.do(_scope_of, visit, errors)
    until = _until_of(visit, errors)
    if errors or scope is None:
        return await _show(visit, errors, 422)
    texts = visit.field("text_zh"), visit.field("text_en")
    try:
        done = await visit.do(visit.means.switches.set, scope, name, *texts, until, visit.member.login)
    except SwitchError as wrong:
        field = _FIELD_OF_CODE.get(wrong.code, "scope")
        return await _show(visit, {field: visit.say(f"switch_{wrong.code}", most=MAX_CHARS)}, 422)
    ends = {"until": done.until.isoformat()} if done.until else {}
    visit.note("switch", f"{scope} {name}".strip(), after={"text": done.text_zh[:200], **ends})
    visit.flash("switch_set")
    return visit.go("/switches")


async def clear(visit: Visit) -> HTTPResponse:
    """Switch something on again."""
    scope, name = visit.field("scope"), visit.field("name")
    if scope not in list(Scope):
        return visit.problem(422, "switch_unclear")
    visit.note("switch", f"{scope} {name}".strip())
    was_set = await visit.do(visit.means.switches.clear, scope, name)
    visit.flash("switch_cleared" if was_set else "switch_was_clear", "good" if was_set else "info")
    return visit.go("/switches")


async def _show(visit: Visit, errors: dict[str, str], status: int = 200) -> HTTPResponse:
    switches = await visit.do(visit.means.switches.all)
    now = visit.means.clock()
    names = await visit.do(names_of, visit.means, [one.name for one in switches if one.scope is Scope.GUIDE])
    typed = {field: visit.field(field) for field in _FIELDS}
    if visit.page.method == "GET":
        wanted = visit.arg("guide")[:60]
        titles = await visit.do(names_of, visit.means, [wanted])
        typed |= {"scope": "guide" if wanted else "", "guide": titles.get(wanted, ""), "span": "120"}
    return visit.show(
        "switches/list.html",
        status,
        standing=[one for one in switches if one.stands(now)],
        over=[one for one in switches if not one.stands(now)],
        names=names,
        typed=typed,
        errors=errors,
        doors=[(door, visit.say(f"door_{door}")) for door in DOORS],
        spans=[(span, visit.say(f"span_{span}")) for span in SPANS],
        earliest=f"{now.astimezone(visit.means.zone):%Y-%m-%dT%H:%M}",
        most_chars=MAX_CHARS,
        may_set=visit.member.may(SETTERS),
        key_of=key_of,
    )


def key_of(switch: Switch) -> dict[str, str]:
    """Return what a form says to clear this switch."""
    return {"scope": str(switch.scope), "name": switch.name}


def _scope_of(visit: Visit, errors: dict[str, str]) -> tuple[Scope | None, str]:
    scope = visit.field("scope")
    if scope == Scope.ASSISTANT:
        return Scope.ASSISTANT, ""
    if scope == Scope.DOOR:
        if visit.field("door") not in DOORS:
            errors["door"] = visit.say("switch_no_door")
        return Scope.DOOR, visit.field("door")
    if scope == Scope.GUIDE:
        guide = resolve(visit.means.guides(), visit.field("guide"))
        if guide is None:
            errors["guide"] = visit.say("switch_no_guide")
        return Scope.GUIDE, guide.id if guide else ""
    errors["scope"] = visit.say("switch_no_scope")
    return None, ""


def _until_of(visit: Visit, errors: dict[str, str]) -> datetime | None:
    now, span = visit.means.clock().astimezone(visit.means.zone), visit.field("span")
    if span == "open":
        return None
    if span == "day":
        return datetime(now.year, now.month, now.day, tzinfo=visit.means.zone) + timedelta(days=1)
    if span in SPANS and span != "until":
        return now + timedelta(minutes=int(span))
    try:
        local = datetime.fromisoformat(visit.field("until"))
    except ValueError:
        local = None
    # The first and the last years of the calendar leave it when they are told in another zone.
    if local is None or not 2000 <= local.year <= 9000:
        errors["until"] = visit.say("switch_no_time")
        return None
    return local.replace(tzinfo=visit.means.zone)
