"""Screens for looking around: home, themes, departments, lists, calling staff, rating the service."""

from __future__ import annotations

from urllib.parse import quote

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound

from kiosk import shelf
from kiosk.door import Door, field, go
from kiosk.needs import Rating
from kiosk.session import Visit
from knowledge.guide import Guide, Theme

STARS = (5, 4, 3, 2, 1)


class BrowseScreens:
    """Screens that need no conversation."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs

    async def home(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show the first screen."""
        visit.session.trail = ["/"]
        guides = self._needs.guides()
        return self._door.render(
            visit,
            "home.html",
            themes=shelf.HOME_THEMES,
            questions=shelf.hot_questions(guides, visit.session.locale),
            count=len(guides),
        )

    async def themes(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show all themes."""
        visit.session.visit("/kiosk/themes")
        guides = self._needs.guides()
        counts = {theme: len(shelf.of_theme(guides, theme)) for theme in Theme}
        return self._door.render(visit, "themes.html", counts=counts)

    async def theme(self, request: Request, visit: Visit, theme: str) -> HTTPResponse:
        """Show the guides under one theme."""
        if theme not in set(Theme):
            raise NotFound("no such theme")
        guides = shelf.of_theme(self._needs.guides(), theme)
        return self._list(request, visit, guides, f"/kiosk/theme/{quote(theme)}", theme=theme)

    async def departments(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show all departments, or the guides of one (`?name=`)."""
        name = request.args.get("name")
        guides = self._needs.guides()
        if name:
            of_one = shelf.of_department(guides, name)
            if not of_one:
                raise NotFound("no such department")
            return self._list(request, visit, of_one, f"/kiosk/departments?name={quote(name)}", heading=name)
        visit.session.visit("/kiosk/departments")
        entries = [
            (name, count, f"/kiosk/departments?name={quote(name)}")
            for name, count in shelf.departments(guides)
        ]
        return self._door.render(visit, "departments.html", entries=entries)

    async def all_guides(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show every guide, page by page."""
        return self._list(request, visit, shelf.most_asked(self._needs.guides()), "/kiosk/all")

    async def rate_form(self, request: Request, visit: Visit) -> HTTPResponse:
        """Ask how the service was."""
        visit.session.visit("/kiosk/rate")
        return self._door.render(visit, "rate.html", stars=STARS)

    async def rate(self, request: Request, visit: Visit) -> HTTPResponse:
        """Note how the service was: one of five stars."""
        stars = field(request, "stars")
        if stars not in {str(star) for star in STARS}:
            return go("/kiosk/rate")
        await self._door.note_rating(Rating(visit.session.conversation, None, stars=int(stars)))
        visit.session.notice = "thanks_rating"
        return go("/")

    def _list(
        self,
        request: Request,
        visit: Visit,
        guides: list[Guide],
        path: str,
        *,
        theme: str = "",
        heading: str = "",
    ) -> HTTPResponse:
        wanted = request.args.get("page", "1")
        page = shelf.page_of(guides, int(wanted) if wanted.isascii() and wanted.isdigit() else 1)
        joint = "&" if "?" in path else "?"
        # Turning pages is no step that "back" should undo one by one.
        if not visit.session.current().startswith(path):
            visit.session.visit(path)
        return self._door.render(
            visit,
            "list.html",
            page=page,
            turn=f"{path}{joint}page=",
            theme=theme,
            heading=heading,
            total=len(guides),
        )
