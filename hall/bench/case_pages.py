"""What staff read of a full case store, page by page, each timed with our indexes and without."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from cases.arrivals.categories import load_categories
from cases.case import Actor, ActorRole, CaseKind, CaseStatus
from cases.desk import Desk
from cases.figures.heat import Heat, Span
from cases.figures.periods import Period, Step
from cases.figures.rates import Figures
from cases.store import SHANGHAI
from cases.work.alarms import Alarms
from cases.work.dossier import Dossiers
from cases.work.queues import COUNTED_MAX, Filter, Order, Queues, Words
from cases.work.tables import Purpose
from hall.bench.case_store import openable
from hall.bench.figures import percentile
from hall.bench.made_cases import CHANNELS, RECEIVERS

# Enough for a 95th percentile; a slow page is read less often.
MOST_READS, LEAST_READS, PAGE_SECONDS = 40, 10, 4.0
LONG_MS = 300.0
LAST_PAGE = 100

# Reads a page: of another person, department or case each time.
Read = Callable[[], object]


def pages(desk: Desk, now: datetime) -> Mapping[str, Read]:
    """Return what is read, by name."""
    queues, dossiers, alarms = Queues(desk.store), Dossiers(desk.store), Alarms(desk.store)
    figures, heat = Figures(desk.store), Heat(desk.store)
    categories = list(load_categories().values())
    department = cycle(dict.fromkeys(one.department for one in categories))
    category = cycle(one.id for one in categories)
    grid = cycle(f"g{number}" for number in range(1, 7))
    receiver, channel = cycle(RECEIVERS), cycle(CHANNELS)
    with desk.store.sessions() as session:
        number = cycle(openable(session))
    chief = Actor("chief", ActorRole.SUPERVISOR)

    def listed(**narrowed: Any) -> object:
        wanted = Filter(**narrowed)
        return queues.find(wanted), queues.count(wanted, COUNTED_MAX)

    def counts(actor: Actor) -> object:
        of: dict[str, Any] = {"concerned": actor.department}
        soon = Filter(due_after=now, due_before=now + timedelta(days=1), **of)
        asked = (Filter(waits_for=actor), soon, Filter(is_overdue=True, **of), Filter(is_whistled=True, **of))
        return [queues.count(wanted, COUNTED_MAX) for wanted in (*asked, Filter(**of))]

    today = now.astimezone(SHANGHAI).date()
    numbered = tuple(f"{today - timedelta(days=ago):%y%m%d}-0042" for ago in range(61))

    def results(days: int) -> object:
        period = Period(today - timedelta(days=days - 1), today)
        return figures.report(period), figures.series(period, Step.MONTH if days > 100 else Step.DAY)

    def mine(actor: Actor) -> object:
        return queues.mine(actor), queues.count_mine(actor)

    newest, working = Order.NEWEST, (CaseStatus.DISPATCHED, CaseStatus.IN_PROGRESS)
    return {
        "receiver's queue": lambda: mine(Actor(next(receiver), ActorRole.RECEIVER)),
        "handler's queue, with what it assists": lambda: mine(
            Actor("handler", ActorRole.HANDLER, next(department))
        ),
        "supervisor's queue": lambda: mine(chief),
        "alarms of a receiver": lambda: alarms.of(Actor(next(receiver), ActorRole.RECEIVER)),
        "alarms of a handler": lambda: alarms.of(Actor("handler", ActorRole.HANDLER, next(department))),
        "alarms of a supervisor": lambda: alarms.of(chief),
        "alarms counted, on every page": lambda: alarms.count(chief),
        "all, newest first, counted": lambda: listed(order=newest),
        f"the same, page {LAST_PAGE}": lambda: listed(order=newest, offset=50 * LAST_PAGE),
        "all by deadline, counted": lambda: listed(),
        "overdue, counted": lambda: listed(is_overdue=True),
        "due within a day, counted": lambda: listed(due_before=now + timedelta(days=1)),
        "search: a department": lambda: listed(department=next(department), order=newest),
        "search: a department's open cases": lambda: listed(department=next(department), statuses=working),
        "search: a grid": lambda: listed(grid=next(grid), order=newest),
        "search: a grid and a category": lambda: listed(grid=next(grid), category=next(category)),
        "search: a category": lambda: listed(category=next(category), order=newest),
        "search: complaints by one channel": lambda: listed(
            kind=CaseKind.COMPLAINT, channel=next(channel), order=newest
        ),
        "search: a status": lambda: listed(statuses=(CaseStatus.CLOSED,), order=newest),
        "search: whistled, nobody came": lambda: listed(is_whistled=True),
        "the five counts beside a list": lambda: counts(
            Actor("handler", ActorRole.HANDLER, next(department))
        ),
        "responses overdue": lambda: queues.overdue(Purpose.RESPOND),
        "search: a department's, led or assisted": lambda: listed(concerned=next(department), order=newest),
        "search: the end of a number": lambda: listed(numbers=numbered, order=newest),
        "search: words": lambda: listed(
            words=(Words((next(category), next(category)), ("w-1",)),), order=newest
        ),
        "one case": lambda: dossiers.open(next(number), chief),
        "results of a month": lambda: results(30),
        "results of a quarter": lambda: results(91),
        "results of a year": lambda: results(365),
        "map of a month": lambda: heat.of(Span(today.year, today.month)),
        "map of a year": lambda: heat.of(Span(today.year)),
    }


def time_often(read: Read) -> float:
    """Return the 95th percentile of reading a page, in milliseconds."""
    read()
    milliseconds: list[float] = []
    while len(milliseconds) < LEAST_READS or (
        len(milliseconds) < MOST_READS and sum(milliseconds) < PAGE_SECONDS * 1000
    ):
        milliseconds.append(_time(read))
    return percentile(milliseconds, 0.95)


def time_best(read: Read) -> float:
    """Return the better of two readings in milliseconds; what takes long is read once."""
    first = _time(read)
    return first if first > LONG_MS else min(first, _time(read))


def _time(read: Read) -> float:
    started = time.perf_counter()
    read()
    return (time.perf_counter() - started) * 1000
