"""The map of what is filed where (民生地图), and its workbook. Everybody may see it: it tells of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse

from cases.case import CaseKind
from cases.figures.heat import Heat, HeatMap, Span, read_span
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.map import burst_pages
from staff.map.sheet import write_map
from staff.map.words import MapWords, shade, tile_shade
from staff.roles import EVERY_ROLE
from staff.visit import Visit


@dataclass(frozen=True)
class _Asked:
    """A map, what may be chosen instead, and what was chosen."""

    map: HeatMap
    spans: tuple[Span, ...]
    kind: str

    @property
    def query(self) -> str:
        chosen = {"span": str(self.map.span), "kind": self.kind}
        return urlencode({name: value for name, value in chosen.items() if value})


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/map", allow=EVERY_ROLE, nav="map")(show)
    desk.page("GET", "/map.xlsx", allow=EVERY_ROLE)(sheet)
    burst_pages.add_pages(routes, desk)


async def show(visit: Visit) -> HTTPResponse:
    """Show the map of a month or a year: a tile a grid, and a table of all counts."""
    asked = await visit.do(_read, visit)
    return visit.show(
        "map/map.html",
        asked=asked,
        map=asked.map,
        words=await visit.do(_words, visit),
        kinds=[kind for kind in CaseKind if kind is not CaseKind.OTHER],
        categories=sorted(asked.map.categories, key=lambda one: -asked.map.of_category(one).number),
        most=max((asked.map.of_grid(grid).number for grid, _ in asked.map.grids), default=0),
        shade=shade,
        tile_shade=tile_shade,
        sees_cases=_sees_cases(visit),
    )


async def sheet(visit: Visit) -> HTTPResponse:
    """Hand the same map over as a workbook, with the same left out."""
    asked = await visit.do(_read, visit)
    words = await visit.do(_words, visit)
    body = await visit.do(write_map, asked.map, words)
    return visit.sheet(body, visit.say("map_file", span=words.span(asked.map.span)))


def _read(visit: Visit) -> _Asked:
    """Return the map that the address asks for, else that of the last month that is over."""
    heat = Heat(visit.means.casework.desk.store)
    spans = heat.spans()
    wanted = read_span(visit.arg("span"))
    months = [span for span in spans if span.month]
    usual = months[1] if len(months) > 1 else months[0]
    chosen = wanted if wanted in spans and wanted is not None else usual
    found = heat.of(chosen, is_total_known=not _sees_cases(visit))
    kind = visit.arg("kind")
    if kind in list(CaseKind):
        return _Asked(found.only(CaseKind(kind)), spans, kind)
    return _Asked(found, spans, "")


def _sees_cases(visit: Visit) -> bool:
    """Return whether this member sees all cases anyway; a department sees its own alone."""
    return visit.member.may(DESK) and burst_pages.decides(actor_of(visit.member))


def _words(visit: Visit) -> MapWords:
    return MapWords(visit.say, read_names(visit.means))
