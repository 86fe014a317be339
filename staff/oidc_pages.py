"""The way out to the organisation's sign-in and back; without one these pages say that there is none."""

from __future__ import annotations

import logging

from sanic import Blueprint, HTTPResponse, redirect

from staff.accounts import Member
from staff.audit import Act, Outcome
from staff.console import Console
from staff.csrf import safe_path, scheme_of
from staff.entrance_pages import path_with_kept, welcome
from staff.oidc import BEGUN_LIVES, Begun, OutsideProblem
from staff.visit import Visit

log = logging.getLogger(__name__)

COOKIE = "linli_staff_oidc"
_PATH = "/staff/oidc"


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    pages = _OidcPages(desk)
    desk.entrance("GET", "/oidc/start")(pages.start)
    desk.entrance("GET", "/oidc/back")(pages.back)


class _OidcPages:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means

    async def start(self, visit: Visit) -> HTTPResponse:
        """Send the browser to the organisation's sign-in."""
        oidc, request = self._means.oidc, visit.request
        if oidc is None:
            return visit.problem(404, "not_found")
        base = self._means.public_url or f"{scheme_of(request)}://{request.host}"
        try:
            address, begun = await oidc.begin(f"{base}{_PATH}/back", visit.arg("next"), visit.arg("kept"))
        except OutsideProblem as problem:
            log.warning("the organisation's sign-in: %s", problem)
            return visit.problem(502, "oidc_away")
        response = redirect(address, status=303)
        response.add_cookie(
            COOKIE,
            begun,
            path=_PATH,
            httponly=True,
            samesite="Lax",
            secure=scheme_of(request) == "https",
            max_age=int(BEGUN_LIVES.total_seconds()),
        )
        return response

    async def back(self, visit: Visit) -> HTTPResponse:
        """Take the person who comes back, when the token says who they are."""
        oidc = self._means.oidc
        if oidc is None:
            return visit.problem(404, "not_found")
        begun = oidc.read_begun(visit.request.cookies.get(COOKIE) or "", visit.arg("state"))
        if begun is None:
            return _forget(visit.problem(403, "oidc_stale"))
        if not visit.arg("code"):  # the person said no, or the organisation did
            return _forget(visit.problem(403, "oidc_refused"))
        try:
            person = await oidc.finish(begun, visit.arg("code"))
        except OutsideProblem as problem:
            log.warning("the organisation's sign-in: %s", problem)
            return _forget(visit.problem(403, "oidc_refused"))
        member = await visit.do(self._means.outside_members.admit, person)
        if member.is_disabled or not member.roles:
            refused = Act("sign-in", "member", member.login, after={"by": "oidc"})
            await visit.do(self._means.audit.note, member.login, refused, Outcome.REFUSED)
            return _forget(visit.problem(403, "oidc_disabled" if member.is_disabled else "oidc_no_role"))
        await visit.do(self._means.audit.note, member.login, Act("sign-in", after={"by": "oidc"}))
        return _forget(await welcome(visit, member, await self._going(visit, begun, member)))

    async def _going(self, visit: Visit, begun: Begun, member: Member) -> str:
        kept = await visit.do(self._means.kept.read, member, begun.kept) if begun.kept else None
        return path_with_kept(kept.back, begun.kept) if kept else safe_path(begun.going or "/staff")


def _forget(response: HTTPResponse) -> HTTPResponse:
    response.add_cookie(COOKIE, "", path=_PATH, httponly=True, secure=False, max_age=0)
    return response
