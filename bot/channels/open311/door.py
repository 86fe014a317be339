"""The addresses of GeoReport v2, below /open311/v2."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.open311.reports import Reports, Wanted, definition, services
from bot.channels.open311.wire import FORMATS, Listing, Refused, faults, render

_LISTED = 50  # numbers or codes of one address
_KEY_CHARS = 200


def make_open311(reports: Reports, key: str) -> Blueprint:
    """Return the routes; `key` opens everything but the list of services."""
    routes = Blueprint("open311", url_prefix="/open311/v2")

    @routes.get("/<what:str>")
    async def read_list(request: Request, what: str) -> HTTPResponse:
        """Answer services and requests."""
        name, form = _split(what)
        if name == "services":
            return await _answer(form, services)
        if name == "requests":
            return await _answer(form, lambda: _read_requests(request, reports, key))
        return await _answer(form, _nothing)

    @routes.get("/<what:str>/<which:str>")
    async def read_one(request: Request, what: str, which: str) -> HTTPResponse:
        """Answer one service, or requests by number."""
        name, form = _split(which)
        if what == "services":
            return await _answer(form, lambda: definition(name))
        if what == "requests":
            return await _answer(form, lambda: _read_one(request, reports, key, name))
        return await _answer(form, _nothing)

    @routes.post("/<what:str>")
    async def file(request: Request, what: str) -> HTTPResponse:
        """File a request."""
        name, form = _split(what)
        fields = {name: str(values[0]) for name, values in (request.form or {}).items() if values}

        def act() -> Listing:
            if name != "requests":
                _nothing()
            _require_key(fields.get("api_key", ""), key)
            return reports.file(fields, str(request.headers.get("idempotency-key", ""))[:_KEY_CHARS])

        return await _answer(form, act)

    return routes


async def _answer(form: str, act: Callable[[], Listing]) -> HTTPResponse:
    status = 200
    try:
        listing = await asyncio.to_thread(act)
    except Refused as refused:
        status, listing = refused.status, faults(refused)
    return HTTPResponse(render(listing, form), status, {"Cache-Control": "no-store"}, FORMATS[form])


def _read_requests(request: Request, reports: Reports, key: str) -> Listing:
    said = {name: str(request.args.get(name) or "") for name in request.args}
    _require_key(said.get("api_key", ""), key)
    if numbers := _listed(said.get("service_request_id", "")):
        return reports.get(numbers)
    statuses = _listed(said.get("status", ""))
    if set(statuses) - {"open", "closed"}:
        raise Refused(400, "status is open, closed, or both with a comma between")
    codes = _listed(said.get("service_code", ""))
    return reports.find(Wanted(codes, statuses, _instant(said, "start_date"), _instant(said, "end_date")))


def _read_one(request: Request, reports: Reports, key: str, numbers: str) -> Listing:
    _require_key(str(request.args.get("api_key") or ""), key)
    return reports.get(_listed(numbers))


def _require_key(offered: str, key: str) -> None:
    if not hmac.compare_digest(offered.encode(), key.encode()):
        raise Refused(403, "api_key is missing or wrong")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())[:_LISTED]


def _instant(said: dict[str, str], name: str) -> datetime | None:
    text = said.get(name, "")
    if not text:
        return None
    try:
        # A plus sign in an address is read as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(400, f"{name} is an instant with its zone, such as 2026-06-11T08:00:00Z")
    return at


def _split(address: str) -> tuple[str, str]:
    """Return a name and its format; without an ending it is XML."""
    name, dot, form = address.rpartition(".")
    return (name, form) if dot and form in FORMATS else (address, "xml")


def _nothing() -> Listing:
    raise Refused(404, "there is nothing here: services and requests are, as .xml and .json")
