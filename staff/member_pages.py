"""The administrators' pages: who works here with which roles, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic import Blueprint, HTTPResponse

from staff.accounts import AccountProblem, Accounts, Member
from staff.console import Console
from staff.roles import EVERY_ROLE, Role, read_roles
from staff.visit import Visit

ADMIN = (Role.ADMIN,)


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    pages = _MemberPages(desk)
    desk.page("GET", "/members", allow=ADMIN, nav="members")(pages.members)
    desk.page("GET", "/members/new", allow=ADMIN)(pages.ask_new)
    desk.page("POST", "/members/new", allow=ADMIN, act="member.add")(pages.add)
    desk.page("GET", "/members/<login:str>", allow=ADMIN)(pages.member)
    desk.page("POST", "/members/<login:str>", allow=ADMIN, act="member.change")(pages.change)
    desk.page("POST", "/members/<login:str>/disable", allow=ADMIN, act="member.disable")(pages.disable)
    desk.page("POST", "/members/<login:str>/enable", allow=ADMIN, act="member.enable")(pages.enable)
    desk.page("POST", "/members/<login:str>/reset", allow=ADMIN, act="member.reset-password")(pages.reset)
    desk.page("GET", "/sessions", allow=ADMIN, nav="sessions")(pages.sessions)
    desk.page("POST", "/sessions/<key:str>/end", allow=ADMIN, act="session.end")(pages.end_session)


class _MemberPages:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means
        self._accounts: Accounts = desk.means.accounts

    async def members(self, visit: Visit) -> HTTPResponse:
        """List everybody."""
        return visit.show("members/list.html", members=await visit.do(self._accounts.members))

    async def ask_new(self, visit: Visit) -> HTTPResponse:
        """Show the form for a new member."""
        return await self._show_new(visit, {})

    async def add(self, visit: Visit) -> HTTPResponse:
        """Add a member, and show the one-time code this once."""
        login, name, roles = visit.field("login"), visit.field("name"), read_roles(visit.fields("roles"))
        department = await self._department(visit)
        try:
            member, code = await visit.do(self._accounts.add, login, name, roles, department)
        except AccountProblem as problem:
            return await self._show_new(visit, {problem.field: visit.say(problem.key)}, 422)
        visit.note("member", member.login, after=_facts(member))
        return visit.show("members/code.html", who=member, code=code, is_new=True)

    async def member(self, visit: Visit, login: str) -> HTTPResponse:
        """Show one member."""
        found = await visit.do(self._accounts.find, login)
        return await self._show_one(visit, found, {}) if found else visit.problem(404, "not_found")

    async def change(self, visit: Visit, login: str) -> HTTPResponse:
        """Set name and roles."""
        found = await visit.do(self._accounts.find, login)
        if found is None:
            return visit.problem(404, "not_found")
        visit.note("member", found.login)
        name, roles = visit.field("name"), read_roles(visit.fields("roles"))
        if found.login == visit.member.login and Role.ADMIN not in roles:
            return await self._show_one(visit, found, {"roles": visit.say("own_admin")}, 422)
        department = await self._department(visit)
        try:
            before, after = await visit.do(self._accounts.change, found.login, name, roles, department)
        except AccountProblem as problem:
            return await self._show_one(visit, found, {problem.field: visit.say(problem.key)}, 422)
        visit.note("member", after.login, before=_facts(before), after=_facts(after))
        visit.flash("member_saved", name=after.name)
        return visit.go("/members")

    async def disable(self, visit: Visit, login: str) -> HTTPResponse:
        """Lock a member out, from this moment on."""
        if login == visit.member.login:
            return visit.problem(409, "own_account")
        return await self._set_disabled(visit, login, True)

    async def enable(self, visit: Visit, login: str) -> HTTPResponse:
        """Let a member in again."""
        return await self._set_disabled(visit, login, False)

    async def reset(self, visit: Visit, login: str) -> HTTPResponse:
        """Take a password away, and show the one-time code this once."""
        found = await visit.do(self._accounts.find, login)
        if found is None:
            return visit.problem(404, "not_found")
        visit.note("member", found.login)
        code = await visit.do(self._accounts.reset_password, found.login)
        await visit.do(self._means.attempts.forgive, f"login/{found.login}")
        if found.login != visit.member.login:
            await visit.do(self._means.sign_ins.end_all, found)
        return visit.show("members/code.html", who=found, code=code, is_new=False)

    async def sessions(self, visit: Visit) -> HTTPResponse:
        """List who is signed in where."""
        return visit.show("members/sessions.html", sessions=await visit.do(self._means.sign_ins.standing))

    async def end_session(self, visit: Visit, key: str) -> HTTPResponse:
        """Sign somebody out."""
        login = await visit.do(self._means.sign_ins.end_one, key)
        if login is None:
            return visit.problem(404, "session_gone")
        visit.note("member", login)
        visit.flash("session_ended", login=login)
        return visit.go("/sessions")

    async def _set_disabled(self, visit: Visit, login: str, is_disabled: bool) -> HTTPResponse:
        try:
            member = await visit.do(self._accounts.set_disabled, login, is_disabled)
        except AccountProblem as problem:
            return visit.problem(409 if problem.key == "last_admin" else 404, _PROBLEM_PAGES[problem.key])
        if is_disabled:
            await visit.do(self._means.sign_ins.end_all, member)
        visit.note("member", member.login, {"disabled": not is_disabled}, {"disabled": is_disabled})
        visit.flash("member_disabled" if is_disabled else "member_enabled", name=member.name)
        return visit.go("/members")

    async def _show_new(self, visit: Visit, errors: dict[str, str], status: int = 200) -> HTTPResponse:
        typed = {name: visit.field(name) for name in ("login", "name", "department")}
        return visit.show(
            "members/new.html",
            status,
            errors=errors,
            typed={**typed, "roles": visit.fields("roles")},
            roles=_choices(visit.say),
            departments=await self._departments(visit),
        )

    async def _show_one(
        self, visit: Visit, who: Member, errors: dict[str, str], status: int = 200
    ) -> HTTPResponse:
        is_sent = visit.page.method == "POST"
        typed = {
            "name": visit.field("name") if is_sent else who.name,
            "roles": visit.fields("roles") if is_sent else list(who.roles),
            "department": visit.field("department") if is_sent else who.department or "",
        }
        return visit.show(
            "members/one.html",
            status,
            who=who,
            errors=errors,
            typed=typed,
            roles=_choices(visit.say),
            departments=await self._departments(visit),
        )

    async def _departments(self, visit: Visit) -> list[tuple[str, str]]:
        """Return the open departments to choose from, the hall's own desk first."""
        found = await visit.do(self._means.casework.departments.all)
        return [("", visit.say("own_desk")), *((one.id, one.name) for one in found if one.is_active)]

    async def _department(self, visit: Visit) -> str | None:
        """Return the department that was chosen, None for the hall's own desk."""
        known = {department for department, _ in await self._departments(visit)}
        chosen = visit.field("department")
        return chosen if chosen and chosen in known else None


_PROBLEM_PAGES = {"last_admin": "last_admin_page", "login_unknown": "not_found"}


def _choices(say: Callable[..., str]) -> list[tuple[str, str, str]]:
    return [(str(role), say(f"role_{role}"), say(f"role_{role}_note")) for role in EVERY_ROLE]


def _facts(member: Member) -> dict[str, Any]:
    roles = [str(role) for role in member.roles]
    department = {"department": member.department} if member.department else {}
    return {"name": member.name, "roles": roles, **department}
