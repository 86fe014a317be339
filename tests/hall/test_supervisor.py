"""The supervisor, run as a process of its own over tiny fake programs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from hall.heartbeat import beat
from hall.ports import PortTaken, holder_of, open_public
from hall.programs import BackOff
from hall.state import FolderUnusable, only_one

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 30.0

# A hall worker: serves one word on the inherited socket and beats. With `stubborn` it ignores TERM;
# with a file `hang` in its folder it goes on serving and stops beating.
WORKER = """
import os, signal, socket, subprocess, sys, threading, time
from pathlib import Path
folder = Path(sys.argv[1])
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "parent" in sys.argv:
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "grandchild").write_text(str(grandchild.pid))
if "broken" in sys.argv and not (folder / "mended").exists():
    raise ValueError("a damaged file")
os.read(int(os.environ["LINLI_GATE_FD"]), 1)
server = socket.socket(fileno=int(os.environ["LINLI_PUBLIC_FD"]))
def answer():
    while True:
        peer, _ = server.accept()
        peer.sendall(str(os.getpid()).encode())
        peer.close()
threading.Thread(target=answer, daemon=True).start()
while True:
    if not (folder / "hang").exists():
        os.write(int(os.environ["LINLI_HEARTBEAT_FD"]), b".")
    time.sleep(0.05)
"""

# Rasa: answers its health check when the token is right.
ENGINE = """
import http.server, os, sys
if len(sys.argv) > 2 and not os.path.exists(sys.argv[2]):
    sys.exit(65)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        right = self.headers["x-linli-token"] == os.environ["LINLI_ENGINE_TOKEN"]
        self.send_response(200 if right and "LINLI_API_TOKEN" not in os.environ else 503)
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""

# Setup: told `anew`, it makes a model that can be used.
SETUP = """
import sys
from pathlib import Path
if "anew" in sys.argv and "untrainable" not in sys.argv:
    (Path(sys.argv[1]) / "model").touch()
sys.exit(int(sys.argv[2]))
"""

# A server that the hall's data is in: ends at its own signal, having seen whether the worker was still there.
STORE = """
import json, os, signal, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
def end(*_):
    workers = [pid for name, pid in json.loads((folder / "hall.json").read_text())["processes"].items()
               if name.startswith("hall") and os.path.exists(f"/proc/{pid}")]
    (folder / "ended").write_text(str(len(workers)))
    sys.exit(0)
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(0.3)
(folder / "stored").touch()
while True:
    time.sleep(1)
"""

HALL = """
import signal, sys
from pathlib import Path
from hall.plan import Plan, Store
from hall.programs import Patience
from hall.supervisor import serve_plan
folder, port, options = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
quick = Patience(starting_seconds=20, check_every_seconds=0.1, failures_allowed=3, silent_seconds=0.6)
python = (sys.executable, "-c")
def engine(port):
    model = (str(folder / "model"),) if "unusable" in options else ()
    return (*python, (folder / "engine.py").read_text(), str(port), *model)
async def is_kept():
    return (folder / "stored").exists()
store = (*python, (folder / "store.py").read_text(), str(folder))
store = Store("store", store, folder, is_kept, signal.SIGINT)
untrained = str(int("untrained" in options))
prepared = 1 if "unprepared" in options else 3 if "unlearned" in options else 0
sys.exit(serve_plan(Plan(
    host="127.0.0.1", port=port, folder=folder, workers=2 if "two" in options else 1,
    prepare=(*python, "import sys; sys.exit(%d)" % prepared),
    learn=(*python, "import sys; print('has learned'); sys.exit(%d)" % ("unlearnable" in options)),
    worker=(*python, (folder / "worker.py").read_text(), str(folder), *options),
    engine_setup=(*python, (folder / "setup.py").read_text(), str(folder), untrained, *options),
    engine=engine if "engine" in options else None,
    engines=2 if "engines" in options else 1,
    stores=(store,) if "store" in options else (),
    worker_patience=quick, engine_patience=quick,
)))
"""


