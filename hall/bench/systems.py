"""The four systems that are compared: ours and stock, each with its tracker on disk and in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hall.bench.loopback import Connection, ExchangeFailed, get_json
from hall.bench.programs import Programs, Running, clean_environment, memory_mb, seconds_until
from hall.bench.talkers import HallTalker, StockTalker, Talker
from hall.ports import free_loopback_port
from hall.setup.checkout import Checkout
from hall.state import read_state
from knowledge.answering import Finding

TOKEN = "bench"
_IN_MEMORY = """
action_endpoint: {{url: "{actions}", headers: {{x-linli-token: {token}}}}}
lock_store: {{type: bot.engine.lock_store.TurnLockStore}}
"""
_STOCK = """
action_endpoint: {{url: "{actions}"}}
tracker_store: {tracker}
"""


@dataclass(frozen=True)
class System:
    """Something that answers turns, and its processes (name to the function that weighs it, in megabytes)."""

    name: str
    talker: Talker
    memory: Mapping[str, Callable[[], float]] = field(default_factory=dict)


@dataclass
class Hall:
    """A whole hall by `linli serve`, in a folder of its own."""

    programs: Programs
    checkout: Checkout
    folder: Path
    engine: Mapping[str, str] = field(default_factory=dict)  # settings that name a Rasa of someone else's
    running: Running | None = None
    port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of this hall, and no others."""
        own = {"LINLI_FOLDER": self.folder, "LINLI_PORT": self.port, "LINLI_TURNS_PER_MINUTE": 100_000}
        return clean_environment(**own, **self.engine)

    async def start(self) -> float:
        """Start it and return the seconds until it answered a question, with or without Rasa."""
        self.port = free_loopback_port()
        command = (self.checkout.hall_python, "-m", "hall.cli", "serve")
        self.running = self.programs.start(self.folder.name, command, self.environment)
        return await seconds_until(self.running, self._answers)

    async def converses(self) -> float:
        """Return the seconds from its start until Rasa took part."""
        assert self.running is not None
        return await seconds_until(self.running, self._has_rasa)

    def stop(self) -> None:
        """End it."""
        assert self.running is not None
        self.programs.end(self.running)

    def weigh(self, process: str) -> float:
        """Return the memory of one of its processes: `hall-1`, `rasa`."""
        state = read_state(self.folder)
        assert state is not None
        return memory_mb(int(state["processes"][process]))

    async def _answers(self) -> bool:
        connection = Connection(self.port)
        body = json.dumps({"conversation": "bench-start", "text": "居住证怎么办"}).encode()
        try:
            status, _ = await connection.exchange("POST", "/api/chat", body)
        except (OSError, ExchangeFailed):
            return False
        finally:
            connection.close()
        return status == 200

    async def _has_rasa(self) -> bool:
        _, health = await get_json(self.port, "/health")
        return bool(health) and health["rasa"] == "ready"


def hall_system(name: str, hall: Hall) -> System:
    """Return a running hall as a system."""
    talker = HallTalker(hall.port)
    return System(
        name, talker, {"hall process": lambda: hall.weigh("hall-1"), "Rasa": lambda: hall.weigh("rasa")}
    )


async def start_hall_in_memory(programs: Programs, checkout: Checkout, model: Path, folder: Path) -> System:
    """Start a second hall whose Rasa keeps its conversations in memory, in Rasa's own store for that."""
    folder.mkdir()  # noqa: ASYNC240 (nothing else runs in this loop yet)
    port, actions = free_loopback_port(), f"http://127.0.0.1:{free_loopback_port()}/webhook"
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(_IN_MEMORY.format(actions=actions, token=TOKEN), "utf-8")
    settings = {
        "LINLI_ENGINE_URL": f"http://127.0.0.1:{port}",
        "LINLI_ENGINE_TOKEN": TOKEN,
        "LINLI_ACTIONS_URL": actions,
    }
    command = ("-m", "bot.engine", "serve", "--model", model, "--port", str(port), "--endpoints", endpoints)
    rasa = programs.start("rasa-in-memory", (checkout.engine_python, *command), clean_environment(**settings))
    hall = Hall(programs, checkout, folder, settings)
    await hall.start()
    await hall.converses()
    return System(
        "Linli, tracker in memory", HallTalker(hall.port), {"Rasa": lambda: memory_mb(rasa.process.pid)}
    )


@dataclass
class Stock:
    """Stock Rasa with stock's action server; `tracker` is the tracker store in endpoints.yml."""

    programs: Programs
    checkout: Checkout
    model: Path
    folder: Path
    actions_port: int = 0
    actions: Running | None = None

    async def start_actions(self) -> float:
        """Start the action server on a database of its own and return the seconds until it was ready."""
        self.folder.mkdir()
        self.actions_port = free_loopback_port()
        environment = clean_environment(LINLI_FOLDER=self.folder, SANIC_HOST="127.0.0.1")
        prepare = self.programs.start(
            "prepare", (self.checkout.hall_python, "-m", "hall.prepare"), environment
        )
        prepare.process.wait()
        command = (
            self.checkout.hall_python,
            "-m",
            "hall.bench.stock_actions",
            "--port",
            str(self.actions_port),
        )
        self.actions = self.programs.start("stock-actions", command, environment)

        async def is_ready() -> bool:
            return (await get_json(self.actions_port, "/health"))[0] == 200

        return await seconds_until(self.actions, is_ready)

    async def start(
        self, name: str, tracker: str, consider: Callable[[str], Finding]
    ) -> tuple[System, float]:
        """Start one `rasa run`; return it and the seconds until it was ready."""
        port = free_loopback_port()
        short = f"stock-{port}"
        endpoints, credentials = self.folder / f"{short}.yml", self.folder / "credentials.yml"
        actions = f"http://127.0.0.1:{self.actions_port}/webhook"
        endpoints.write_text(_STOCK.format(actions=actions, tracker=tracker), "utf-8")
        credentials.write_text("rest:\n", "utf-8")
        command = (
            *(
                self.checkout.engine_python,
                "-m",
                "rasa",
                "run",
                "--model",
                self.model,
                "--endpoints",
                endpoints,
            ),
            *("--credentials", credentials, "--interface", "127.0.0.1", "--port", str(port)),
        )
        running = self.programs.start(short, command, clean_environment())

        async def is_ready() -> bool:
            return (await get_json(port, "/webhooks/rest/"))[0] == 200

        seconds = await seconds_until(running, is_ready)
        memory = {"Rasa": lambda: memory_mb(running.process.pid)}
        return System(name, StockTalker(port, consider), memory), seconds

    def weigh_actions(self) -> float:
        """Return the memory of the action server, its worker processes included."""
        assert self.actions is not None
        return memory_mb(self.actions.process.pid, with_children=True)
