"""The systems that are compared: a hall as it is shipped, and stock Rasa with stock's action server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hall.bench.loopback import Connection, ExchangeFailed, get_json
from hall.bench.programs import NotReady, Programs, Running, clean_environment, memory_mb, seconds_until
from hall.bench.talkers import HallTalker, StockTalker, Talker
from hall.ports import free_loopback_port
from hall.settings import ROOT
from hall.setup.checkout import Checkout
from hall.state import read_state
from knowledge.answering import Finding

CONFIG = Path(__file__).with_name("stock.yml")
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
    """A whole hall by `linli serve` (or the module in `command`), in a folder of its own."""

    programs: Programs
    checkout: Checkout
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("hall.cli", "serve")
    running: Running | None = None
    port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of this hall, and no others."""
        own = {"LINLI_FOLDER": self.folder, "LINLI_PORT": self.port, "LINLI_TURNS_PER_MINUTE": 100_000}
        return clean_environment(**own, **self.settings)

    async def start(self) -> float:
        """Start it and return the seconds until it answered a question, with or without Rasa."""
        self.port = free_loopback_port()
        command: tuple[str | Path, ...] = (self.checkout.hall_python, "-m", *self.command)
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
        if not health or health["rasa"] != "ready":
            return False
        engines = health["rasa_processes"]
        return bool(engines["ready"] == engines["of"])


def hall_system(name: str, hall: Hall) -> System:
    """Return a running hall as a system."""
    talker = HallTalker(hall.port)
    return System(
        name, talker, {"hall process": lambda: hall.weigh("hall-1"), "Rasa": lambda: hall.weigh("rasa")}
    )


@dataclass
class Stock:
    """Stock Rasa with a model of its own components, and stock's action server."""

    programs: Programs
    checkout: Checkout
    folder: Path
    actions_port: int = 0
    actions: Running | None = None

    def train(self) -> None:
        """Train the model: Rasa's own classifier in place of ours. Raises NotReady."""
        self.folder.mkdir()
        command = (
            *(self.checkout.engine_python, "-m", "rasa", "train", "--config", CONFIG),
            *("--domain", ROOT / "bot/domain.yml", "--data", ROOT / "bot/data"),
            *("--out", self.folder, "--fixed-model-name", "stock"),
        )
        running = self.programs.start("stock-training", command, clean_environment())
        if running.process.wait() != 0 or not self.model.is_file():
            raise NotReady(f"stock Rasa could not be trained, see {running.log}")

    @property
    def model(self) -> Path:
        """The model that `train` makes."""
        return self.folder / "stock.tar.gz"

    async def start_actions(self) -> float:
        """Start the action server on a database of its own and return the seconds until it was ready."""
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
