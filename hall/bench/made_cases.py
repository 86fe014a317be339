"""Cases as a district's hall would have after two years, made up: what a list or a figure reads of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from cases.arrivals.categories import Category, load_categories
from cases.case import AT_REST, CaseStatus
from cases.store import SHANGHAI

YEARS = 2.0
RECEIVERS = tuple(f"receiver-{number:02}" for number in range(40))
CHANNELS = ("chat", "kiosk", "window", "phone", "hotline")
# Mean days until a case is answered, and until it is resolved; some get stuck for up to two months.
_ANSWER_DAYS, _RESOLVE_DAYS, _STUCK, _STUCK_DAYS = 0.15, 3.0, 0.01, 60.0
_CLOSED_AFTER = timedelta(days=15)
_DECLINED, _RATED, _REOPENED = 0.04, 0.4, 0.03
# Of a hundred that are open and were answered, and of a thousand that were never worked to an end.
_OPEN = {
    CaseStatus.ACCEPTED: 15,
    CaseStatus.DISPATCHED: 25,
    CaseStatus.IN_PROGRESS: 45,
    CaseStatus.PAUSED: 8,
    CaseStatus.RETURNED: 4,
    CaseStatus.REOPENED: 3,
}
_LEFT = {CaseStatus.WITHDRAWN: 17, CaseStatus.MERGED: 8}
_WITHOUT_DEPARTMENT = frozenset({CaseStatus.RECEIVED, CaseStatus.ACCEPTED, CaseStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class MadeCase:
    """The columns of a case that are filled; the sealed ones hold one value for all."""

    number: str
    request_key: str
    kind: str
    category: str
    status: str
    channel: str
    conversation: str
    department: str | None
    grid: str
    building: str
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    receiver: str | None
    answerable: str | None
    paused_from: str | None
    reopened: int
    responded_at: datetime | None
    response_due_at: datetime
    promised_at: datetime
    resolved_at: datetime | None
    ended_at: datetime | None
    rating: int | None


def make_cases(count: int, now: datetime, buildings: Sequence[tuple[str, str]]) -> Iterator[MadeCase]:
    """Yield cases in the order of filing, the last one filed just before `now`.

    `buildings` are pairs of grid and building. The same call yields the same cases.
    """
    chance = random.Random(6)
    categories = list(load_categories().values())
    weights = list(accumulate(1 / (place + 3) for place in range(len(categories))))
    step = timedelta(days=365 * YEARS) / count
    day, of_the_day = "", 0
    for position in range(count):
        at = now - step * (count - position)
        today = f"{at.astimezone(SHANGHAI):%y%m%d}"
        of_the_day = of_the_day + 1 if today == day else 1
        day = today
        category = chance.choices(categories, cum_weights=weights)[0]
        life = _live(chance, at, now)
        yield _case(chance, (f"{day}-{of_the_day:04}", position), category, chance.choice(buildings), life)


@dataclass(frozen=True, slots=True)
class _Life:
    """How far a case has come by now."""

    at: datetime
    status: CaseStatus
    responded: datetime | None = None
    resolved: datetime | None = None
    ended: datetime | None = None


def _live(chance: random.Random, at: datetime, now: datetime) -> _Life:
    """Return what has become of a case that was filed at an instant."""
    answered = at + timedelta(days=chance.expovariate(1 / _ANSWER_DAYS))
    fate = chance.random() * 1000
    if fate < sum(_LEFT.values()):
        left = CaseStatus.WITHDRAWN if fate < _LEFT[CaseStatus.WITHDRAWN] else CaseStatus.MERGED
        ended = min(now, answered)
        return _Life(at, left, ended=ended)
    if answered > now:
        return _Life(at, CaseStatus.RECEIVED)
    is_stuck = chance.random() < _STUCK
    done = answered + timedelta(days=_STUCK_DAYS if is_stuck else chance.expovariate(1 / _RESOLVE_DAYS))
    if done > now:
        return _Life(at, chance.choices(tuple(_OPEN), tuple(_OPEN.values()))[0], answered)
    if chance.random() < _DECLINED:
        return _Life(at, CaseStatus.CLOSED, answered, None, done)
    if done + _CLOSED_AFTER < now:
        return _Life(at, CaseStatus.CLOSED, answered, done, done + _CLOSED_AFTER)
    return _Life(at, CaseStatus.RESOLVED if chance.random() > _RATED else CaseStatus.RATED, answered, done)


def _case(
    chance: random.Random, name: tuple[str, int], category: Category, place: tuple[str, str], life: _Life
) -> MadeCase:
    (number, position), at, status = name, life.at, life.status
    promised, receiver = at + timedelta(days=2 + 8 * chance.random()), chance.choice(RECEIVERS)
    stands_still = status is CaseStatus.PAUSED or status in AT_REST
    is_rated = status is CaseStatus.RATED or (
        status is CaseStatus.CLOSED and life.resolved is not None and chance.random() < _RATED
    )
    return MadeCase(
        number=number,
        request_key=f"made-{position}",
        kind=category.kind.value,
        category=category.id,
        status=status.value,
        channel=CHANNELS[position % len(CHANNELS)],
        conversation=f"made-{position % 50_000}",
        department=None if status in _WITHOUT_DEPARTMENT else category.department,
        grid=place[0],
        building=place[1],
        due_at=None if stands_still else promised,
        created_at=at,
        updated_at=life.ended or life.resolved or life.responded or at,
        receiver=None if status is CaseStatus.RECEIVED else receiver,
        answerable=None if status is CaseStatus.RECEIVED else receiver,
        paused_from=CaseStatus.IN_PROGRESS.value if status is CaseStatus.PAUSED else None,
        reopened=int(chance.random() < _REOPENED),
        responded_at=life.responded,
        response_due_at=at + timedelta(hours=8),
        promised_at=promised,
        resolved_at=life.resolved,
        ended_at=life.ended,
        rating=chance.choice((1, 2, 3, 4, 4, 5, 5, 5)) if is_rated else None,
    )
