"""Ten thousand turns in a row: does Rasa's memory stay where it was?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hall.bench.load import Dialogue, run_slice
from hall.bench.talkers import Talker

# When Rasa is weighed, in turns that it has handled: the first thousand fill what is kept for good.
MARKS = (1_000, 5_000, 10_000)
CLIENTS = 8


async def weigh_under_load(
    talker: Talker, weigh: Callable[[], float], dialogues: Sequence[Dialogue]
) -> tuple[dict[int, float], int]:
    """Return the megabytes after each number of turns, and how many turns went wrong."""
    weights: dict[int, float] = {}
    said = failures = 0
    for mark in MARKS:
        taken = await run_slice(talker, dialogues, CLIENTS, mark - said)
        failures += taken.failures
        weights[mark], said = weigh(), mark
    return weights, failures
