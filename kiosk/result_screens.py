"""How requests were handled last month, for everybody: what the hall promised, held against what it did."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sanic import HTTPResponse, Request

from cases.figures.measures import Rate, Result
from cases.figures.periods import Period
from cases.figures.rates import Figures
from kiosk.door import Door
from kiosk.session import Visit

PATH = "/kiosk/results"
# Less than this could tell a neighbour who asked for something, or what they thought of it.
SMALLEST_SHOWN = 5
_RATES = ("response", "on_time", "resolution", "satisfaction")


@dataclass(frozen=True)
class ShownRate:
    """One rate as it is made public; `percent` is None where there is too little to tell."""

    name: str
    percent: int | None
    whole: int


class ResultScreens:
    """The screen of last month's results."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs
        self._figures = Figures(door.needs.desk.store)

    async def show(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show the month that is over; the running one would tell what a day brought."""
        visit.session.visit(PATH)
        today = self._needs.clock().astimezone(self._needs.zone).date()
        month = Period.month_of(today.replace(day=1) - timedelta(days=1))
        (total,) = await asyncio.to_thread(self._figures.rates, month)
        return self._door.render(
            visit,
            "results.html",
            month=month.first,
            filed=total.filed if total.filed >= SMALLEST_SHOWN else None,
            rates=shown_rates(total),
            fewest=SMALLEST_SHOWN,
        )


def shown_rates(total: Result) -> Sequence[ShownRate]:
    """Return the rates of a result as whole percents, without those of fewer cases than may be told."""
    rates: list[tuple[str, Rate]] = [(name, getattr(total, name)) for name in _RATES]
    return [
        ShownRate(
            name,
            round(100 * rate.share) if rate.share is not None and rate.whole >= SMALLEST_SHOWN else None,
            rate.whole,
        )
        for name, rate in rates
    ]
