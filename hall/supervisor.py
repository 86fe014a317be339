"""`linli serve`: opens the sockets, starts the hall's processes and Rasa, and keeps them running."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from typing import Any, NoReturn
from urllib.parse import urlsplit

from hall.gate import VARIABLE as GATE_VARIABLE
from hall.groups import Undertaker
from hall.plan import STORE_REMEDY, WORKER_REMEDY, Plan, plan_of
from hall.ports import PortTaken, free_loopback_port, open_loopback, open_public, url_of
from hall.programs import Keeper, Patience, Program
from hall.rasa_processes import Hands, RasaProcesses
from hall.settings import ROOT, Settings, SettingsError, read_settings
from hall.state import AlreadyServing, FolderUnusable, only_one, remove_state, write_state
from hall.terminal import say

# INT and TERM end everything within 5 s: this long for a polite end, then the kernel's way. On two cores at
# a load of 8, up to 2.2 s went by from the kill until the last of Rasa's memory was gone.
POLITE_SECONDS = 2.5
# Of that the stores, which end after everything that uses them.
STORES_SECONDS = 1.2
# Migrating, installing 2.5 GB and training take as long as they take; they end by themselves.
UNLIMITED = Patience(starting_seconds=float("inf"))
TO_LEARN = 3  # what hall.prepare ends with when the guides are still to be learned from


def serve(settings: Settings) -> NoReturn:
    """Become `python -m hall.supervisor`, a process that has imported nothing but what supervising needs.

    The command line has imported most of Linli, which costs memory and, at a stop, seconds.
    """
    sys.stderr.flush()
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "hall.supervisor"])


def main() -> int:
    """Serve by the settings until INT or TERM; return the exit code."""
    try:
        settings = read_settings()
    except SettingsError as problem:
        say(str(problem))
        return 2
    return serve_plan(plan_of(settings))


def serve_plan(plan: Plan) -> int:
    """Serve until INT or TERM; return the exit code. Says in a sentence why it cannot serve."""
    try:
        actions_port = urlsplit(plan.actions_url).port or 0
        with (
            only_one(plan.folder),
            open_public(plan.host, plan.port) as public,
            open_loopback(actions_port) as actions,
        ):
            return asyncio.run(Supervisor(plan, public, actions).serve())
    except (PortTaken, AlreadyServing, FolderUnusable) as problem:
        say(str(problem))
        return 1


class Supervisor:
    """The processes of one hall. Must be made inside a running event loop."""

    def __init__(self, plan: Plan, public: socket.socket, actions: socket.socket) -> None:
        self._plan = plan
        self._public = public
        self._url = url_of(public)
        self._actions = actions
        self._started = time.monotonic()
        self._keepers: list[Keeper] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: dict[str, int] = {}
        self._stopping = False
        self._code = 0
        self._undertaker = Undertaker()
        # The workers start beside `prepare`; the pipe keeps them waiting until its writing end is closed.
        self._prepared = asyncio.Event()
        # Rasa and learning wait for this: the first of the processor's time is for those who ask.
        self._serving = asyncio.Event()
        self._gate, self._gatekeeper = os.pipe()
        self._engine_ports = tuple(free_loopback_port() for _ in range(plan.engines if plan.engine else 0))
        own_engines = ",".join(f"http://127.0.0.1:{port}" for port in self._engine_ports)
        self._stores: list[Keeper] = []
        own_actions_url = f"http://127.0.0.1:{actions.getsockname()[1]}/webhook"
        self._shared = {
            "LINLI_ENGINE_URL": own_engines or plan.engine_url,
            "LINLI_ENGINE_TOKEN": plan.engine_token or secrets.token_urlsafe(32),
            "LINLI_ACTIONS_URL": plan.actions_url or own_actions_url,
            "LINLI_TRACKER_URL": plan.tracker_url,
            "LINLI_REDIS_URL": plan.redis_url,
        }

    async def serve(self) -> int:
        """Run everything until a signal comes; return the exit code."""
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a closed terminal is no reason to stop.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._on_signal)
        self._begin(self._undertaker.keep())
        try:
            await self._start_stores()
            self._begin(self._serve_hall())
            code = await self._prepare()
            if not self._stopping:
                os.close(self._gatekeeper)
                self._prepared.set()
                if code == TO_LEARN:
                    self._begin(self._learn())
                if self._engine_ports:
                    self._begin(self._serve_engines())
                await self._stop.wait()
        finally:
            await self._end_all()
        return self._code

    async def _start_stores(self) -> None:
        """Start the servers that the hall's data is in, and wait until they answer."""
        for store in self._plan.stores:
            program = Program(
                store.name,
                store.command,
                store.environment,
                store.folder,
                check=store.check,
                first_pause_seconds=0.0,
                patience=self._plan.worker_patience,
                remedy=STORE_REMEDY,
                stop_signal=store.stop_signal,
            )
            keeper = self._keeper(program)
            self._stores.append(keeper)
            self._begin(keeper.keep())
        ready = [asyncio.create_task(keeper.is_ready.wait()) for keeper in self._stores]
        stopped = asyncio.create_task(self._stop.wait())
        if ready:
            both = asyncio.create_task(asyncio.wait(ready))
            await asyncio.wait((both, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()

    async def _serve_engines(self) -> None:
        await self._serving.wait()
        hands = Hands(self._keeper, self._run_once, lambda: self._stopping, self._age)
        await RasaProcesses(self._plan, self._engine_ports, self._shared, hands).serve()

    async def _prepare(self) -> int:
        """Bring the database up to date before anything uses it; without that nothing is served."""
        code = await self._run_once("prepare", self._plan.prepare)
        if not self._stopping and code not in (0, TO_LEARN):
            say("The database could not be made ready, so nothing is served. The lines above say why;")
            say(f"check LINLI_DATABASE_URL and the free space of {self._plan.folder}, then start again.")
            self._code = 1
            self._stop_all()
        return code

    async def _learn(self) -> None:
        """Learn from the guides beside the work: until then the numbers that come with Linli do."""
        await self._serving.wait()
        if await self._run_once("learn", self._plan.learn) and not self._stopping:
            say("The guides could not be learned from, for the reason above; answers are a little less sure.")

    async def _run_once(self, name: str, command: tuple[str, ...]) -> int:
        program = Program(name, command, self._plan.environment, ROOT, patience=UNLIMITED)
        return await self._keeper(program).run_once()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._on_task_done)
        self._tasks.append(task)

    async def _serve_hall(self) -> None:
        descriptors = {
            "LINLI_PUBLIC_FD": self._public.fileno(),
            "LINLI_ACTIONS_FD": self._actions.fileno(),
            GATE_VARIABLE: self._gate,
        }
        own = {name: str(number) for name, number in descriptors.items()}
        keepers = [
            self._keeper(
                Program(
                    f"hall-{number}",
                    self._plan.worker,
                    {**self._plan.environment, **self._shared, **own, "LINLI_WORKER": str(number)},
                    ROOT,
                    descriptors=tuple(descriptors.values()),
                    first_pause_seconds=0.0,
                    patience=self._plan.worker_patience,
                    may_work=self._prepared,
                    remedy=WORKER_REMEDY,
                )
            )
            for number in range(1, self._plan.workers + 1)
        ]
        async with asyncio.TaskGroup() as group:
            for keeper in keepers:
                group.create_task(keeper.keep())
            await self._prepared.wait()
            await keepers[0].is_ready.wait()
            doors = "kiosk /, chat /chat, staff /staff"
            say(f"Hall is serving: {self._url}  ({doors}), {self._age()} after start")
            self._serving.set()

    def _keeper(self, program: Program) -> Keeper:
        keeper = Keeper(program, self._undertaker, say)
        if program.name not in ("prepare", "learn", "setup"):
            keeper.on_start = lambda pid: self._note(program.name, pid)
        if self._stopping:
            keeper.stop(signal.SIGTERM)
        self._keepers.append(keeper)
        return keeper

    def _note(self, name: str, pid: int) -> None:
        """Write down where other commands (`linli ask`) find this hall and its Rasa."""
        self._processes[name] = pid
        state = {
            "pid": os.getpid(),
            "host": self._plan.host,
            "port": self._public.getsockname()[1],
            "url": self._url,
            "engine_url": self._shared["LINLI_ENGINE_URL"],
            "processes": self._processes,
        }
        try:
            write_state(self._plan.folder, state, self._shared["LINLI_ENGINE_TOKEN"])
        except OSError as problem:  # the hall itself can do without
            say(f"{self._plan.folder} cannot be written ({problem.strerror}): free some space there.")

    def _age(self) -> str:
        return f"{time.monotonic() - self._started:.1f} s"

    def _on_signal(self) -> None:
        if self._stopping:
            say("Killing what is left.")
            self._end_stores(signal.SIGKILL)
            return self._signal_all(signal.SIGKILL)
        say("Stopping ...")
        self._stop_all()

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        """A fault of our own ends the hall in the open: a supervisor that supervises nothing helps nobody."""
        if not task.cancelled() and (fault := task.exception()):
            say(f"The supervisor failed ({fault!r}); everything is stopped. Start again.")
            self._code = 1
            self._stop_all()

    def _stop_all(self) -> None:
        self._stopping = True
        self._stop.set()
        self._signal_all(signal.SIGTERM)
        asyncio.get_running_loop().call_later(POLITE_SECONDS, self._signal_all, signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for keeper in self._keepers:
            if keeper not in self._stores:
                keeper.stop(number)

    def _end_stores(self, number: signal.Signals | None = None) -> None:
        for keeper in self._stores:
            keeper.stop(number or keeper.program.stop_signal)

    async def _end_all(self) -> None:
        """Wait for everything to end, which the signals see to, and take the traces away."""
        self._public.close()
        self._actions.close()
        await self._wait_for_ends([k for k in self._keepers if k not in self._stores], POLITE_SECONDS + 1.0)
        self._end_stores()
        await self._wait_for_ends(self._stores, STORES_SECONDS)
        self._end_stores(signal.SIGKILL)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._undertaker.dismiss()
        remove_state(self._plan.folder)
        say("Stopped.")

    async def _wait_for_ends(self, keepers: list[Keeper], seconds: float) -> None:
        if ends := [asyncio.create_task(keeper.ended()) for keeper in keepers]:
            await asyncio.wait(ends, timeout=seconds)


if __name__ == "__main__":
    sys.exit(main())
