"""The rates of a span of days, with what each counts, and their workbook."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from cases.figures.measures import Measure, Result, definitions
from cases.figures.names import read_names as names_of_groups
from cases.figures.rates import Dimension, Figures, Report
from cases.figures.sheets import write_report
from cases.store import Store
from staff.cases.names import read_names
from staff.cases.people import DESK
from staff.console import Console
from staff.results import charts
from staff.results.asked import READERS, Asked, Ratio, asked_of, bound_to, dimensions_of, may_open_cases
from staff.results.shown import FEW_BELOW, group_names, tabs_of
from staff.results.span import NAMED
from staff.visit import Visit


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/results", allow=READERS, nav="results")(show)
    desk.page("GET", "/results.xlsx", allow=DESK)(sheet)


async def show(visit: Visit) -> HTTPResponse:
    """Show the rates of a span of days: of all, by group, and over time."""
    asked = asked_of(visit)
    figures = Figures(visit.means.casework.desk.store)
    report = await visit.do(figures.report, asked.span.period, asked.scope)
    points = await visit.do(figures.series, asked.span.period, asked.span.step, asked.scope)
    names = await visit.do(read_names, visit.means)
    may_open = may_open_cases(visit.member)
    return visit.show(
        "results/results.html",
        tabs=tabs_of(visit, "results", asked.query()),
        asked=asked,
        spans=tuple(NAMED),
        total=report.total,
        groups=groups_of(report, asked.by) if may_open else (),
        points=points,
        names=names,
        name_of=await group_names(visit, names, asked.by),
        said=definitions(),
        ratios=tuple(Ratio),
        counts=(Measure.FILED, Measure.EXCLUDED, Measure.REOPENED),
        dimensions=dimensions_of(asked.department),
        charts=charts,
        may_open=may_open,
        is_bound=bound_to(visit.member) is not None,
        few_below=FEW_BELOW,
    )


async def sheet(visit: Visit) -> HTTPResponse:
    """Hand the same figures over as a workbook."""
    asked = asked_of(visit)
    body = await visit.do_slow(_write, visit.means.casework.desk.store, asked)
    name = visit.say("results_file", first=asked.span.first, last=asked.span.last)
    return visit.sheet(body, name)


def groups_of(report: Report, by: Dimension) -> tuple[Result, ...]:
    """Return the results told apart by one dimension, the largest first."""
    return {
        Dimension.DEPARTMENT: report.departments,
        Dimension.GRID: report.grids,
        Dimension.CATEGORY: report.categories,
    }[by]


def _write(store: Store, asked: Asked) -> bytes:
    report = Figures(store).report(asked.span.period, asked.scope)
    with store.sessions() as session:
        names = names_of_groups(session)
    return write_report(report, asked.span.period, names)
