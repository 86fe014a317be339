"""Reads the figures of the console from the rooms and from what the conversation counts."""

from __future__ import annotations

from datetime import date

from bot.turn_counts import TurnCounts
from hall.wiring import Wiring
from knowledge.figures import Figures, make_figures

# Longer ones are cut: a day is one question to the database, and turns are forgotten after thirteen months.
MOST_DAYS = 400


def read_figures(wiring: Wiring, first: date, last: date) -> Figures:
    """Return the figures of the days from `first` to `last`, of the hall's time zone.

    Raises ValueError where the last day comes before the first, or there are more than MOST_DAYS.
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise ValueError(f"from the first day to the last there are 1 to {MOST_DAYS} days")
    zone = wiring.profile.timezone
    counts = TurnCounts(wiring.sessions, zone)
    return make_figures(
        (first, last),
        counts.turns(first, last),
        counts.ratings(first, last),
        [guide for guide, _ in wiring.library.published()],
        wiring.unanswered.nearest(*counts.limits(first, last)),
        wiring.clock().astimezone(zone).date(),
    )
