"""One request of one member: what a page reads from it, and how it answers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import quote

from sanic import HTTPResponse, Request, html, redirect
from sanic.request import File

from staff.accounts import Member
from staff.audit import Act
from staff.kept_typing import KeptForm
from staff.means import StaffMeans

if TYPE_CHECKING:
    from staff.console import Console, Page

P = ParamSpec("P")
T = TypeVar("T")

FLASH_COOKIE = "linli_staff_flash"
_FLASH_CHARS = 1200


class Visit:
    """What a page is handed. `member` is signed in, and has one of the page's roles."""

    def __init__(self, request: Request, console: Console, page: Page) -> None:
        self.request = request
        self.means: StaffMeans = console.means
        self.page = page
        self.act = Act(page.act)
        self.token = ""
        self.csrf = ""
        self.kept: KeptForm | None = None  # what was typed in this page before the session ended
        self._console = console
        self._member: Member | None = None
        self._flashes: list[dict[str, Any]] = []

    @property
    def member(self) -> Member:
        """Who is signed in."""
        if self._member is None:
            raise RuntimeError("this page is open to everybody: nobody is signed in")
        return self._member

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in: always, but on the pages before signing in."""
        return self._member is not None

    def recognise(self, member: Member, token: str) -> None:
        """Say who is visiting."""
        self._member, self.token = member, token

    def field(self, name: str) -> str:
        """Return a field of the posted form; empty when it is missing. No NUL, which no database takes."""
        return _text(self.request.form.get(name, "")) if self.request.form else ""

    def fields(self, name: str) -> list[str]:
        """Return every value of a field: ticked boxes, a list of lines."""
        return [_text(value) for value in self.request.form.getlist(name, [])] if self.request.form else []

    def file(self, name: str) -> File | None:
        """Return an uploaded file, or None."""
        found = self.request.files.get(name) if self.request.files else None
        return found if isinstance(found, File) and found.name else None

    def files(self, name: str) -> list[File]:
        """Return the uploaded files of a field that takes several."""
        found = self.request.files.getlist(name, []) if self.request.files else []
        return [file for file in found if isinstance(file, File) and file.name]

    def arg(self, name: str) -> str:
        """Return a value of the address's query; empty when it is missing."""
        return _text(self.request.args.get(name, ""))

    def number(self, name: str, least: int = 1, most: int = 1_000_000) -> int:
        """Return a whole number of the query, held within bounds: a page's number."""
        text = self.arg(name)
        return min(max(int(text), least), most) if text.isascii() and text.isdigit() and text else least

    async def do(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a room in a thread of its own: nothing that waits for the database may hold up others."""
        return await asyncio.to_thread(call, *args, **kwargs)

    async def do_slow(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what takes the processor for a while: two at a time, so that residents find threads free."""
        async with self._console.slow:
            return await asyncio.to_thread(call, *args, **kwargs)

    def note(
        self,
        object_kind: str = "",
        object_id: object = "",
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        act: str = "",
    ) -> None:
        """Say for the audit trail what this act was done to: short facts, never a resident's words."""
        self.act = Act(act or self.page.act, object_kind, str(object_id), before or {}, after or {})

    def flash(self, key: str, kind: str = "good", **values: object) -> None:
        """Show a sentence of texts.yml on the next page. Kinds: good, info, warn."""
        shown = {name: str(value)[:200] for name, value in values.items()}
        self._flashes.append({"key": key, "kind": kind, "values": shown})

    def say(self, key: str, /, **values: object) -> str:
        """Return a sentence of texts.yml."""
        return self._console.pages_look.say(key, **values)

    def may_say(self, key: str, default: str, /) -> str:
        """Return a sentence of texts.yml, or `default` where nobody has written it."""
        return self._console.pages_look.may_say(key, default)

    def show(self, template: str, /, status: int = 200, **values: Any) -> HTTPResponse:
        """Render a page. Nothing is left unescaped; names that are missing are an error."""
        return html(self._console.pages_look.render(self, template, **values), status=status)

    def go(self, path: str) -> HTTPResponse:
        """Send the browser to another page of the console with GET; `path` without /staff."""
        return redirect("/staff" + path, status=303)

    def problem(self, status: int, key: str, /, **values: object) -> HTTPResponse:
        """Say in plain words what is wrong and the way on: texts.yml `<key>_title` and `<key>_text`."""
        response = self.show("problem.html", status, key=key, values=values)
        if self.request.headers.get("hx-request"):
            # A piece of a page was asked for: what is wrong takes the whole page's place, not the piece's.
            for name, value in (("Retarget", "#main"), ("Reselect", "#main"), ("Reswap", "outerHTML")):
                response.headers[f"HX-{name}"] = value
        return response

    def sheet(self, body: bytes, name: str, kind: str = "xlsx") -> HTTPResponse:
        """Hand a file over to be saved under `name`."""
        types = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return HTTPResponse(body, headers=headers, content_type=types.get(kind, "application/octet-stream"))

    def take_flashes(self) -> list[dict[str, Any]]:
        """Return what is to be shown now: said by the page before, and by this one."""
        flashes, self._flashes = [*_read_flashes(self.request), *self._flashes], []
        self.request.ctx.flashes_shown = True
        return flashes

    def leave_flashes(self, response: HTTPResponse) -> None:
        """Pass on what was not shown yet to the next page."""
        if self._flashes:
            packed = base64.urlsafe_b64encode(json.dumps(self._flashes).encode()).decode()
            if len(packed) <= 3 * _FLASH_CHARS:
                response.add_cookie(
                    FLASH_COOKIE,
                    packed,
                    path="/staff",
                    httponly=True,
                    samesite="Lax",
                    max_age=60,
                    secure=False,
                )
        elif self.request.cookies.get(FLASH_COOKIE) and getattr(self.request.ctx, "flashes_shown", False):
            response.add_cookie(FLASH_COOKIE, "", path="/staff", httponly=True, secure=False, max_age=0)


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _read_flashes(request: Request) -> list[dict[str, Any]]:
    """Return the flashes of the cookie; one that was made up shows nothing or its own author's words."""
    packed = request.cookies.get(FLASH_COOKIE)
    if not packed:
        return []
    try:
        found = json.loads(base64.urlsafe_b64decode(packed.encode()))
        return [
            {"key": str(one["key"]), "kind": str(one["kind"]), "values": dict(one["values"])} for one in found
        ]
    except (ValueError, KeyError, TypeError):
        return []
