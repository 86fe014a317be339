"""The trail of what staff did: filtered, paged, and as a sheet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse

from staff.audit import PAGE_ROWS, Entry, Wanted
from staff.audit_sheet import write_sheet
from staff.console import Console
from staff.roles import Role
from staff.visit import Visit

READERS = (Role.SUPERVISOR, Role.ADMIN)
MOST_IN_A_SHEET = 50_000
_FILTERS = ("login", "act", "object", "from", "to")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    pages = _AuditPages(desk)
    desk.page("GET", "/audit", allow=READERS, nav="audit")(pages.trail)
    desk.page("GET", "/audit.xlsx", allow=READERS)(pages.sheet)


class _AuditPages:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means

    async def trail(self, visit: Visit) -> HTTPResponse:
        """Show one page of the trail."""
        wanted, page = self._wanted(visit), visit.number("page")
        entries, count = await visit.do(self._means.audit.find, wanted, page)
        members = await visit.do(self._means.accounts.members)
        chosen = {name: visit.arg(name) for name in _FILTERS}
        return visit.show(
            "audit.html",
            entries=entries,
            count=count,
            page=page,
            pages=max(1, -(-count // PAGE_ROWS)),
            query=urlencode({name: value for name, value in chosen.items() if value}),
            chosen=chosen,
            acts=[(act, self._say_act(visit, act)) for act in await visit.do(self._means.audit.acts)],
            members=[(member.login, f"{member.name} {member.login}") for member in members],
            say_act=lambda act: self._say_act(visit, act),
        )

    async def sheet(self, visit: Visit) -> HTTPResponse:
        """Hand the trail over as xlsx."""
        entries = await visit.do(self._means.audit.every, self._wanted(visit), MOST_IN_A_SHEET)
        rows = [self._row(visit, entry) for entry in entries]
        heads = [visit.say(f"audit_{name}") for name in ("at", "who", "act", "outcome", "object", "before")]
        body = await visit.do(write_sheet, visit.say("audit_title"), [*heads, visit.say("audit_after")], rows)
        return visit.sheet(body, visit.say("audit_file", day=f"{self._today():%Y-%m-%d}"))

    def _row(self, visit: Visit, entry: Entry) -> list[str]:
        act = entry.act
        return [
            entry.at.astimezone(self._means.zone).strftime("%Y-%m-%d %H:%M:%S"),
            entry.login,
            self._say_act(visit, act.act),
            visit.say(f"outcome_{entry.outcome}"),
            f"{act.object_kind} {act.object_id}".strip(),
            _say_facts(act.before),
            _say_facts(act.after),
        ]

    def _say_act(self, visit: Visit, act: str) -> str:
        return visit.may_say("act_" + act.replace(".", "_").replace("-", "_"), act)

    def _wanted(self, visit: Visit) -> Wanted:
        since, until = self._midnight(visit.arg("from")), self._midnight(visit.arg("to"))
        return Wanted(
            login=visit.arg("login"),
            act=visit.arg("act"),
            object_id=visit.arg("object").strip(),
            since=since,
            until=until + timedelta(days=1) if until else None,
        )

    def _midnight(self, text: str) -> datetime | None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        # The first and last years of the calendar have no day before or after them.
        if not 2000 <= day.year <= 9000:
            return None
        return datetime(day.year, day.month, day.day, tzinfo=self._means.zone)

    def _today(self) -> date:
        return self._means.clock().astimezone(self._means.zone).date()


def _say_facts(facts: object) -> str:
    if not isinstance(facts, dict):
        return ""
    return "; ".join(f"{name}: {_say_fact(value)}" for name, value in facts.items())


def _say_fact(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
