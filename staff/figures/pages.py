"""The figures page and its workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse

from knowledge.figure_sheets import figure_words, write_figures
from knowledge.figures import QUESTIONS, Figures
from staff.console import Console
from staff.figures import charts
from staff.roles import EVERY_ROLE
from staff.visit import Visit

SPANS = (7, 30, 90, 365)
USUAL_DAYS = 30
# As many as the reader of figures takes.
MOST_DAYS = 400
# Guides that want something done, listed on the page; all of them are in the workbook.
MOST_LISTED = 30


@dataclass(frozen=True)
class Span:
    """The days that were asked for, both included; `days` is set where they are the last so many."""

    first: date
    last: date
    days: int | None
    error: str = ""


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/figures", allow=EVERY_ROLE, nav="figures")(show)
    desk.page("GET", "/figures.xlsx", allow=EVERY_ROLE)(sheet)


async def show(visit: Visit) -> HTTPResponse:
    """Show the figures of a span of days."""
    span = span_of(visit)
    figures = await visit.do(visit.means.figures, span.first, span.last)
    return visit.show(
        "figures/figures.html",
        figures=figures,
        span=span,
        spans=[(days, visit.say(f"span_days_{days}")) for days in SPANS],
        query=urlencode({"from": span.first.isoformat(), "to": span.last.isoformat()}),
        words=figure_words(),
        asked=sum(figures.decisions.get(str(one), 0) for one in QUESTIONS),
        questions=[str(one) for one in QUESTIONS],
        charts=charts,
        share=share,
        ratings=sum(figures.stars.values()),
        bad=figures.stars.get(1, 0) + figures.stars.get(2, 0),
        urgent=[one for one in figures.freshness if one.age != "fresh"][:MOST_LISTED],
    )


async def sheet(visit: Visit) -> HTTPResponse:
    """Hand the figures over as a workbook."""
    span = span_of(visit)
    figures: Figures = await visit.do(visit.means.figures, span.first, span.last)
    body = await visit.do(write_figures, figures)
    return visit.sheet(body, visit.say("figures_file", first=span.first, last=span.last))


def span_of(visit: Visit) -> Span:
    """Return the days of the query: `from` and `to`, else the last `days`."""
    today = visit.means.clock().astimezone(visit.means.zone).date()
    if visit.arg("from") or visit.arg("to"):
        try:
            first, last = date.fromisoformat(visit.arg("from")), date.fromisoformat(visit.arg("to"))
        except ValueError:
            return _usual(today, "figures_no_day")
        if not 0 <= (last - first).days < MOST_DAYS or first.year < 2000 or last.year > 9000:
            return _usual(today, "figures_bad_span")
        return Span(first, last, None)
    days = visit.number("days", 0, MOST_DAYS)
    return _usual(today, days=days if days in SPANS else USUAL_DAYS)


def share(part: int, whole: int) -> str:
    """Return a share with its numbers, so that nobody takes 1 of 2 for half of the town."""
    return f"{part / whole:.0%}（{part}/{whole}）" if whole else "—"


def _usual(today: date, error: str = "", days: int = USUAL_DAYS) -> Span:
    return Span(today - timedelta(days=days - 1), today, days, error)
