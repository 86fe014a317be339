"""The one table of the console's pages: each with its method, its path, and the roles that may open it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sanic import Blueprint, HTTPResponse

from staff.guard import Guard
from staff.look import Look
from staff.means import StaffMeans
from staff.roles import Role

MAX_BODY_BYTES = 1_000_000
SHEET_BYTES = 20_000_000

Handler = Callable[..., Awaitable[HTTPResponse]]  # (visit, **parts of the path)


@dataclass(frozen=True)
class Page:
    """One address of the console.

    `allow` names the roles that may open it; None means everybody, also who is not signed in. `act` is what
    the audit trail calls a POST. `nav` puts the page into the navigation, under that key of navigation.yml.
    A `quiet` page, one that a screen asks again and again, does not keep its session alive. A `framed` one
    may be shown inside another page of the console.
    """

    method: str
    path: str
    allow: tuple[Role, ...] | None
    act: str = ""
    nav: str = ""
    body_limit: int = MAX_BODY_BYTES
    quiet: bool = False
    framed: bool = False

    @property
    def name(self) -> str:
        """The route's name: letters only, one for each method and path."""
        return re.sub(r"\W", "_", f"{self.method}_{self.path}".lower())

    def limit_of(self, content_type: str) -> int:
        """Return how many bytes a body may have: more than a form's own only where it brings files.

        Reading a form of megabytes that is no multipart one takes seconds, and holds up everybody.
        """
        brings_files = content_type.startswith("multipart/form-data")
        return self.body_limit if brings_files else min(self.body_limit, MAX_BODY_BYTES)

    def matches(self, path: str) -> bool:
        """Return whether an address, with /staff, leads here."""
        fixed = re.split(r"<[^>]+>", "/staff" + self.path.rstrip("/"))
        return re.fullmatch("[^/]+".join(map(re.escape, fixed)), path.rstrip("/")) is not None


class Console:
    """Collects pages and puts each behind the guard."""

    def __init__(self, means: StaffMeans) -> None:
        self.means = means
        self.pages: list[Page] = []
        self.slow = asyncio.Semaphore(2)
        self.pages_look = Look(means, self.pages)
        self._handlers: list[tuple[Page, Handler]] = []

    def page(
        self,
        method: str,
        path: str,
        *,
        allow: Sequence[Role],
        act: str = "",
        nav: str = "",
        body_limit: int = MAX_BODY_BYTES,
        quiet: bool = False,
        framed: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a page, as a decorator of `async def show(visit, **parts) -> HTTPResponse`."""
        if not allow:
            raise ValueError(f"{method} {path} names no role: nobody could open it")
        named = act or (_act_of(path) if method == "POST" else "")
        return self._declare(Page(method, path, tuple(allow), named, nav, body_limit, quiet, framed))

    def entrance(self, method: str, path: str, *, act: str = "") -> Callable[[Handler], Handler]:
        """Declare a page for who is not signed in yet."""
        return self._declare(Page(method, path, None, act or _act_of(path)))

    def shows(self, path: str) -> bool:
        """Return whether an address, with /staff, is one that a browser can open."""
        return any(
            page.method == "GET" and "<rest:" not in page.path and page.matches(path) for page in self.pages
        )

    def attach(self, routes: Blueprint) -> None:
        """Give every page its route. POSTs read their bodies themselves, once it is clear who sends them."""
        guard = Guard(self)
        for page, handler in self._handlers:
            routes.add_route(
                guard.watch(page, handler),
                page.path,
                methods=[page.method],
                name=page.name,
                unquote=True,
                stream=page.method == "POST",
            )

    def _declare(self, page: Page) -> Callable[[Handler], Handler]:
        if any((page.method, page.path) == (other.method, other.path) for other in self.pages):
            raise ValueError(f"{page.method} {page.path} is declared twice")
        self.pages_look.check_nav(page.nav)

        def declare(handler: Handler) -> Handler:
            self.pages.append(page)
            self._handlers.append((page, handler))
            return handler

        return declare


def _act_of(path: str) -> str:
    """Return the fixed parts of a path with dots: /members/<login:str>/roles is members.roles."""
    return ".".join(part for part in path.strip("/").split("/") if part and not part.startswith("<"))
