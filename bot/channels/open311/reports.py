"""Cases as Open311's service requests: listed without a person in them, and filed through the desk."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels.open311.wire import Entry, Listing, Refused
from cases import request_form
from cases.arrivals.categories import Category, Privacy, load_categories
from cases.case import AT_REST, CaseKind, CaseStatus, InvalidRequest, Request
from cases.desk import Desk
from cases.places.tables import BuildingRow
from cases.request_form import SKIPPED, Field, Refusal
from cases.work.departments import Departments
from cases.work.queues import PAGE_MAX, Filter, Line, Order, Queues, Words
from language.texts import Texts

TEXTS = Path(__file__).with_name("texts.yml")
CHANNEL = "open311"
# What the standard has a list go back and hold where nothing is said.
_DAYS, _MOST = timedelta(days=90), 1000
_OPEN = tuple(status for status in CaseStatus if status not in AT_REST)
_STATUSES = {"open": _OPEN, "closed": tuple(AT_REST)}


@dataclass(frozen=True)
class Wanted:
    """Which cases are asked for; empty parts were not said."""

    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def services() -> Listing:
    """Return what can be filed."""
    return Listing("services", "service", [_service(category) for category in load_categories().values()])


def definition(code: str) -> Listing:
    """Return a service by its code; none asks for attributes of its own. Raises Refused."""
    entry: Entry = {"service_code": _category(code).id, "attributes": []}
    return Listing("service_definition", "", [entry], is_single=True)


class Reports:
    """Reads and files cases for programs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._queues = Queues(desk.store)
        self._departments = Departments(desk.store)
        self._texts = Texts(TEXTS)

    def find(self, wanted: Wanted) -> Listing:
        """Return the newest cases that are asked for, at most 1,000. Raises Refused for an unknown code."""
        codes = tuple(_category(code).id for code in wanted.codes) or tuple(load_categories())
        told = Words(categories=tuple(code for code in codes if _is_told(code)))
        statuses = [status for one in wanted.statuses for status in _STATUSES[one]]
        asked = Filter(
            words=(told,),
            statuses=tuple(statuses),
            since=wanted.since or (wanted.until or self._desk.store.clock()) - _DAYS,
            until=wanted.until,
            order=Order.NEWEST,
            limit=PAGE_MAX,
        )
        lines: list[Line] = []
        while len(lines) < _MOST:
            page = self._queues.find(replace(asked, offset=len(lines)))
            lines += page
            if len(page) < PAGE_MAX:
                break
        return self._listing(lines)

    def get(self, numbers: tuple[str, ...]) -> Listing:
        """Return cases by number. Raises Refused where there is none that may be told of."""
        lines = [line for line in self._queues.lines(numbers).values() if _is_told(line.category)]
        if not lines:
            raise Refused(404, "service_request_id: there is no such request, or it is not published")
        return self._listing(lines)

    def file(self, fields: Mapping[str, str], repeat_key: str) -> Listing:
        """File a case; with the same `repeat_key` it is the same case. Raises Refused."""
        category = _category(fields.get("service_code", ""), missing=400)
        name = f"{fields.get('last_name', '')}{fields.get('first_name', '')}"
        values = {
            "description": _accepted(Field.DESCRIPTION, fields.get("description", ""), category.kind),
            "place": _accepted(Field.PLACE, self._place(fields), category.kind),
            "contact_name": _accepted(Field.CONTACT_NAME, name, category.kind),
            "contact_phone": _accepted(Field.CONTACT_PHONE, fields.get("phone", ""), category.kind),
        }
        made = hashlib.sha256(f"{CHANNEL}/{repeat_key or secrets.token_hex(16)}".encode()).hexdigest()
        try:
            request = Request(
                key=made,
                kind=category.kind,
                description=values["description"] or "",
                place=values["place"],
                contact_name=values["contact_name"],
                contact_phone=values["contact_phone"],
                channel=CHANNEL,
                conversation=CHANNEL,
                category=category.id,
            )
        except InvalidRequest as problem:
            raise Refused(400, str(problem)) from None
        receipt = self._desk.file_case(request)
        notice = self._texts.say("filed", code=receipt.code)
        entry: Entry = {"service_request_id": receipt.number, "service_notice": notice, "account_id": ""}
        return Listing("service_requests", "request", [entry])

    def _place(self, fields: Mapping[str, str]) -> str:
        if said := fields.get("address_string", "").strip():
            return said
        if known := fields.get("address_id", "").strip():
            with self._desk.store.sessions() as session:
                building = session.get(BuildingRow, known)
            if building is None:
                raise Refused(400, "address_id: there is no such building; send address_string instead")
            return f"{building.estate}{building.name}"
        if fields.get("lat"):
            raise Refused(400, "lat, long: this hall finds places by name; send address_string")
        return ""

    def _listing(self, lines: list[Line]) -> Listing:
        names = {one.id: one.name for one in self._departments.all()}
        return Listing("service_requests", "request", [_request(line, names) for line in lines])


def _category(code: str, missing: int = 404) -> Category:
    found = load_categories().get(code)
    if found is None:
        if not code:
            raise Refused(missing, "service_code was not given: GET services lists them")
        raise Refused(404, "service_code: there is no such service; GET services lists them")
    return found


def _is_told(code: str | None) -> bool:
    found = load_categories().get(code or "")
    return found is not None and found.privacy is Privacy.ORDINARY


def _service(category: Category) -> Entry:
    return {
        "service_code": category.id,
        "service_name": category.name["zh"],
        "description": category.name.get("en", ""),
        "metadata": "false",
        "type": "realtime",
        "keywords": ",".join(category.says),
        "group": category.kind.value,
    }


def _request(line: Line, departments: Mapping[str, str]) -> Entry:
    expected = line.due_at or line.promised_at
    return {
        "service_request_id": line.number,
        "status": "closed" if line.status in AT_REST else "open",
        "status_notes": "",
        "service_code": line.category or "",
        "service_name": load_categories()[line.category or ""].name["zh"],
        "agency_responsible": departments.get(line.department or "", ""),
        "requested_datetime": line.created_at.isoformat(timespec="seconds"),
        "updated_datetime": line.updated_at.isoformat(timespec="seconds"),
        "expected_datetime": expected.isoformat(timespec="seconds") if expected else "",
        "address_id": line.grid or "",
    }


def _accepted(field: Field, typed: str, kind: CaseKind) -> str | None:
    """Return a field as the residents' own form would take it, None where it may be left out."""
    if not typed.strip() and request_form.may_skip(field, kind):
        return None
    accepted = request_form.validate(field, typed, kind)
    if isinstance(accepted, Refusal):
        raise Refused(400, f"{_SENT_AS[field]}: missing, too long, or not what it should be")
    return None if accepted == SKIPPED else accepted


_SENT_AS = {
    Field.DESCRIPTION: "description",
    Field.PLACE: "address_string",
    Field.CONTACT_NAME: "first_name, last_name",
    Field.CONTACT_PHONE: "phone",
}
