"""The charts of the results: one rate by group, and every rate over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from markupsafe import Markup

from cases.figures.measures import Measure, Result, definitions
from cases.figures.rates import Point
from staff.figures.drawing import Bar, Curve, Part, columns, curves, rows
from staff.results.asked import Ratio

MOST_BARS = 15


def group_chart(groups: Sequence[Result], ratio: Ratio, name: Callable[[str | None], str]) -> Markup:
    """Draw a rate of the largest groups as shares of what each has to count; who has nothing is left out."""
    said = definitions()
    bars = []
    for group in groups:
        rate = ratio.of(group)
        if rate.whole:
            parts = (
                Part("done", said[ratio.part].name, rate.part),
                Part("missed", said[ratio.rest].name, rate.whole - rate.part),
            )
            bars.append(Bar(name(group.group), parts, f"{rate.part} / {rate.whole}"))
    return rows(bars[:MOST_BARS], said[ratio.definition].name, as_shares=True)


def time_chart(points: Sequence[Point], title: str) -> Markup:
    """Draw all rates over the pieces of the span."""
    said = definitions()
    lines = [
        Curve(
            ratio.value, said[ratio.definition].name, tuple(ratio.of(point.result).share for point in points)
        )
        for ratio in Ratio
    ]
    return curves(lines, [_label(point.first) for point in points], title)


def filed_chart(points: Sequence[Point], title: str) -> Markup:
    """Draw how many cases were filed in each piece of the span, and how many of them count."""
    said = definitions()
    bars = [
        Bar(
            _label(point.first),
            tuple(
                Part(measure.value, said[measure].name, point.result.count(measure))
                for measure in (Measure.COUNTED, Measure.EXCLUDED)
            ),
        )
        for point in points
    ]
    return columns(bars, title)


def _label(day: date) -> str:
    return f"{day:%m-%d}"
