"""Stands before every page: who asks, from which site, with which roles; and writes down what was done."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from sanic import HTTPResponse, Request, html, redirect
from sanic.exceptions import PayloadTooLarge, SanicException

from staff.audit import Outcome
from staff.csrf import FIELD, HEADER, csrf_of, is_csrf_right, is_foreign, safe_path, scheme_of
from staff.kept_typing import KeptForm
from staff.look import FOLDER
from staff.sign_ins import SignedIn
from staff.visit import Visit

if TYPE_CHECKING:
    from staff.console import Console, Handler, Page

log = logging.getLogger(__name__)

COOKIE = "linli_staff"
# For who is not signed in yet: their forms too are told from other sites' ones.
ENTRANCE_COOKIE = "linli_staff_entrance"
_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors '{framer}'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a plain form would then post with "Origin: null" and be taken for another site's.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets a request through to its page, or says why not."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._means = console.means
        self._has_members = False

    def watch(self, page: Page, handler: Handler) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
        """Return what Sanic calls for this page."""

        async def handle(request: Request, **parts: str) -> HTTPResponse:
            visit = Visit(request, self._console, page)
            try:
                response = await self._answer(visit, handler, parts)
            except PayloadTooLarge:
                megabytes = page.limit_of(_content_type(request)) // 1_000_000
                response = visit.problem(413, "too_large", megabytes=megabytes)
            except SanicException as problem:
                response = visit.problem(problem.status_code, _key_of(problem.status_code))
            except Exception as fault:  # noqa: BLE001  the edge: said on the page, and logged without what was typed
                log_fault(f"{page.method} {page.path}", fault)
                response = _fault_page(visit)
            self._dress(visit, response)
            return response

        return handle

    async def _answer(self, visit: Visit, handler: Handler, parts: dict[str, str]) -> HTTPResponse:
        page, request = visit.page, visit.request
        is_post = page.method == "POST"
        if is_post and is_foreign(request):
            return visit.problem(403, "foreign")
        token = request.cookies.get(COOKIE) or ""
        signed = await asyncio.to_thread(self._find, token, page)
        if signed is not None and signed.stands:
            visit.recognise(signed.member, token)
        if page.allow is None:
            return await self._at_entrance(visit, handler, parts)
        if signed is None or not signed.stands:
            return await self._turn_away(visit, signed, token)
        visit.csrf = csrf_of(token)
        if not visit.member.may(page.allow):
            return visit.problem(403, "not_your_role", roles=page.allow)
        if not is_post:
            if kept_id := visit.arg("kept"):
                visit.kept = await asyncio.to_thread(self._means.kept.read, visit.member, kept_id)
            return await handler(visit, **parts)
        await self._read_body(visit)
        if not is_csrf_right(token, _offered(visit)):
            return await self._stale_page(visit)
        response = await self._act(visit, handler, parts)
        if response.status < 400:
            await self._let_go(visit)
        return response

    def _find(self, token: str, page: Page) -> SignedIn | None:
        return self._means.sign_ins.find(token, touch=not page.quiet) if token else None

    async def _at_entrance(self, visit: Visit, handler: Handler, parts: dict[str, str]) -> HTTPResponse:
        token = visit.request.cookies.get(ENTRANCE_COOKIE) or ""
        if visit.page.method == "POST":
            await self._read_body(visit)
            if not is_csrf_right(token, _offered(visit)):
                return visit.problem(403, "entrance_stale")
        token = token or secrets.token_urlsafe(24)
        visit.request.ctx.entrance_token = token
        visit.csrf = csrf_of(token)
        return await handler(visit, **parts)

    async def _turn_away(self, visit: Visit, signed: SignedIn | None, token: str) -> HTTPResponse:
        """Send who is not signed in to the door, and keep what they had typed."""
        request = visit.request
        if request.headers.get("hx-request") and visit.page.method != "POST":
            return _leave_whole_page(request)
        if visit.page.method != "POST":
            if await asyncio.to_thread(self._is_empty):
                return redirect("/staff/set-up", status=303)
            return redirect(f"/staff/sign-in?next={quote(_address(request), safe='/')}", status=303)
        if signed is None or signed.member.is_disabled:
            return visit.problem(401, "signed_out")
        await self._read_body(visit)
        if not is_csrf_right(token, _offered(visit)):
            return visit.problem(401, "signed_out")
        kept = await asyncio.to_thread(self._means.kept.keep, signed.member, self._typed(visit))
        if kept is None:
            return visit.problem(401, "signed_out")
        if request.headers.get("hx-request"):
            return HTTPResponse(status=200, headers={"HX-Redirect": f"/staff/sign-in?kept={kept}"})
        return redirect(f"/staff/sign-in?kept={kept}", status=303)

    async def _stale_page(self, visit: Visit) -> HTTPResponse:
        """A page of an earlier sign-in: what was typed in it is put back into a fresh one."""
        kept = await asyncio.to_thread(self._means.kept.keep, visit.member, self._typed(visit))
        return visit.problem(403, "stale_page", kept=kept or "")

    async def _let_go(self, visit: Visit) -> None:
        """Forget what was kept of a form that went well: here, and in the browser."""
        if kept := visit.field("kept_typing"):
            await asyncio.to_thread(self._means.kept.drop, visit.member, kept)
        if name := visit.field("keep"):
            visit.flash("", "kept", form=name)

    def _typed(self, visit: Visit) -> KeptForm:
        """Return the form as it was sent, not its secrets nor its files, and the page it belongs to."""
        headers = visit.request.headers
        page = urlsplit(str(headers.get("hx-current-url") or headers.get("referer", "")))
        path = page.path
        # A form that was refused lies at the address that it was sent to, which may have no page to open.
        while path.startswith("/staff/") and not self._console.shows(path):
            path = path.rpartition("/")[0]
        query = f"?{page.query}" if page.query and path == page.path else ""
        names = [name for name in visit.request.form or {} if name != FIELD and "password" not in name]
        fields = [(name, value) for name in names for value in visit.fields(name)]
        return KeptForm(visit.request.path, safe_path(path + query), fields)

    async def _read_body(self, visit: Visit) -> None:
        stream = visit.request.stream
        if stream is not None and not visit.request.body:
            stream.request_max_size = visit.page.limit_of(_content_type(visit.request))
            await visit.request.receive_body()  # type: ignore[no-untyped-call]
        visit.request.get_form(keep_blank_values=True)

    async def _act(self, visit: Visit, handler: Handler, parts: dict[str, str]) -> HTTPResponse:
        """Do what a POST asks for, with a row in the trail before and its outcome after."""
        audit, login = self._means.audit, visit.member.login
        entry = await asyncio.to_thread(audit.begin, login, visit.act)
        outcome = Outcome.FAILED
        try:
            response = await handler(visit, **parts)
            outcome = Outcome.DONE if response.status < 400 else Outcome.REFUSED
        finally:
            await asyncio.to_thread(audit.finish, entry, outcome, visit.act)
        return response

    def _is_empty(self) -> bool:
        self._has_members = self._has_members or not self._means.accounts.is_empty()
        return not self._has_members

    def _dress(self, visit: Visit, response: HTTPResponse) -> None:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        framer = "self" if visit.page.framed else "none"
        response.headers["Content-Security-Policy"] = _POLICY.replace("{framer}", framer)
        visit.leave_flashes(response)
        token = getattr(visit.request.ctx, "entrance_token", "")
        if token and token != visit.request.cookies.get(ENTRANCE_COOKIE):
            set_cookie(visit.request, response, ENTRANCE_COOKIE, token)


def set_cookie(request: Request, response: HTTPResponse, name: str, value: str) -> None:
    """Give the browser a token, for this window alone, out of reach of scripts."""
    is_secure = scheme_of(request) == "https"
    response.add_cookie(name, value, path="/staff", httponly=True, samesite="Lax", secure=is_secure)


def drop_cookie(response: HTTPResponse, name: str) -> None:
    """Have the browser forget a token."""
    response.add_cookie(name, "", path="/staff", httponly=True, samesite="Lax", secure=False, max_age=0)


def _fault_page(visit: Visit) -> HTTPResponse:
    """Say that something failed, also when what every page shows cannot be had."""
    try:
        return visit.problem(500, "fault")
    except Exception as fault:  # noqa: BLE001  the edge of the edge
        log_fault("the page for faults", fault)
        return html((FOLDER / "templates" / "bare_fault.html").read_text("utf-8"), status=500)


def log_fault(what: str, fault: BaseException) -> None:
    """Log where something failed, without its message: that may quote what a person typed."""
    where = "".join(traceback.format_tb(fault.__traceback__))
    log.error("staff: %s failed: %s\n%s", what, type(fault).__name__, where)


def _content_type(request: Request) -> str:
    return (request.headers.get("content-type") or "").strip().lower()


def _offered(visit: Visit) -> str:
    return visit.request.headers.get(HEADER) or visit.field(FIELD)


def _leave_whole_page(request: Request) -> HTTPResponse:
    """Have a page that asks for a piece of itself leave as a whole, and come back after signing in."""
    parts = urlsplit(request.headers.get("hx-current-url", ""))
    page = safe_path(parts.path + (f"?{parts.query}" if parts.query else ""))
    return HTTPResponse(status=200, headers={"HX-Redirect": f"/staff/sign-in?next={quote(page, safe='/')}"})


def _address(request: Request) -> str:
    return request.path + (f"?{request.query_string}" if request.query_string else "")


def _key_of(status: int) -> str:
    return {404: "not_found", 405: "not_found"}.get(status, "bad_request" if status < 500 else "fault")
