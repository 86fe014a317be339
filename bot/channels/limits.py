"""How many turns one person, and one address, may take in a minute."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

# One household or office may sit behind one address.
ADDRESS_FACTOR = 4
_REMEMBERED = 50_000


class TurnLimit:
    """A bucket for each person that refills evenly; old ones are forgotten, so memory stays bounded."""

    def __init__(self, turns_per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = turns_per_minute
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def allows(self, person: Hashable, address: str | None) -> bool:
        """Count one turn and return whether it is within the limit. `address` is None for local callers."""
        if address is not None and not self._take(("address", address), self._per_minute * ADDRESS_FACTOR):
            return False
        return self._take(("person", person), self._per_minute)

    def _take(self, key: Hashable, per_minute: int) -> bool:
        now = self._clock()
        left, since = self._buckets.pop(key, (float(per_minute), now))
        left = min(float(per_minute), left + (now - since) * per_minute / 60)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return allowed
