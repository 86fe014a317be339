"""The cases behind a number: as many lines as the number says, and a way to each."""

from __future__ import annotations

from dataclasses import replace

from sanic import Blueprint, HTTPResponse

from cases.figures.behind import Behind, Cases
from cases.figures.measures import Measure, definitions
from cases.figures.rates import Dimension, Figures, Scope
from cases.places.registry import Places
from staff.cases.names import read_names
from staff.cases.people import DESK
from staff.console import Console
from staff.results.asked import NO_GROUP, Asked, asked_of, bound_to
from staff.results.shown import group_names
from staff.visit import Visit

ROWS = 50
# What a list shows of each case besides: what was to be done by when, and when it was done.
_TOLD: dict[Measure, tuple[str, ...]] = {
    **dict.fromkeys(
        (Measure.RESPONSE_DUE, Measure.RESPONDED, Measure.RESPONSE_MISSED),
        ("response_due_at", "responded_at"),
    ),
    **dict.fromkeys((Measure.RATED, Measure.CONTENT, Measure.DISCONTENT), ("resolved_at", "rating")),
}
_USUALLY_TOLD = ("promised_at", "resolved_at")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/results/cases", allow=DESK)(show)


async def show(visit: Visit) -> HTTPResponse:
    """List the cases that a number counts, the newest first."""
    asked, group = asked_of(visit), visit.arg("group")[:64]
    count = visit.arg("count")
    measure = Measure(count) if count in list(Measure) else Measure.FILED
    page = visit.number("page", most=10_000)
    scope = scope_of(asked, group, bound_to(visit.member))
    behind = Behind(measure, asked.span.period, scope, limit=ROWS, offset=(page - 1) * ROWS)
    store = visit.means.casework.desk.store
    lines = await visit.do(Cases(store).list, behind)
    # The page before counted the same way: from sums, not case by case.
    (result,) = await visit.do(Figures(store).rates, asked.span.period, None, scope)
    total = result.count(measure)
    names = await visit.do(read_names, visit.means)
    name_of = await group_names(visit, names, asked.by)
    return visit.show(
        "results/cases.html",
        asked=asked,
        lines=lines,
        total=total,
        page=page,
        pages=-(-total // ROWS),
        address="/staff/results/cases?" + asked.query(count=measure.value, group=group) + "&page=",
        told=_TOLD.get(measure, _USUALLY_TOLD),
        said=definitions()[measure],
        group=name_of(None if group == NO_GROUP else group) if group else "",
        names=names,
        grid_names=await visit.do(Places(store).grid_names),
    )


def scope_of(asked: Asked, group: str, bound: str | None) -> Scope:
    """Return what the cases are narrowed down to; a department's own people stay within their department."""
    scope = asked.scope
    if not group:
        return scope
    of = "" if group == NO_GROUP else group
    if asked.by is Dimension.GRID:
        return replace(scope, grid=of)
    if asked.by is Dimension.CATEGORY:
        return replace(scope, category=of)
    return scope if bound is not None else replace(scope, department=of)