class FakeHall:
    """A supervisor at work over the fakes."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        self.folder, self.port = folder, port
        (folder / "worker.py").write_text(WORKER)
        (folder / "engine.py").write_text(ENGINE)
        (folder / "setup.py").write_text(SETUP)
        (folder / "store.py").write_text(STORE)
        self._said = folder / "said.txt"
        with self._said.open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HALL, str(folder), str(port), *options],
                cwd=ROOT,
                stderr=said,
                env={**os.environ, "LINLI_API_TOKEN": "the hall's own"},
            )

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads((self.folder / "hall.json").read_text())
        except (OSError, ValueError):
            return {}
        return state

    def ask(self) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as peer:
            return peer.recv(100).decode()

    def wait_until_said(self, words: str) -> None:
        until(lambda: words in self.said or self.process.poll() is not None)
        assert words in self.said, self.said

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


def until(holds: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def all_gone(processes: list[psutil.Process]) -> bool:
    """A zombie is gone: it only waits for a parent (in a container perhaps none) to take note."""
    return all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in processes)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., FakeHall]]:
    halls: list[FakeHall] = []

    def start_hall(*options: str, port: int | None = None) -> FakeHall:
        halls.append(FakeHall(tmp_path, port or free_port(), *options))
        return halls[-1]

    yield start_hall
    for hall in halls:
        if hall.process.poll() is None:
            hall.process.kill()
            hall.process.wait()


def test_a_killed_worker_is_started_again_at_once_on_the_same_port(start: Callable[..., FakeHall]) -> None:
    hall = start()
    hall.wait_until_said("Hall is serving")
    first = int(hall.ask())
    os.kill(first, signal.SIGKILL)
    until(lambda: hall.state["processes"]["hall-1"] != first)
    assert int(hall.ask()) != first
    assert "hall-1 ended (by SIGKILL); it is started again now" in hall.said


def test_a_worker_that_stops_beating_is_killed_and_started_again(start: Callable[..., FakeHall]) -> None:
    hall = start()
    hall.wait_until_said("Hall is serving")
    (hall.folder / "hang").touch()
    hall.wait_until_said("hall-1 no longer answers")
    (hall.folder / "hang").unlink()
    hall.wait_until_said("hall-1 works again")
    assert hall.ask()


def test_a_killed_rasa_is_started_again_while_the_hall_serves(start: Callable[..., FakeHall]) -> None:
    hall = start("engine")
    hall.wait_until_said("Conversation is ready")
    os.kill(hall.state["processes"]["rasa"], signal.SIGKILL)
    hall.wait_until_said("rasa ended (by SIGKILL)")
    assert hall.ask()
    hall.wait_until_said("rasa works again")


def test_several_rasas_are_started_one_by_one_and_each_is_started_again(
    start: Callable[..., FakeHall],
) -> None:
    hall = start("engine", "engines")
    hall.wait_until_said("Conversation is ready")
    hall.wait_until_said("Rasa 2 of 2 is ready as well")
    assert hall.state["engine_url"].count("http://127.0.0.1:") == 2
    killed = hall.state["processes"]["rasa-2"]
    os.kill(killed, signal.SIGKILL)
    hall.wait_until_said("rasa-2 works again")
    assert hall.state["processes"]["rasa-2"] != killed
    assert "rasa-1 ended" not in hall.said


def test_a_model_that_rasa_cannot_use_is_trained_anew(start: Callable[..., FakeHall]) -> None:
    hall = start("engine", "unusable")
    hall.wait_until_said("Rasa cannot use its conversation model; it is trained anew")
    assert hall.ask()
    hall.wait_until_said("Conversation is ready")


def test_a_rasa_that_is_never_ready_leaves_the_hall_serving(start: Callable[..., FakeHall]) -> None:
    hall = start("engine", "unusable", "untrainable")
    hall.wait_until_said("rasa ended before it was ready")
    assert hall.ask()


def test_a_store_is_there_before_the_hall_and_ends_after_it(start: Callable[..., FakeHall]) -> None:
    hall = start("store")
    hall.wait_until_said("Hall is serving")
    assert (hall.folder / "stored").exists()
    stored = hall.state["processes"]["store"]
    os.kill(stored, signal.SIGKILL)
    until(lambda: hall.state["processes"]["store"] != stored)
    assert hall.ask()
    (hall.folder / "stored").unlink()
    until(lambda: (hall.folder / "stored").exists())
    hall.process.send_signal(signal.SIGTERM)
    assert hall.process.wait(10) == 0
    assert (hall.folder / "ended").read_text() == "0"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_within_5_seconds(
    start: Callable[..., FakeHall], number: signal.Signals
) -> None:
    hall = start("engine", "two", "parent", "stubborn")
    hall.wait_until_said("Conversation is ready")
    children = hall.children()
    assert len(children) >= 5
    began = time.monotonic()
    hall.process.send_signal(number)
    assert hall.process.wait(10) == 0
    assert time.monotonic() - began < 5
    until(lambda: all_gone(children), seconds=1)
    assert not (hall.folder / "hall.json").exists()
    assert not (hall.folder / "engine.token").exists()


def test_a_second_ctrl_c_kills_at_once(start: Callable[..., FakeHall]) -> None:
    hall = start("stubborn")
    hall.wait_until_said("Hall is serving")
    hall.process.send_signal(signal.SIGINT)
    hall.wait_until_said("Stopping")
    began = time.monotonic()
    hall.process.send_signal(signal.SIGINT)
    hall.process.wait(10)
    assert time.monotonic() - began < 2


def test_nothing_outlives_a_killed_supervisor_and_the_port_is_free(start: Callable[..., FakeHall]) -> None:
    hall = start("engine", "two", "parent", "stubborn")
    hall.wait_until_said("Conversation is ready")
    children = hall.children()
    assert int((hall.folder / "grandchild").read_text()) in [child.pid for child in children]
    hall.process.kill()
    hall.process.wait()
    until(lambda: all_gone(children), seconds=10)

    def is_free() -> bool:
        try:
            open_public("127.0.0.1", hall.port).close()
        except PortTaken:
            return False
        return True

    until(is_free, seconds=10)
    again = start(port=hall.port)
    until(lambda: again.said.count("Hall is serving") == 2)


def test_a_killed_undertaker_is_replaced(start: Callable[..., FakeHall]) -> None:
    hall = start("parent")
    hall.wait_until_said("Hall is serving")

    def undertakers() -> set[int]:
        found = set()
        for child in hall.children():
            with suppress(psutil.Error):  # it has ended
                if any(part.endswith("undertaker.py") for part in child.cmdline()):
                    found.add(child.pid)
        return found

    (killed,) = undertakers()
    os.kill(killed, signal.SIGKILL)
    until(lambda: undertakers() - {killed})
    children = hall.children()
    hall.process.kill()
    hall.process.wait()
    until(lambda: all_gone(children), seconds=10)


def test_a_taken_port_is_a_sentence_with_the_holder_and_the_setting(start: Callable[..., FakeHall]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        hall = start(port=held.getsockname()[1])
        assert hall.process.wait(WAIT_SECONDS) == 1
    assert f"process {os.getpid()} (" in hall.said
    assert "LINLI_PORT" in hall.said
    assert "Traceback" not in hall.said


def test_a_second_hall_in_the_same_folder_is_told_where_the_first_one_is(
    start: Callable[..., FakeHall],
) -> None:
    first = start()
    first.wait_until_said("Hall is serving")
    second = start()
    assert second.process.wait(WAIT_SECONDS) == 1
    assert f"process {first.process.pid} at http://127.0.0.1:{first.port}" in second.said
    assert first.ask()


def test_a_database_that_is_not_ready_keeps_the_hall_from_starting(start: Callable[..., FakeHall]) -> None:
    hall = start("unprepared")
    assert hall.process.wait(WAIT_SECONDS) == 1
    assert "LINLI_DATABASE_URL" in hall.said
    assert "Hall is serving" not in hall.said


def test_a_worker_that_cannot_start_is_a_sentence_with_the_remedy_and_tried_again(
    start: Callable[..., FakeHall],
) -> None:
    hall = start("broken")
    hall.wait_until_said("hall-1 | ValueError: a damaged file")
    hall.wait_until_said("hall-1 ended before it was ready (exit code 1)")
    hall.wait_until_said("Mend what they name")
    assert "Hall is serving" not in hall.said
    (hall.folder / "mended").touch()
    hall.wait_until_said("Hall is serving")


@pytest.mark.parametrize("options", [("unlearned",), ("unlearned", "unlearnable")])
def test_the_hall_serves_while_the_guides_are_learned_from(
    start: Callable[..., FakeHall], options: tuple[str, ...]
) -> None:
    hall = start(*options)
    hall.wait_until_said("learn | has learned")
    hall.wait_until_said("Hall is serving")
    if "unlearnable" in options:
        hall.wait_until_said("The guides could not be learned from")
    assert hall.ask()


def test_a_folder_that_cannot_be_written_is_a_sentence_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnusable, match="LINLI_FOLDER"), only_one(tmp_path / "file" / "var"):
        pass


def test_the_hall_serves_when_rasa_cannot_be_had(start: Callable[..., FakeHall]) -> None:
    hall = start("engine", "untrained")
    hall.wait_until_said("The hall serves without Rasa")
    hall.wait_until_said("Hall is serving")
    assert hall.ask()


def test_only_this_account_may_read_the_state_and_the_token(start: Callable[..., FakeHall]) -> None:
    hall = start("engine")
    hall.wait_until_said("Hall is serving")
    token = Path(hall.state["engine_token_file"])
    assert (hall.folder / "hall.json").stat().st_mode & 0o077 == 0
    assert token.stat().st_mode & 0o077 == 0
    assert len(token.read_text()) >= 32


def test_pauses_grow_to_30_seconds_and_begin_anew_after_good_health() -> None:
    back_off = BackOff(first_seconds=0.0, healthy_after_seconds=60.0)
    assert [back_off.pause_after(1.0) for _ in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]
    assert back_off.pause_after(61.0) == 0
    assert back_off.pause_after(1.0) == 1


def test_the_holder_of_a_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert (holder_of(port) or "").startswith(f"process {os.getpid()} (")
        with pytest.raises(PortTaken, match="LINLI_PORT"):
            open_public("127.0.0.1", port)


def test_an_address_that_is_not_here_names_its_setting() -> None:
    with pytest.raises(PortTaken, match="LINLI_HOST"):
        open_public("192.0.2.1", 8000)


def test_a_heartbeat_is_written_from_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setenv("LINLI_HEARTBEAT_FD", str(writing))

    async def one_beat() -> bytes:
        task = asyncio.create_task(beat())
        try:
            return await asyncio.to_thread(os.read, reading, 1)
        finally:
            task.cancel()

    assert asyncio.run(one_beat()) == b"."
    os.close(reading)
    os.close(writing)


def test_the_supervisor_imports_no_server_no_database_and_no_numbers() -> None:
    heavy = "{'sanic', 'sqlalchemy', 'numpy', 'rasa_sdk', 'jinja2', 'httpx'}"
    code = f"import hall.supervisor, sys; sys.exit(len({heavy} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True).returncode
        == 0
    )
