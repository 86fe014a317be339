"""The Rasa processes of a hall: made ready in the background, kept running, a bad model renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from hall.loopback import answers_well
from hall.plan import ENGINE_REMEDY, MODEL_UNUSABLE, Plan
from hall.programs import Keeper, Program
from hall.settings import ROOT
from hall.setup.environments import ENGINE_QUIET
from hall.setup.orders import ANEW, READY, TRY_LATER
from hall.terminal import SCREEN, say

RETRY_SECONDS = 600.0
HEALTH_PATH = "/webhooks/hall/health"


@dataclass(frozen=True)
class Hands:
    """What the supervisor does for others: keep a program, run one to its end, say whether all is ending."""

    keeper: Callable[[Program], Keeper]
    run_once: Callable[[str, tuple[str, ...]], Awaitable[int]]
    is_stopping: Callable[[], bool]
    age: Callable[[], str]


class RasaProcesses:
    """As many Rasas as there are ports; one after the other, so that the first is ready soon."""

    def __init__(self, plan: Plan, ports: tuple[int, ...], shared: Mapping[str, str], hands: Hands) -> None:
        self._plan = plan
        self._ports = ports
        self._shared = shared
        self._hands = hands
        self._renewing = asyncio.Lock()
        self._has_renewed = False

    async def serve(self) -> None:
        """Make Rasa ready and keep it running; the hall serves meanwhile."""
        if not await self._is_set_up():
            return
        async with asyncio.TaskGroup() as group:
            for number, port in enumerate(self._ports, start=1):
                command = self._command(port)
                assert command is not None
                keeper = self._hands.keeper(self._program(number, port, command))
                group.create_task(keeper.keep())
                with SCREEN.step(f"Starting {self._title(number)}"):
                    await keeper.is_ready.wait()
                if number == 1:
                    say(f"Conversation is ready (Rasa), {self._hands.age()} after start")
                else:
                    say(f"{self._title(number)} is ready as well, {self._hands.age()} after start")

    def _title(self, number: int) -> str:
        return "Rasa" if len(self._ports) == 1 else f"Rasa {number} of {len(self._ports)}"

    def _program(self, number: int, port: int, command: tuple[str, ...]) -> Program:
        # Rasa gets the seam's own variables and none of the hall's: no database, no keys.
        inherited = {k: v for k, v in self._plan.environment.items() if not k.startswith("LINLI_")}

        async def answers() -> bool:
            headers = {"x-linli-token": self._shared["LINLI_ENGINE_TOKEN"]}
            return await answers_well(port, HEALTH_PATH, headers)

        async def renewed(code: int) -> tuple[str, ...] | None:
            return await self._renew(code, port)

        return Program(
            "rasa" if len(self._ports) == 1 else f"rasa-{number}",
            command,
            {**inherited, **ENGINE_QUIET, **self._shared},
            ROOT,
            check=answers,
            patience=self._plan.engine_patience,
            remedy=ENGINE_REMEDY,
            renew=renewed,
        )

    async def _is_set_up(self) -> bool:
        """Return whether Rasa's environment and a model are there; wait where trying again may help."""
        while not self._hands.is_stopping():
            code = READY
            if self._plan.engine_setup:
                code = await self._hands.run_once("setup", self._plan.engine_setup)
            if self._hands.is_stopping():
                return False
            if code == READY and self._command(self._ports[0]) is not None:
                return True
            say("The hall serves without Rasa: questions, search, the touch forms and look-up work.")
            if code != TRY_LATER:
                say("Mend what the lines above name, then start again.")
                return False
            say(f"Rasa is tried again in {RETRY_SECONDS / 60:.0f} minutes.")
            await asyncio.sleep(RETRY_SECONDS)
        return False

    async def _renew(self, code: int, port: int) -> tuple[str, ...] | None:
        """Train anew where Rasa could not use its model, once; return the command for the model of now."""
        if code == MODEL_UNUSABLE and self._plan.engine_setup:
            async with self._renewing:
                if not self._has_renewed:
                    self._has_renewed = True
                    say("Rasa cannot use its conversation model; it is trained anew.")
                    await self._hands.run_once("setup", (*self._plan.engine_setup, ANEW))
        return self._command(port)

    def _command(self, port: int) -> tuple[str, ...] | None:
        return self._plan.engine(port) if self._plan.engine else None
