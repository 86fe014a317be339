"""What every screen of the kiosk shares: opening the visitor's session, rendering, and safe headers."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request, html, json, redirect
from sanic.exceptions import Forbidden

from bot.conversation import Channel, Turn, is_call_for_help
from kiosk import rendering
from kiosk.candidates import Keyboard
from kiosk.needs import MAX_QUESTION_CHARS, Needs, Rating
from kiosk.session import Shown, Visit
from kiosk.shelf import keyboard_words

log = logging.getLogger(__name__)

COOKIE = "linli_kiosk"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a plain form would then post with "Origin: null" and be taken for another site's.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cache-Control": "no-store",
}

Screen = Callable[..., Awaitable[HTTPResponse]]  # (request, visit, **parts of the address)


class Door:
    """Opens sessions for screens and renders them."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs
        self._templates = rendering.make_environment()
        self._keyboard: tuple[object, Keyboard] | None = None

    def screen(self, show: Screen) -> Callable[..., Coroutine[Any, Any, HTTPResponse]]:
        """Return a handler that opens the session, shows the screen, and keeps the session."""

        async def handle(request: Request, **parts: str) -> HTTPResponse:
            visit = await asyncio.to_thread(self.needs.sessions.open, request.cookies.get(COOKIE))
            request.ctx.kiosk_visit = visit
            response = await show(request, visit, **parts)
            await asyncio.to_thread(self.needs.sessions.save, visit)
            if visit.before is None:
                set_cookie(response, visit.token, secure=scheme_of(request) == "https")
            return response

        return handle

    def render(self, visit: Visit, template: str, /, status: int = 200, **values: Any) -> HTTPResponse:
        """Render a screen in the session's language and look, and drop the notice that it has shown."""
        session = visit.session
        now = self.needs.clock().astimezone(self.needs.zone)
        time, day = rendering.say_clock(now, session.locale)
        page = self._templates.get_template(template).render(
            t=rendering.sayer(session.locale),
            session=session,
            hall=self.needs.hall(session.locale),
            now=now,
            clock_time=time,
            clock_day=day,
            timeouts=self.needs.timeouts,
            can_speak=self.needs.speech is not None,
            is_untouched=visit.before is None,
            **values,
        )
        session.notice = ""
        return html(page, status=status)

    async def problem(self, request: Request, error: Exception) -> HTTPResponse:
        """Show a calm sentence with the way on; what went wrong goes to the log."""
        status = getattr(error, "status_code", 500)
        if status >= 500:
            log_fault(f"screen {request.uri_template}", error)
        kind = "not_found" if status == 404 else "problem"
        visit: Visit | None = getattr(request.ctx, "kiosk_visit", None)
        if visit is None:
            visit = await asyncio.to_thread(self.needs.sessions.open, None)
        if "application/json" in request.headers.get("accept", ""):
            text = rendering.sayer(visit.session.locale)(f"{kind}_text")
            return json(
                {"title": text, "status": status}, status=status, content_type="application/problem+json"
            )
        return self.render(visit, "problem.html", status=status, kind=kind)

    def render_public(self, template: str, /, **values: Any) -> HTTPResponse:
        """Render a page that belongs to no session: Chinese, the hall's own look."""
        page = self._templates.get_template(template).render(
            t=rendering.sayer("zh"), hall=self.needs.hall("zh"), **values
        )
        return html(page)

    async def note_rating(self, rating: Rating) -> None:
        """Hand a rating on. That it was lost must not cost the visitor the screen."""
        try:
            await asyncio.to_thread(self.needs.rate, rating)
        except Exception as fault:  # noqa: BLE001  logged without what was typed, and the screen goes on
            log_fault("keeping a rating", fault)

    async def danger(self, visit: Visit, value: str) -> str | None:
        """Return the screen that says whom to call, where danger was typed into a field; else None."""
        session = visit.session
        turn = Turn(
            Channel.KIOSK, session.conversation, text=value[:MAX_QUESTION_CHARS], locale=session.locale
        )
        if not is_call_for_help(turn):
            return None
        reply = await self.needs.conversation.say(turn)
        return session.keep(Shown(value, reply.to_wire(), session.locale))

    def keyboard(self) -> Keyboard:
        """Return the keyboard for the guides that are published now."""
        guides = self.needs.guides()
        if self._keyboard is None or self._keyboard[0] is not guides:
            self._keyboard = (guides, Keyboard(keyboard_words(guides)))
        return self._keyboard[1]

    def public_address(self, request: Request, path: str) -> str | None:
        """Return the address of `path` for a visitor's phone; None when only this machine could open it."""
        base = self.needs.public_url or f"{scheme_of(request)}://{request.host}"
        host = urlsplit(base).hostname or ""
        if host in ("localhost", "::1") or host.startswith("127."):
            return None
        return base.rstrip("/") + path


def log_fault(what: str, fault: BaseException) -> None:
    """Log where something failed, without its message: that may quote what a person typed."""
    where = "".join(traceback.format_tb(fault.__traceback__))
    log.error("kiosk: %s failed: %s\n%s", what, type(fault).__name__, where)


def refuse_foreign(request: Request) -> None:
    """Raise Forbidden for a POST that another site's page sent."""
    origin = request.headers.get("origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        raise Forbidden("this request came from another site: open the kiosk's own page")


def scheme_of(request: Request) -> str:
    """Return how the browser came here: behind a proxy that ends TLS, as the proxy says.

    Whoever makes the header up gets a stricter cookie of his own, nothing else.
    """
    said = str(request.headers.get("x-forwarded-proto", "")).partition(",")[0].strip().lower()
    return said if said in ("http", "https") else request.scheme


def field(request: Request, name: str) -> str:
    """Return a field of a posted form; empty when it is missing."""
    value = request.form.get(name) if request.form else None
    return value if isinstance(value, str) else ""


def set_cookie(response: HTTPResponse, token: str, *, secure: bool) -> None:
    """Give the browser the session's token, for this browser window only."""
    response.add_cookie(COOKIE, token, path="/", httponly=True, samesite="Strict", secure=secure)


def go(path: str) -> HTTPResponse:
    """Send the browser to another screen with GET."""
    return redirect(path, status=303)
