"""What a list of cases is narrowed down to, as the address says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from cases.case import CaseStatus
from cases.work.queues import Filter, Order
from staff.visit import Visit

ROWS = 50
LISTS = ("mine", "all", "overdue")


@dataclass(frozen=True)
class Wanted:
    """One list: whose, which statuses, where, and which page of it."""

    which: str = "mine"
    status: str = ""
    department: str = ""
    category: str = ""
    grid: str = ""
    page: int = 1

    def filter(self) -> Filter:
        """Return it as the case store takes it."""
        return Filter(
            statuses=(CaseStatus(self.status),) if self.status else (),
            department=self.department or None,
            category=self.category or None,
            grid=self.grid or None,
            is_overdue=self.which == "overdue",
            order=Order.NEWEST if self.which == "all" else Order.DUE,
            limit=ROWS,
            offset=(self.page - 1) * ROWS,
        )

    def filter_for(self, department: str | None) -> Filter:
        """Return the same for a department, which sees the cases that it leads."""
        return replace(self.filter(), department=department)

    def address(self) -> str:
        """Return the query of an address without the page."""
        said = {
            "which": self.which,
            "status": self.status,
            "department": self.department,
            "category": self.category,
            "grid": self.grid,
        }
        return urlencode({name: value for name, value in said.items() if value})


def wanted_of(visit: Visit) -> Wanted:
    """Read what the address asks for; what makes no sense counts as not said."""
    which, status = visit.arg("which"), visit.arg("status")
    return Wanted(
        which=which if which in LISTS else "mine",
        status=status if status in list(CaseStatus) else "",
        department=visit.arg("department")[:64],
        category=visit.arg("category")[:64],
        grid=visit.arg("grid")[:64],
        page=visit.number("page", most=10_000),
    )
