"""Cases as a district's hall would have after two years, made up: what a list or a figure reads of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from cases.arrivals.categories import Category, load_categories
from cases.case import AT_REST, ENDED, CaseStatus
from cases.store import SHANGHAI

YEARS = 2.0
_LATELY = timedelta(days=30)
RECEIVERS = tuple(f"receiver-{number:02}" for number in range(40))
CHANNELS = ("chat", "kiosk", "window", "phone", "hotline")
# Of a thousand cases: those of the last thirty days, and the older ones, of which few are open.
_SHARES: dict[CaseStatus, tuple[int, int]] = {
    CaseStatus.RECEIVED: (50, 0),
    CaseStatus.ACCEPTED: (50, 0),
    CaseStatus.DISPATCHED: (100, 1),
    CaseStatus.IN_PROGRESS: (240, 2),
    CaseStatus.PAUSED: (40, 1),
    CaseStatus.RETURNED: (20, 0),
    CaseStatus.REOPENED: (10, 0),
    CaseStatus.RESOLVED: (250, 0),
    CaseStatus.RATED: (100, 0),
    CaseStatus.CLOSED: (115, 971),
    CaseStatus.WITHDRAWN: (20, 17),
    CaseStatus.MERGED: (5, 8),
}
_STATUSES = tuple(_SHARES)
_NEW, _OLD = (list(accumulate(share[age] for share in _SHARES.values())) for age in (0, 1))
_WITHOUT_DEPARTMENT = frozenset({CaseStatus.RECEIVED, CaseStatus.ACCEPTED, CaseStatus.WITHDRAWN})
_UNANSWERED = frozenset({CaseStatus.RECEIVED, CaseStatus.WITHDRAWN, CaseStatus.MERGED})
_RESOLVED = frozenset({CaseStatus.RESOLVED, CaseStatus.RATED, CaseStatus.CLOSED})


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
        age = _NEW if now - at < _LATELY else _OLD
        status = chance.choices(_STATUSES, cum_weights=age)[0]
        category = chance.choices(categories, cum_weights=weights)[0]
        name = f"{day}-{of_the_day:04}"
        yield _make(chance, (name, position), at, now, status, category, chance.choice(buildings))


def _make(
    chance: random.Random,
    name: tuple[str, int],
    at: datetime,
    now: datetime,
    status: CaseStatus,
    category: Category,
    place: tuple[str, str],
) -> MadeCase:
    number, position = name
    response_due, promised = at + timedelta(hours=6), at + timedelta(days=1 + 6 * chance.random())
    responded = None if status in _UNANSWERED else min(now, at + timedelta(hours=8 * chance.random()))
    # Of what is closed, some was declined: it was never resolved.
    is_resolved = status in _RESOLVED and (status is not CaseStatus.CLOSED or chance.random() < 0.96)
    resolved = min(now, at + timedelta(days=7 * chance.random())) if is_resolved else None
    ended = min(now, at + timedelta(days=20 * chance.random())) if status in ENDED else None
    is_open, receiver = status not in AT_REST, chance.choice(RECEIVERS)
    stands_still = status is CaseStatus.PAUSED or not is_open
    is_rated = resolved is not None and status is not CaseStatus.RESOLVED and chance.random() < 0.4
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
        updated_at=ended or resolved or responded or at,
        receiver=None if status is CaseStatus.RECEIVED else receiver,
        answerable=None if status is CaseStatus.RECEIVED else receiver,
        paused_from=CaseStatus.IN_PROGRESS.value if status is CaseStatus.PAUSED else None,
        reopened=int(chance.random() < 0.03),
        responded_at=responded,
        response_due_at=response_due,
        promised_at=promised,
        resolved_at=resolved,
        ended_at=ended,
        rating=chance.choice((1, 2, 3, 4, 4, 5, 5, 5)) if is_rated else None,
    )
