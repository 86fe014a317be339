"""What is counted, as conditions on a case; figures, their sums and the lists behind them use no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, and_, bindparam, case, false, func, or_

from cases.case import AT_REST, CaseStatus
from cases.tables import CaseRow
from language.moments import Instant

_LEAST_CONTENT = 3  # 基本满意, the third of the five national levels, counts as satisfied
_DEFINITIONS = Path(__file__).with_name("definitions.yml")


class Measure(StrEnum):
    """A number of cases; definitions.yml says in words which ones."""

    FILED = "filed"
    EXCLUDED = "excluded"
    REOPENED = "reopened"
    RESPONSE_DUE = "response_due"
    RESPONDED = "responded"
    RESOLVED = "resolved"
    RESOLUTION_DUE = "resolution_due"
    ON_TIME = "on_time"
    RATED = "rated"
    CONTENT = "content"
    # Each of these is one of the above without another.
    COUNTED = "counted"
    RESPONSE_MISSED = "response_missed"
    UNRESOLVED = "unresolved"
    RESOLUTION_MISSED = "resolution_missed"
    DISCONTENT = "discontent"


WITHOUT: Mapping[Measure, tuple[Measure, Measure]] = {
    Measure.COUNTED: (Measure.FILED, Measure.EXCLUDED),
    Measure.RESPONSE_MISSED: (Measure.RESPONSE_DUE, Measure.RESPONDED),
    Measure.UNRESOLVED: (Measure.COUNTED, Measure.RESOLVED),
    Measure.RESOLUTION_MISSED: (Measure.RESOLUTION_DUE, Measure.ON_TIME),
    Measure.DISCONTENT: (Measure.RATED, Measure.CONTENT),
}
# Those that sums are kept of, each a column of TallyRow, and in this order a bit of a case's outcome.
KEPT = tuple(measure for measure in Measure if measure not in WITHOUT)


@dataclass(frozen=True)
class Rate:
    """So many of so many; `share` is None where there is nothing to count."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """The rate, 0 to 1."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Result:
    """What became of the cases of one group; `group` is None for all, and for those that have none.

    `filed` are all; `excluded` of them count in no rate. What each rate counts is said by `definitions`.
    """

    group: str | None
    filed: int
    excluded: int
    reopened: int
    response: Rate
    resolution: Rate
    on_time: Rate
    satisfaction: Rate

    def count(self, measure: Measure) -> int:
        """Return one of its numbers; `cases.figures.behind` lists as many cases."""
        if measure in WITHOUT:
            whole, part = WITHOUT[measure]
            return self.count(whole) - self.count(part)
        return {
            Measure.FILED: self.filed,
            Measure.EXCLUDED: self.excluded,
            Measure.REOPENED: self.reopened,
            Measure.RESPONSE_DUE: self.response.whole,
            Measure.RESPONDED: self.response.part,
            Measure.RESOLVED: self.resolution.part,
            Measure.RESOLUTION_DUE: self.on_time.whole,
            Measure.ON_TIME: self.on_time.part,
            Measure.RATED: self.satisfaction.whole,
            Measure.CONTENT: self.satisfaction.part,
        }[measure]


def result_of(group: str | None, sums: Mapping[Measure, int]) -> Result:
    """Return the result that the kept sums amount to."""
    return Result(
        group=group,
        filed=sums[Measure.FILED],
        excluded=sums[Measure.EXCLUDED],
        reopened=sums[Measure.REOPENED],
        response=Rate(sums[Measure.RESPONDED], sums[Measure.RESPONSE_DUE]),
        resolution=Rate(sums[Measure.RESOLVED], sums[Measure.FILED] - sums[Measure.EXCLUDED]),
        on_time=Rate(sums[Measure.ON_TIME], sums[Measure.RESOLUTION_DUE]),
        satisfaction=Rate(sums[Measure.CONTENT], sums[Measure.RATED]),
    )


@cache
def conditions() -> Mapping[Measure, ColumnElement[bool]]:
    """Return which cases each measure counts at the instant that a statement gets as `now`; never NULL."""
    row = CaseRow
    counts = ~_is_excluded()
    responded, response_due = _timely(row.responded_at, row.response_due_at)
    on_time, resolution_due = _timely(row.resolved_at, row.promised_at)
    kept: dict[Measure, ColumnElement[bool]] = {
        Measure.FILED: row.number.is_not(None),
        Measure.EXCLUDED: _is_excluded(),
        Measure.REOPENED: row.reopened > 0,
        Measure.RESPONSE_DUE: and_(counts, response_due),
        Measure.RESPONDED: and_(counts, responded),
        Measure.RESOLVED: and_(counts, row.resolved_at.is_not(None)),
        Measure.RESOLUTION_DUE: and_(counts, resolution_due),
        Measure.ON_TIME: and_(counts, on_time),
        Measure.RATED: and_(counts, row.rating.is_not(None)),
        Measure.CONTENT: and_(counts, func.coalesce(row.rating, 0) >= _LEAST_CONTENT),
    }
    for measure, (whole, part) in WITHOUT.items():
        kept[measure] = and_(kept[whole], ~kept[part])
    return kept


@cache
def is_settled() -> ColumnElement[bool]:
    """Return which cases time alone can no longer change in any measure; somebody's act still can."""
    row = CaseRow
    is_done = and_(row.responded_at.is_not(None), row.resolved_at.is_not(None))
    return and_(row.status.in_([status.value for status in AT_REST]), or_(_is_excluded(), is_done))


@cache
def outcome() -> ColumnElement[int]:
    """Return which kept measures count a case at `now`, as the bits of a number."""
    bits = [case((conditions()[measure], 1 << place), else_=0) for place, measure in enumerate(KEPT)]
    total: ColumnElement[int] = sum(bits[1:], start=bits[0])
    return total


def measures_of(bits: int) -> tuple[Measure, ...]:
    """Return the kept measures that an outcome names."""
    return tuple(measure for place, measure in enumerate(KEPT) if bits >> place & 1)


@dataclass(frozen=True)
class Definition:
    """What a number or a rate is called and which cases it counts, in plain Chinese."""

    name: str
    text: str


@cache
def definitions() -> Mapping[str, Definition]:
    """Return the definition of every measure and of every rate, by id."""
    entries: dict[str, dict[str, str]] = yaml.safe_load(_DEFINITIONS.read_text("utf-8"))
    return {key: Definition(entry["name"], entry["text"]) for key, entry in entries.items()}


def _timely(done_at: Any, due_at: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return what was done in time, and what was done or is late; what stands still is not late."""
    is_done = done_at.is_not(None)
    now = bindparam("now", type_=Instant())
    is_late = and_(due_at.is_not(None), func.coalesce(done_at, now) > due_at)
    return and_(is_done, ~is_late), or_(is_done, is_late)


def _is_excluded() -> ColumnElement[bool]:
    """Return what counts in no rate: withdrawn, merged, declined, or left out for its lead by a decision."""
    row = CaseRow
    is_declined = and_(row.status == CaseStatus.CLOSED, row.resolved_at.is_(None))
    without_work = row.status.in_([CaseStatus.WITHDRAWN.value, CaseStatus.MERGED.value])
    left_out = func.coalesce(row.excluded_for == row.department, false())
    return or_(without_work, is_declined, left_out)
