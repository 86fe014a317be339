"""The hall of several processes against one of each, both on a PostgreSQL and a Redis of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hall.bench.figures import Slice
from hall.bench.load import Dialogue, run_slice
from hall.bench.programs import Programs
from hall.bench.systems import Hall, hall_system
from hall.cluster import postgres_programs
from hall.setup.checkout import Checkout

# Rasa and hall processes of each.
SIZES = {"one Rasa, one hall process": (1, 1), "cluster: two Rasas, two hall processes": (2, 2)}
CLIENTS = 8
WARM_UP_TURNS, TURNS, ROUNDS = 40, 150, 4
# PostgreSQL runs under an account of its own and passes through this folder.
PASSABLE = 0o711


class Alone(Exception):
    """This machine has no PostgreSQL, so there is no cluster to measure."""


async def compare(
    programs: Programs, checkout: Checkout, folder: Path, dialogues: Sequence[Dialogue]
) -> dict[str, list[Slice]]:
    """Return slices of load by size, taken in turn. Raises Alone."""
    if postgres_programs() is None:
        raise Alone
    halls = {}
    for name, (rasas, workers) in SIZES.items():
        own = folder / f"cluster-{rasas}"
        own.mkdir()
        for passed in (folder, own):
            passed.chmod(PASSABLE)
        size = {"LINLI_ENGINES": str(rasas), "LINLI_HALL_WORKERS": str(workers)}
        halls[name] = Hall(programs, checkout, own, size, ("hall.cluster",))
        await halls[name].start()
    slices: dict[str, list[Slice]] = {name: [] for name in halls}
    systems = {}
    for name, hall in halls.items():
        await hall.converses()
        systems[name] = hall_system(name, hall)
        await run_slice(systems[name].talker, dialogues, CLIENTS, WARM_UP_TURNS)
    for number in range(ROUNDS):
        for name in list(systems) if number % 2 == 0 else reversed(systems):
            slices[name].append(await run_slice(systems[name].talker, dialogues, CLIENTS, TURNS))
    for hall in halls.values():
        hall.stop()
    return slices
