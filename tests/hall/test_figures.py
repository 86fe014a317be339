"""The figures of a hall, counted from its turns on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.turn import Channel
from hall.figures import MOST_DAYS, read_figures
from tests.bot.small_hall import SmallHall


@pytest.fixture
def hall(database_url: str, tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, database_url)
    yield hall
    hall.wiring.engine.dispose()


def test_figures_are_counted_by_the_halls_own_days(hall: SmallHall) -> None:
    hall.now = hall.now.replace(hour=15, minute=59)  # 23:59 in Shanghai, on June 10
    hall.rate(hall.say("居住证怎么办"), 1)
    hall.say("护照过期了去哪里换")
    hall.wait(minutes=2)
    hall.open_guide("legal-aid", channel=Channel.KIOSK)
    made = read_figures(hall.wiring, date(2026, 6, 9), date(2026, 6, 11))
    assert [day.turns for day in made.days] == [0, 2, 1]
    assert {door.name: door.turns for door in made.doors} == {"chat": 2, "kiosk": 1}
    assert {hot.guide_id for hot in made.hot_guides} == {"residence-permit-first", "legal-aid"}
    assert made.decisions == {"answer": 2, "decline": 1}
    assert made.stars[1] == 1
    assert sum(department.unanswered for department in made.departments) == 2
    assert read_figures(hall.wiring, date(2026, 6, 11), date(2026, 6, 11)).turns == 1


@pytest.mark.parametrize("days", [-1, MOST_DAYS])
def test_a_span_that_is_no_span_or_too_long_is_refused(hall: SmallHall, days: int) -> None:
    first = date(2026, 6, 10)
    with pytest.raises(ValueError, match="days"):
        read_figures(hall.wiring, first, first + timedelta(days=days))
