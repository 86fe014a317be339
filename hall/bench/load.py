"""Puts a bounded load on a talker: so many clients, so many turns, one conversation after the other."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hall.bench.figures import Slice
from hall.bench.loopback import Connection, ExchangeFailed
from hall.bench.talkers import Talker

Dialogue = Sequence[str]
# Turns on either side of the one that is asked for.
AROUND = 4


async def run_slice(talker: Talker, dialogues: Sequence[Dialogue], clients: int, turns: int) -> Slice:
    """Say `turns` turns with `clients` clients at once, each in fresh conversations of its own."""
    scripts = itertools.cycle(dialogues)
    budget = iter(range(turns))
    connections = [Connection(talker.port) for _ in range(clients)]
    await asyncio.gather(*(connection.open() for connection in connections))
    milliseconds: list[float] = []
    failures = 0

    async def talk(connection: Connection) -> None:
        nonlocal failures
        for conversation, text in _conversations(scripts):
            if next(budget, None) is None:
                return
            try:
                said = await talker.say(connection, conversation, text)
            except (ExchangeFailed, OSError):
                failures += 1
                continue
            if said.decision is None:
                failures += 1
            else:
                milliseconds.append(said.milliseconds)

    started = time.perf_counter()
    await asyncio.gather(*(talk(connection) for connection in connections))
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return Slice(tuple(milliseconds), seconds, failures)


@dataclass(frozen=True)
class Ageing:
    """What a turn takes early and late in one conversation, in milliseconds (medians)."""

    early: float
    late: float

    @property
    def ratio(self) -> float:
        """How many times as long a late turn takes."""
        return self.late / self.early


async def measure_ageing(talker: Talker, dialogues: Sequence[Dialogue], early: int, late: int) -> Ageing:
    """Compare the turns around number `late` of one conversation with those around `early` of fresh ones.

    Both are taken in turn, so that whatever else the machine does weighs on both alike.
    """
    connection = Connection(talker.port)
    old = _one_conversation(dialogues)
    for conversation, text in itertools.islice(old, late - AROUND - 1):
        await _must_say(talker, connection, conversation, text)
    young = _one_conversation(dialogues)
    for conversation, text in itertools.islice(young, early - AROUND - 1):
        await _must_say(talker, connection, conversation, text)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(2 * AROUND + 1):
        for talk, kept in zip((young, old), times, strict=True):
            conversation, text = next(talk)
            kept.append(await _must_say(talker, connection, conversation, text))
    connection.close()
    return Ageing(statistics.median(times[0]), statistics.median(times[1]))


async def _must_say(talker: Talker, connection: Connection, conversation: str, text: str) -> float:
    said = await talker.say(connection, conversation, text)
    if said.decision is None:
        raise ExchangeFailed("a turn of a long conversation was not answered")
    return said.milliseconds


def _conversations(scripts: Iterator[Dialogue]) -> Iterator[tuple[str, str]]:
    """Yield conversation and text of one turn after the other, a new conversation for each dialogue."""
    for dialogue in scripts:
        conversation = f"bench-{secrets.token_hex(8)}"
        for text in dialogue:
            yield conversation, text


def _one_conversation(dialogues: Sequence[Dialogue]) -> Iterator[tuple[str, str]]:
    conversation = f"bench-{secrets.token_hex(8)}"
    for dialogue in itertools.cycle(dialogues):
        for text in dialogue:
            yield conversation, text
