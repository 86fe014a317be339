"""Renders pages: templates, icons, sentences, times as the hall's clock shows them, and the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from knowledge.switches import Scope, Switch
from language.texts import MissingText, Texts
from staff.cases.people import DESK, actor_of
from staff.means import StaffMeans

if TYPE_CHECKING:
    from staff.console import Page
    from staff.visit import Visit

FOLDER = Path(__file__).resolve().parent


class Look:
    """The templates of the console, and every sentence of staff/texts.yml and staff/*/texts.yml."""

    def __init__(self, means: StaffMeans, pages: Sequence[Page]) -> None:
        self._means = means
        self._pages = pages
        self._texts = [Texts(file) for file in sorted([FOLDER / "texts.yml", *FOLDER.glob("*/texts.yml")])]
        self._groups: list[dict[str, Any]] = yaml.safe_load((FOLDER / "navigation.yml").read_text("utf-8"))
        self._templates = self._make_environment()

    def say(self, key: str, /, **values: object) -> str:
        """Return a sentence. Raises MissingText when no file has it."""
        for texts in self._texts:
            try:
                return texts.say(key, "zh", **values)
            except MissingText:
                continue
        raise MissingText(f"staff/texts.yml has no text '{key}': add it there")

    def may_say(self, key: str, default: str = "", /, **values: object) -> str:
        """Return a sentence, or `default` where nobody has written it."""
        try:
            return self.say(key, **values)
        except (MissingText, KeyError):
            return default

    def check_nav(self, key: str) -> None:
        """Raise ValueError for a key that navigation.yml does not have."""
        known = {item["key"] for group in self._groups for item in group["items"]}
        if key and key not in known:
            raise ValueError(f"navigation.yml has no '{key}': add it with its icon and label")

    def render(self, visit: Visit, template: str, /, **values: Any) -> str:
        """Return a page's HTML."""
        off = self._switched_off(visit)
        return self._templates.get_template(template).render(
            visit=visit,
            member=visit.member if visit.is_signed_in else None,
            csrf=visit.csrf,
            nav=self._nav(visit),
            flashes=visit.take_flashes(),
            kept=visit.kept,
            kept_id=visit.arg("kept") if visit.kept else "",
            hall_name=self._means.hall_name(),
            now=self._means.clock().astimezone(self._means.zone),
            open_alerts=self._open_alerts(visit),
            case_alarms=self._case_alarms(visit),
            switched_off=off,
            switched_off_names=self._names_of(off),
            **values,
        )

    def _switched_off(self, visit: Visit) -> Sequence[Switch]:
        """Return what residents do not get now, for the banner of every page."""
        if not visit.is_signed_in:
            return ()
        try:
            return self._means.switches.standing().switches
        except SQLAlchemyError:
            return ()  # never read yet and the database is away: the page says that much itself

    def _open_alerts(self, visit: Visit) -> int:
        """Return how many call for staff and nobody looks after, for the banner of every page."""
        if not visit.is_signed_in:
            return 0
        try:
            return self._means.alerts.count_open()
        except SQLAlchemyError:
            return 0  # the database is away: the page says that much itself

    def _case_alarms(self, visit: Visit) -> int:
        """Return how many urgent deadlines this member has not noted, for the navigation."""
        if not visit.is_signed_in or not visit.member.may(DESK):
            return 0
        try:
            return self._means.casework.alarms.count(actor_of(visit.member))
        except SQLAlchemyError:
            return 0  # as above

    def _names_of(self, switches: Sequence[Switch]) -> dict[str, str]:
        wanted = {switch.name for switch in switches if switch.scope is Scope.GUIDE}
        return (
            {guide.id: guide.title for guide in self._means.guides() if guide.id in wanted} if wanted else {}
        )

    def _nav(self, visit: Visit) -> list[dict[str, Any]]:
        """Return the groups of links that this member may open."""
        if not visit.is_signed_in:
            return []
        open_to = {page.nav: page for page in self._pages if page.nav and visit.member.may(page.allow or ())}
        groups = []
        for group in self._groups:
            items = [
                {**item, "path": "/staff" + open_to[item["key"]].path.rstrip("/")}
                for item in group["items"]
                if item["key"] in open_to
            ]
            if items:
                groups.append({"label": group["label"], "items": items})
        return groups

    def _make_environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        icons = self._means.vendored / "icons"
        environment.globals.update(t=self.say, may_say=self.may_say, icon=lambda name: _icon(icons, name))
        environment.filters.update(when=self.say_when, day=self.say_day)
        return environment

    def say_when(self, at: datetime | None) -> str:
        """Return an instant as the hall's clock shows it, to the minute."""
        return at.astimezone(self._means.zone).strftime("%Y-%m-%d %H:%M") if at else "—"

    def say_day(self, at: datetime | None) -> str:
        """Return the day of an instant in the hall's zone."""
        return at.astimezone(self._means.zone).strftime("%Y-%m-%d") if at else "—"


@lru_cache(maxsize=256)
def _icon(folder: Path, name: str) -> Markup:
    """Return an icon as inline SVG, hidden from screen readers; nothing when its file is missing."""
    file = folder / f"{name}.svg"
    if not file.is_file():
        return Markup("")
    drawing = file.read_text("utf-8")
    start = drawing.index("<svg")
    # The file is ours to trust: it was copied from a pinned package.
    return Markup(drawing[start:].replace("<svg", '<svg aria-hidden="true" focusable="false"', 1))
