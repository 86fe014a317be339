"""What may be told of small counts, so that nobody can work out who filed.

A count of 1 to 4 could tell a neighbour who filed, so it is shown as "fewer than 5". Nothing else that is
shown may give it away:

- Totals, the order of what is foremost and the shades are made of the counts AS SHOWN, never of the true
  ones: whoever subtracts gets back what stands there.
- A kind is a choice of categories, so narrowing counts nothing anew.
- Periods do not slide. There are calendar months, and calendar years made of them; a year's count is exact
  only where it leaves each hidden month free to be anything from 1 to 4, else it says "at least".
- While a month runs, its counts go up in steps of 5: who looks each day does not see what a day brought.
- Who does not see all cases may know how many the whole hall had (its results say so). For them a year is
  made of what its months show, and a month is left out whose hidden counts that total would narrow down.

It does not hold off who writes down the running month day by day: a running month is for work, and nothing to
publish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

SMALLEST_SHOWN = 5
_MOST_HIDDEN = SMALLEST_SHOWN - 1


class Telling(StrEnum):
    """How much of a count is told."""

    EXACT = "exact"
    FEW = "few"  # 1 to 4
    LEAST = "least"  # at least so many


@dataclass(frozen=True)
class Shown:
    """A count as it is shown; of FEW the number is 1, the least that it can be."""

    telling: Telling
    number: int


NONE = Shown(Telling.EXACT, 0)
FEW = Shown(Telling.FEW, 1)


def together(counts: Iterable[Shown]) -> Shown:
    """Return counts as one, made of nothing but what is shown of each."""
    filled = [shown for shown in counts if shown.number]
    if filled == [FEW]:
        return FEW
    is_exact = all(shown.telling is Telling.EXACT for shown in filled)
    return Shown(Telling.EXACT if is_exact else Telling.LEAST, sum(shown.number for shown in filled))


def of_month(count: int, is_over: bool) -> Shown:
    """Return a month's count as it is shown."""
    if count < SMALLEST_SHOWN:
        return FEW if count else NONE
    step = count - count % SMALLEST_SHOWN
    return Shown(Telling.EXACT, count) if is_over else Shown(Telling.LEAST, step)


def of_year(shown: Sequence[Shown], counts: Sequence[int]) -> Shown:
    """Return a year's count, exact where that tells nothing of a hidden month.

    The sum of k hidden months leaves each of them free to be 1, 2, 3 or 4 as long as it is at least k + 3
    (the others 1 each, this one 4) and at most 4k - 3 (the others 4 each, this one 1). That it is not told
    because it lies outside leaves them free as well: it may be k, or 4k.
    """
    hidden = [count for one, count in zip(shown, counts, strict=True) if one.telling is Telling.FEW]
    if hidden and len(hidden) + 3 <= sum(hidden) <= _MOST_HIDDEN * len(hidden) - 3:
        return Shown(Telling.EXACT, sum(counts))
    return together(shown)


def is_free(counts: Sequence[int], is_over: bool) -> bool:
    """Return whether each hidden count of a month may be anything from 1 to 4 though the total is known.

    Besides the k hidden ones, m counts in steps take up 0 to 4 each of what is not shown.
    """
    shown = [of_month(count, is_over) for count in counts]
    hidden = sum(one.telling is Telling.FEW for one in shown)
    steps = sum(one.telling is Telling.LEAST for one in shown)
    rest = sum(counts) - sum(one.number for one in shown if one.telling is not Telling.FEW)
    return not hidden or hidden + 3 <= rest <= _MOST_HIDDEN * (hidden + steps) - 3
