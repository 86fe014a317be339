"""One measurement from start to page: start everything, load it by turns, weigh it, end it, write it down."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hall.bench.case_room import StoreFigures, measure_case_room
from hall.bench.cluster import Alone, compare
from hall.bench.endurance import weigh_under_load
from hall.bench.figures import Figures, Slice, summarise
from hall.bench.load import Ageing, Dialogue, measure_ageing, run_slice
from hall.bench.loopback import ExchangeFailed
from hall.bench.machine import describe_machine
from hall.bench.page import OURS, STOCK, case_tables, render, write_page
from hall.bench.programs import NotReady, Programs
from hall.bench.systems import Hall, Stock, System, hall_system
from hall.bench.understanding import Understanding, measure_understanding
from hall.cluster import NoCluster
from hall.settings import read_settings
from hall.setup.checkout import Checkout
from hall.setup.model import current_model, model_is_current
from hall.wiring import Wiring
from knowledge.answering import Answering

DIALOGUES = Path(__file__).with_name("dialogues.yml")
CLIENTS = (1, 8, 32)
# Load is given in rounds, all systems one after the other in each: a noisy minute weighs on all of them.
ROUNDS = 4
# On a busy machine fewer rounds do, so that the whole ends within minutes.
ENOUGH_ROUNDS, ENOUGH_SECONDS = 2, 45.0
WARM_UP_TURNS = 20
FORM_TURNS = 48
EARLY_TURN, LATE_TURN = 5, 200
SECOND_STARTS = 3
MATCHED_TEXTS = 1000


@dataclass
class Results:
    """Everything measured; milliseconds, seconds, megabytes."""

    systems: list[str] = field(default_factory=list)
    load: dict[tuple[str, int], Figures] = field(default_factory=dict)  # by system and clients
    forms: dict[str, Figures] = field(default_factory=dict)
    ageing: dict[str, Ageing] = field(default_factory=dict)
    matcher: Figures | None = None
    starts: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    endurance: dict[int, float] = field(default_factory=dict)  # Rasa's megabytes by turns handled
    cluster: dict[str, Figures] = field(default_factory=dict)
    case_room: dict[str, StoreFigures] = field(default_factory=dict)  # by database
    understanding: Understanding | None = None
    lost: int = 0  # turns of the long load that went wrong
    seconds: float = 0.0

    @property
    def failures(self) -> int:
        """Turns that were not answered as they should have been."""
        measured = (*self.load.values(), *self.forms.values(), *self.cluster.values())
        return sum(figures.failures for figures in measured) + self.lost


def run(page: Path, turns: int, keep: Path | None) -> int:
    """Measure, print the tables, write the page; return the exit code. Failed turns make it 1."""
    checkout = Checkout.here()
    model = current_model(checkout)
    if model is None or not model_is_current(checkout):
        say("There is no current conversation model. Run `make train`, then this again.")
        return 1
    machine = describe_machine(checkout)
    started = time.monotonic()
    try:
        with _folder_for(keep) as name, Programs(Path(name)) as programs:
            bench = Bench(programs, checkout, Path(name), turns)
            results = asyncio.run(bench.measure())
    except (NotReady, NoCluster, ExchangeFailed) as problem:
        say(f"The measurement was broken off: {problem}")
        return 1
    except KeyboardInterrupt:
        say("Stopped; nothing was written.")
        return 130
    results.seconds = time.monotonic() - started
    print(render(results))
    write_page(page, results, machine)
    say(f"Written to {page}, after {results.seconds:.0f} s.")
    if results.failures:
        say(f"{results.failures} turns failed, so the figures do not count. See the logs: --keep FOLDER.")
    return 1 if results.failures else 0


def run_cases(keep: Path | None) -> int:
    """Measure the case room alone and print its tables; return the exit code."""
    try:
        with _folder_for(keep) as name, Programs(Path(name)) as programs:
            stores = asyncio.run(measure_case_room(programs, Path(name), say))
    except (NotReady, NoCluster) as problem:
        say(f"The measurement was broken off: {problem}")
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    print("\n\n".join(f"{title}\n\n{text}" for title, text in case_tables(stores).items()))
    return 0


def _folder_for(keep: Path | None) -> AbstractContextManager[str]:
    if keep is None:
        return tempfile.TemporaryDirectory(prefix="linli-bench-")
    keep.mkdir(parents=True, exist_ok=True)
    return nullcontext(str(keep.resolve()))


@dataclass
class Bench:
    """The steps of one measurement."""

    programs: Programs
    checkout: Checkout
    folder: Path
    turns: int
    results: Results = field(default_factory=Results)

    async def measure(self) -> Results:
        """Carry out every step."""
        say("Telling kinds of turn apart ...")
        self.results.understanding = measure_understanding(self.checkout)
        hall = await self._start_hall()
        with_answering = Wiring(read_settings(hall.environment))
        answering = with_answering.release.answering()
        with_answering.engine.dispose()
        self._measure_matcher(answering)
        systems = await self._start_others(hall, answering)
        self.results.systems = [system.name for system in systems]
        for system in systems:
            await run_slice(system.talker, dialogues("questions"), 2, WARM_UP_TURNS)
        for clients in CLIENTS:
            say(f"Questions, {clients} at once ...")
            per_round = max(clients, self.turns // ROUNDS)
            figures = await _by_turns(systems, dialogues("questions"), clients, per_round, ROUNDS)
            for system in systems:
                self.results.load[system.name, clients] = figures[system.name]
        say("Filing a request ...")
        self.results.forms = await _by_turns(systems, dialogues("requests"), 1, FORM_TURNS // 2, 2)
        for system in systems:
            say(f"One long conversation: {system.name} ...")
            self.results.ageing[system.name] = await measure_ageing(
                system.talker, dialogues("questions"), EARLY_TURN, LATE_TURN
            )
        for system in systems:
            self.results.memory |= {
                f"{system.name}: {part}": weigh() for part, weigh in system.memory.items()
            }
        self.results.memory["stock: action server"] = self._stock.weigh_actions()
        say("Ten thousand turns ...")
        self.results.endurance, self.results.lost = await weigh_under_load(
            systems[0].talker, systems[0].memory["Rasa"], dialogues("questions")
        )
        self.programs.end_all()
        await self._measure_cluster()
        self.results.case_room = await measure_case_room(self.programs, self.folder, say)
        return self.results

    async def _measure_cluster(self) -> None:
        say("A hall of several processes ...")
        try:
            slices = await compare(self.programs, self.checkout, self.folder, dialogues("questions"))
        except Alone:
            say("There is no PostgreSQL here: the cluster is not measured.")
            return
        except NotReady as problem:
            say(f"The cluster is not measured: {problem}")
            return
        self.results.cluster = {name: summarise(taken) for name, taken in slices.items()}

    async def _start_hall(self) -> Hall:
        """Start a hall several times, alone on the machine, and leave it running."""
        say("Starting a hall ...")
        starts = self.results.starts
        hall = Hall(self.programs, self.checkout, self.folder / "hall")
        starts["hall, first start: a question answered"] = await hall.start()
        starts["hall, first start: conversation ready"] = await hall.converses()
        again = []
        for _ in range(SECOND_STARTS):
            hall.stop()
            again.append(await hall.start())
        starts["hall, second start: a question answered"] = statistics.median(again)
        starts["hall, second start: conversation ready"] = await hall.converses()
        return hall

    async def _start_others(self, hall: Hall, answering: Answering) -> list[System]:
        starts = self.results.starts
        self._stock = Stock(self.programs, self.checkout, self.folder / "stock")
        say("Training stock Rasa ...")
        self._stock.train()
        say("Starting stock Rasa ...")
        starts["stock action server: ready"] = await self._stock.start_actions()
        database = self.folder / "stock" / "tracker.db"
        stock, starts["stock Rasa: ready"] = await self._stock.start(
            STOCK, f"{{type: SQL, dialect: sqlite, db: {database}}}", answering.consider
        )
        return [hall_system(OURS, hall), stock]

    def _measure_matcher(self, answering: Answering) -> None:
        say("Matching, without a server ...")
        wording = str(_written()["wording"])
        guides = [guide for shelf in answering.guides_by_theme().values() for guide in shelf]
        # No text twice and none word for word a phrasing: neither a cache nor an exact name answers.
        texts = [wording.format(phrasing=phrasing) for guide in guides for phrasing in guide.phrasings]
        distinct = sorted(set(texts))
        sample = distinct[:: len(distinct) // MATCHED_TEXTS + 1]
        self.results.matcher = summarise([_time_each(answering.consider, sample)])


async def _by_turns(
    systems: Sequence[System], scripts: Sequence[Dialogue], clients: int, turns: int, rounds: int
) -> dict[str, Figures]:
    """Load the systems one after the other, `rounds` times; every second round in the opposite order."""
    slices: dict[str, list[Slice]] = {system.name: [] for system in systems}
    started = time.monotonic()
    for number in range(rounds):
        if number >= ENOUGH_ROUNDS and time.monotonic() - started > ENOUGH_SECONDS:
            break
        for system in systems if number % 2 == 0 else reversed(systems):
            slices[system.name].append(await run_slice(system.talker, scripts, clients, turns))
    return {name: summarise(taken) for name, taken in slices.items()}


def _time_each(function: Callable[[str], object], texts: Sequence[str]) -> Slice:
    milliseconds = []
    for text in texts:
        started = time.perf_counter()
        function(text)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return Slice(tuple(milliseconds), sum(milliseconds) / 1000)


def dialogues(kind: str) -> list[Dialogue]:
    """Return what is said: `questions` or `requests`."""
    return [list(map(str, dialogue)) for dialogue in _written()[kind]]


def _written() -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load(DIALOGUES.read_text("utf-8"))
    return written


def say(line: str) -> None:
    """Write a line of progress."""
    print(line, file=sys.stderr, flush=True)
