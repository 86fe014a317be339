"""The pages before signing in: the first administrator, signing in, choosing a password; and signing out."""

from __future__ import annotations

import hmac
from datetime import timedelta
from urllib.parse import quote, urlsplit

from sanic import Blueprint, HTTPResponse, redirect

from staff.accounts import AccountProblem, Member, fold_login
from staff.attempts import WRONG_PER_ADDRESS, WRONG_PER_LOGIN
from staff.audit import Act, Outcome
from staff.browsers import browser_of
from staff.console import Console
from staff.csrf import safe_path
from staff.guard import COOKIE, ENTRANCE_COOKIE, drop_cookie, set_cookie
from staff.passwords import PasswordRefused
from staff.roles import EVERY_ROLE
from staff.visit import Visit

WRONG_SET_UP_CODES = 10


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the entrance."""
    entrance = _Entrance(desk)
    for method, path, show in (
        ("GET", "/set-up", entrance.ask_set_up),
        ("POST", "/set-up", entrance.set_up),
        ("GET", "/sign-in", entrance.ask_sign_in),
        ("POST", "/sign-in", entrance.sign_in),
        ("GET", "/new-password", entrance.ask_new_password),
        ("POST", "/new-password", entrance.new_password),
    ):
        desk.entrance(method, path)(show)
    desk.page("POST", "/sign-out", allow=EVERY_ROLE)(entrance.sign_out)


class _Entrance:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means

    async def ask_set_up(self, visit: Visit) -> HTTPResponse:
        """Show the page for the first administrator, while there is none."""
        if not await visit.do(self._means.accounts.is_empty):
            return visit.go("/sign-in")
        return visit.show("set_up.html", errors={}, typed={})

    async def set_up(self, visit: Visit) -> HTTPResponse:
        """Add the first administrator for who knows the code from the operator's terminal."""
        means = self._means
        if not await visit.do(means.accounts.is_empty):
            return visit.problem(409, "set_up_done")
        typed = {name: visit.field(name) for name in ("login", "name", "code")}
        if wait := await visit.do(means.attempts.charge, {"set-up": WRONG_SET_UP_CODES}):
            return _again(visit, "set_up.html", {"code": _minutes(visit, wait)}, typed, 429)
        if not hmac.compare_digest(_digits(typed["code"]), means.set_up_code()):
            return _again(visit, "set_up.html", {"code": visit.say("set_up_code_wrong")}, typed)
        try:
            _check_twice(visit)
            password = visit.field("password")
            member = await visit.do_slow(means.accounts.found, typed["login"], typed["name"], password)
        except (AccountProblem, PasswordRefused) as problem:
            return _again(visit, "set_up.html", _errors(visit, problem), typed)
        await visit.do(means.attempts.forgive, "set-up")
        await visit.do(means.on_set_up)
        await visit.do(means.audit.note, member.login, Act("set-up", "member", member.login))
        return await welcome(visit, member, "/staff")

    async def ask_sign_in(self, visit: Visit) -> HTTPResponse:
        """Show the sign-in page; who is signed in already goes on."""
        if visit.is_signed_in:
            return redirect(await _destination(visit, visit.member), status=303)
        if await visit.do(self._means.accounts.is_empty):
            return visit.go("/set-up")
        return _show_sign_in(visit, {})

    async def sign_in(self, visit: Visit) -> HTTPResponse:
        """Check login and password; unknown and wrong look alike and take as long."""
        means, login = self._means, fold_login(visit.field("login"))[:64]
        subjects = {f"login/{login}": WRONG_PER_LOGIN, self._address(visit): WRONG_PER_ADDRESS}
        if wait := await visit.do(means.attempts.charge, subjects):
            return _show_sign_in(visit, {"password": _minutes(visit, wait)}, 429)
        member = await visit.do_slow(means.accounts.check, login, visit.field("password"))
        if member is None:
            # An unknown login, which may be a mistyped password, is not written down; but a row is, so that
            # it takes as long.
            known = await visit.do(means.accounts.find, login)
            await visit.do(means.audit.note, known.login if known else "", Act("sign-in"), Outcome.REFUSED)
            return _show_sign_in(visit, {"password": visit.say("sign_in_wrong")}, 403)
        await visit.do(means.attempts.forgive, f"login/{login}")
        await visit.do(means.attempts.give_back, self._address(visit))
        await visit.do(means.audit.note, member.login, Act("sign-in"))
        return await welcome(visit, member, await _destination(visit, member))

    async def ask_new_password(self, visit: Visit) -> HTTPResponse:
        """Show the page for a one-time code."""
        return visit.show("new_password.html", errors={}, typed={"login": visit.arg("login")})

    async def new_password(self, visit: Visit) -> HTTPResponse:
        """Set a password with a one-time code; it has still to be signed in with."""
        means, login = self._means, fold_login(visit.field("login"))[:64]
        typed = {"login": visit.field("login"), "code": visit.field("code")}
        subjects = {f"code/{login}": WRONG_PER_LOGIN, self._address(visit): WRONG_PER_ADDRESS}
        if wait := await visit.do(means.attempts.charge, subjects):
            return _again(visit, "new_password.html", {"code": _minutes(visit, wait)}, typed, 429)
        try:
            _check_twice(visit)
            password = visit.field("password")
            member = await visit.do_slow(means.accounts.choose_password, login, typed["code"], password)
        except (AccountProblem, PasswordRefused) as problem:
            return _again(visit, "new_password.html", _errors(visit, problem), typed)
        for subject in (f"code/{login}", f"login/{login}"):
            await visit.do(means.attempts.forgive, subject)
        await visit.do(means.attempts.give_back, self._address(visit))
        await visit.do(means.sign_ins.end_all, member)
        await visit.do(means.audit.note, member.login, Act("new-password", "member", member.login))
        visit.flash("password_chosen")
        return visit.go("/sign-in")

    async def sign_out(self, visit: Visit) -> HTTPResponse:
        """End the session; the browser forgets what its forms had saved."""
        await visit.do(self._means.sign_ins.end, visit.token)
        visit.flash("signed_out_done", "info")
        response = visit.go("/sign-in")
        drop_cookie(response, COOKIE)
        return response

    def _address(self, visit: Visit) -> str:
        return f"address/{self._means.address(visit.request)}"


