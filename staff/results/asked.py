"""What a page of results is asked for: which days, told apart by what, for whom, and which number's cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from cases.figures.measures import Measure, Rate, Result
from cases.figures.rates import Dimension, Scope
from staff.accounts import Member
from staff.cases.people import DESK
from staff.results.span import Span, span_of
from staff.roles import Role
from staff.visit import Visit

READERS = (Role.SUPERVISOR, Role.CASE_STAFF, Role.VIEWER)
NO_GROUP = "-"  # in an address: the cases that have no department, grid or category


class Ratio(StrEnum):
    """The rates, in the order in which a case meets them."""

    RESPONSE = "response"
    RESOLUTION = "resolution"
    ON_TIME = "on_time"
    SATISFACTION = "satisfaction"

    @property
    def definition(self) -> str:
        """Under which name `definitions` tells of it: a count is called on_time already."""
        return "timeliness" if self is Ratio.ON_TIME else self.value

    @property
    def part(self) -> Measure:
        """What is counted above the line."""
        return _COUNTS[self][0]

    @property
    def whole(self) -> Measure:
        """What is counted below it."""
        return _COUNTS[self][1]

    @property
    def rest(self) -> Measure:
        """What is in the whole and not in the part."""
        return _COUNTS[self][2]

    def of(self, result: Result) -> Rate:
        """Return this rate of a result."""
        rate: Rate = getattr(result, self.value)
        return rate


_COUNTS: Mapping[Ratio, tuple[Measure, Measure, Measure]] = {
    Ratio.RESPONSE: (Measure.RESPONDED, Measure.RESPONSE_DUE, Measure.RESPONSE_MISSED),
    Ratio.RESOLUTION: (Measure.RESOLVED, Measure.COUNTED, Measure.UNRESOLVED),
    Ratio.ON_TIME: (Measure.ON_TIME, Measure.RESOLUTION_DUE, Measure.RESOLUTION_MISSED),
    Ratio.SATISFACTION: (Measure.CONTENT, Measure.RATED, Measure.DISCONTENT),
}


@dataclass(frozen=True)
class Asked:
    """One reading. `department` narrows it down; None is the whole hall."""

    span: Span
    by: Dimension = Dimension.DEPARTMENT
    ratio: Ratio = Ratio.ON_TIME
    department: str | None = None

    @property
    def scope(self) -> Scope:
        """What the reading is narrowed down to."""
        return Scope(department=self.department)

    def query(self, **changes: str) -> str:
        """Return the query of an address for this reading with some of it changed; empty leaves out."""
        said = {
            "from": self.span.first.isoformat(),
            "to": self.span.last.isoformat(),
            "by": self.by.value,
            "ratio": self.ratio.value,
            "department": self.department or "",
            **changes,
        }
        return urlencode({name: value for name, value in said.items() if value})

    def on(self, span: str) -> str:
        """Return the query for one of the named spans."""
        return self.query(**{"from": "", "to": "", "span": span})

    def cases(self, measure: Measure, group: str | None = "") -> str:
        """Return the address of the cases behind a number; `group` empty is all of them, None has none."""
        return "/staff/results/cases?" + self.query(
            count=measure.value, group=NO_GROUP if group is None else group
        )


def asked_of(visit: Visit) -> Asked:
    """Read what the address asks for; what makes no sense counts as not said.

    Who works cases for a department gets that department's, whatever the address says; a viewer the hall's.
    """
    by, ratio = visit.arg("by"), visit.arg("ratio")
    chosen = visit.arg("department")[:64] if may_open_cases(visit.member) else ""
    department = bound_to(visit.member) or chosen or None
    dimensions = dimensions_of(department)
    return Asked(
        span=span_of(visit),
        by=Dimension(by) if by in dimensions else dimensions[0],
        ratio=Ratio(ratio) if ratio in list(Ratio) else Ratio.ON_TIME,
        department=department,
    )


def dimensions_of(department: str | None) -> tuple[Dimension, ...]:
    """Return what results can be told apart by; those of one department not by department."""
    return tuple(one for one in Dimension if department is None or one is not Dimension.DEPARTMENT)


def bound_to(member: Member) -> str | None:
    """Return the department whose results are all that a member sees; None for the whole hall's."""
    return None if member.may((Role.SUPERVISOR,)) else member.department


def may_open_cases(member: Member) -> bool:
    """Return whether a member may see groups and cases behind a number: who works cases, not who looks on.

    Exact counts by grid and category would tell a mere viewer what the map hides.
    """
    return member.may(DESK)
