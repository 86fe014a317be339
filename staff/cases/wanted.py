"""What a list of cases is narrowed down to, as the address says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from cases.case import Actor, ActorRole, CaseKind, CaseStatus
from cases.work.queues import Filter, Order
from staff.cases.searching import Search
from staff.visit import Visit

SIZES = (20, 50, 100, 200)
LISTS = ("mine", "soon", "overdue", "whistled", "all")
# How far a list of what is due looks ahead: over a weekend.
_SOON = timedelta(days=3)
_WORDS_CHARS = 60


@dataclass(frozen=True)
class Wanted:
    """One list: whose, which cases of it, in which order, and which page of it."""

    which: str = "mine"
    q: str = ""
    status: str = ""
    kind: str = ""
    category: str = ""
    department: str = ""
    channel: str = ""
    grid: str = ""
    building: str = ""
    answerable: str = ""
    sort: str = ""
    size: int = 50
    page: int = 1

    @property
    def order(self) -> Order:
        """How it is sorted; everything there is begins with the newest."""
        if self.sort:
            return Order(self.sort)
        return Order.NEWEST if self.which == "all" else Order.DUE

    @property
    def is_narrowed(self) -> bool:
        """Whether less is asked for than the whole list."""
        return any((self.q, *self._narrowing().values()))

    def filter(self, actor: Actor, now: datetime, search: Search) -> Filter:
        """Return it as the case store takes it. A department sees what it leads, assists or was called to."""
        is_handler = actor.role is ActorRole.HANDLER
        said = {name: value or None for name, value in self._narrowing().items()}
        return Filter(
            statuses=(CaseStatus(self.status),) if self.status else (),
            kind=CaseKind(self.kind) if self.kind else None,
            category=said["category"],
            department=said["department"],
            channel=said["channel"],
            grid=said["grid"],
            building=said["building"],
            answerable=said["answerable"],
            is_overdue=self.which == "overdue",
            due_after=now if self.which == "soon" else None,
            due_before=now + _SOON if self.which == "soon" else None,
            is_whistled=self.which == "whistled",
            waits_for=actor if self.which == "mine" else None,
            concerned=(actor.department or "") if is_handler and self.which != "mine" else None,
            number_begins=search.number_begins,
            numbers=search.numbers,
            since=search.since,
            until=search.until,
            words=search.words,
            order=self.order,
            limit=self.size,
            offset=(self.page - 1) * self.size,
        )

    def address(self) -> str:
        """Return the query of an address without the page."""
        said = asdict(self)
        unsaid = {**asdict(Wanted()), "which": "", "page": self.page}
        return urlencode({name: value for name, value in said.items() if value != unsaid[name]})

    def _narrowing(self) -> dict[str, str]:
        names = ("status", "kind", "category", "department", "channel", "grid", "building", "answerable")
        return {name: getattr(self, name) for name in names}


def wanted_of(visit: Visit) -> Wanted:
    """Read what the address asks for; what makes no sense counts as not said."""
    size = visit.arg("size")
    return Wanted(
        which=_one_of(visit.arg("which"), LISTS) or "mine",
        q=visit.arg("q").strip()[:_WORDS_CHARS],
        status=_one_of(visit.arg("status"), list(CaseStatus)),
        kind=_one_of(visit.arg("kind"), list(CaseKind)),
        category=visit.arg("category")[:64],
        department=visit.arg("department")[:64],
        channel=visit.arg("channel")[:32],
        grid=visit.arg("grid")[:64],
        building=visit.arg("building")[:64],
        answerable=visit.arg("answerable")[:64],
        sort=_one_of(visit.arg("sort"), list(Order)),
        size=int(size) if size in map(str, SIZES) else 50,
        page=visit.number("page", most=10_000),
    )


def _one_of(text: str, known: Iterable[str]) -> str:
    return text if text in known else ""