async def welcome(visit: Visit, member: Member, path: str) -> HTTPResponse:
    """Start a session under a new id, end the one that the browser came with, and go on to `path`."""
    before = visit.request.cookies.get(COOKIE)
    if before:
        await visit.do(visit.means.sign_ins.end, before)
    browser = browser_of(visit.request.headers.get("user-agent", ""))
    token = await visit.do(visit.means.sign_ins.open, member, browser)
    response = redirect(path, status=303)
    set_cookie(visit.request, response, COOKIE, token)
    drop_cookie(response, ENTRANCE_COOKIE)
    visit.request.ctx.entrance_token = ""
    return response


async def _destination(visit: Visit, member: Member) -> str:
    """Return where the member was going, with what they had typed there."""
    kept_id = visit.field("kept") or visit.arg("kept")
    kept = await visit.do(visit.means.kept.read, member, kept_id) if kept_id else None
    if kept is not None:
        return path_with_kept(kept.back, kept_id)
    return safe_path(visit.field("next") or visit.arg("next") or "/staff")


def path_with_kept(back: str, kept_id: str) -> str:
    """Return the address of a page that shall show what was typed in it."""
    parts = urlsplit(back)
    query = [part for part in parts.query.split("&") if part and not part.startswith("kept=")]
    return f"{parts.path}?{'&'.join([*query, f'kept={quote(kept_id)}'])}"


def _show_sign_in(visit: Visit, errors: dict[str, str], status: int = 200) -> HTTPResponse:
    typed = {name: visit.field(name) or visit.arg(name) for name in ("login", "next", "kept")}
    has_oidc = visit.means.oidc is not None
    return visit.show("sign_in.html", status, errors=errors, typed=typed, has_oidc=has_oidc)


def _again(
    visit: Visit, template: str, errors: dict[str, str], typed: dict[str, str], status: int = 422
) -> HTTPResponse:
    return visit.show(template, status, errors=errors, typed=typed)


def _check_twice(visit: Visit) -> None:
    if visit.field("password") != visit.field("password_again"):
        raise AccountProblem("password_again", "password_differs")


def _errors(visit: Visit, problem: AccountProblem | PasswordRefused) -> dict[str, str]:
    field = problem.field if isinstance(problem, AccountProblem) else "password"
    return {field: visit.say(problem.key)}


def _minutes(visit: Visit, wait: timedelta) -> str:
    return visit.say("too_many_tries", minutes=-(-int(wait.total_seconds()) // 60))


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())
