"""A member's own page: their password, their sessions; and the way back to what they had typed."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, redirect

from staff.accounts import AccountProblem
from staff.attempts import WRONG_PER_LOGIN
from staff.console import Console
from staff.entrance_pages import path_with_kept
from staff.passwords import PasswordRefused
from staff.roles import EVERY_ROLE
from staff.visit import Visit


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    own = _OwnPages(desk)
    desk.page("GET", "/me", allow=EVERY_ROLE)(own.me)
    desk.page("POST", "/me/password", allow=EVERY_ROLE, act="own-password")(own.change_password)
    desk.page("POST", "/me/sign-out-others", allow=EVERY_ROLE, act="sign-out-others")(own.sign_out_others)
    desk.page("GET", "/kept/<kept_id:str>", allow=EVERY_ROLE)(own.go_back)


class _OwnPages:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means

    async def me(self, visit: Visit) -> HTTPResponse:
        """Show who one is."""
        return await self._show(visit, {})

    async def change_password(self, visit: Visit) -> HTTPResponse:
        """Change one's own password; whoever else is signed in with the old one is signed out."""
        means, login = self._means, visit.member.login
        visit.note("member", login)
        subject = f"own/{login}"
        if await visit.do(means.attempts.charge, {subject: WRONG_PER_LOGIN}):
            return await self._show(visit, {"old": visit.say("too_many_tries", minutes=15)}, 429)
        old, new = visit.field("old_password"), visit.field("password")
        if new != visit.field("password_again"):
            return await self._show(visit, {"password_again": visit.say("password_differs")}, 422)
        try:
            await visit.do_slow(means.accounts.change_password, login, old, new)
        except PasswordRefused as problem:
            await visit.do(means.attempts.give_back, subject)
            return await self._show(visit, {"password": visit.say(problem.key)}, 422)
        except AccountProblem as problem:
            return await self._show(visit, {"old": visit.say(problem.key)}, 422)
        await visit.do(means.attempts.forgive, subject)
        await visit.do(means.sign_ins.end_all, visit.member, but=visit.token)
        visit.flash("password_changed")
        return visit.go("/me")

    async def sign_out_others(self, visit: Visit) -> HTTPResponse:
        """End every session of this member but the present one."""
        await visit.do(self._means.sign_ins.end_all, visit.member, but=visit.token)
        visit.note("member", visit.member.login)
        visit.flash("others_signed_out")
        return visit.go("/me")

    async def go_back(self, visit: Visit, kept_id: str) -> HTTPResponse:
        """Lead back to the page that a form was typed in, which then shows what was typed."""
        kept = await visit.do(self._means.kept.read, visit.member, kept_id)
        if kept is None:
            return visit.problem(404, "kept_gone")
        return redirect(path_with_kept(kept.back, kept_id), status=303)

    async def _show(self, visit: Visit, errors: dict[str, str], status: int = 200) -> HTTPResponse:
        standing = await visit.do(self._means.sign_ins.standing)
        own = [one for one in standing if one.login == visit.member.login]
        return visit.show("me.html", status, errors=errors, sessions=own)
