"""What the whole suite shares: the order of tests, one running hall with the real Rasa, a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.postgres import PostgresServer, find_programs
from tests.running_hall import RunningHall

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Quick ones first; those that kill parts of the shared hall last.
_ORDER = ("postgres", "sound", "browser", "rasa", "serve")
# What the whole suite has one of.
_HALLS = ("running_cluster", "running_hall")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run quick tests first, and the ones that need a running hall side by side.

    Where several processes share the tests, what takes longest goes first: none ends long before the others.
    """

    def place(item: pytest.Item) -> int:
        marks = [position for position, mark in enumerate(_ORDER, start=1) if item.get_closest_marker(mark)]
        return max(marks, default=0)

    items.sort(key=place)
    if not hasattr(config, "workerinput"):
        return
    slowest: dict[str, int] = {}
    for item in items:
        group = group_of(item.nodeid)
        slowest[group] = max(slowest.get(group, 0), place(item))
    items.sort(key=lambda item: _rank(group_of(item.nodeid), slowest))


def _rank(group: str, slowest: dict[str, int]) -> tuple[bool, int, str]:
    return group not in _HALLS, -slowest[group], group


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the tests by file, and keep those of the one hall, and of the one cluster, in one process."""
    return _ByGroup(config, log)


class _ByGroup(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return what a test has to stay together with: what the suite has one of, else its file."""
    file, _, name = nodeid.partition("::")
    if name.startswith("test_dialogue["):  # each runs on both
        return "running_cluster" if name.startswith("test_dialogue[cluster-") else "running_hall"
    return _halls_in(file) or file


@cache
def _halls_in(file: str) -> str | None:
    text = (ROOT / file).read_text("utf-8")
    return next((name for name in _HALLS if f"{name}: RunningHall" in text), None)


@pytest.fixture(scope="session")
def running_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    """One `linli serve` with the real Rasa for the whole suite, on a free port and in a folder of its own."""
    hall = RunningHall.start(ROOT, tmp_path_factory.mktemp("hall"))
    yield hall
    hall.stop()


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[RunningHall]:
    """Two Rasas and two hall processes on a PostgreSQL and a Redis of their own, for the whole suite."""
    # Not in pytest's folder, which lets no other account through: as root the servers run as one.
    folder = Path(tempfile.mkdtemp(prefix="linli-cluster-"))
    folder.chmod(0o711)
    cluster = RunningHall.start_cluster(ROOT, folder)
    yield cluster
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL server on a socket of its own, started by the suite and ended with it."""
    programs = find_programs()
    if programs is None:
        pytest.fail(
            "PostgreSQL's programs are missing: `make test` installs them (apt-get install postgresql)."
        )
    server = PostgresServer.start(programs)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once as SQLite and once as PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'linli.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the reference data beside the project (../shared) is absent")
    return SHARED


def pytest_configure() -> None:
    """Keep the suite's own processes away from proxies and from the operator's settings."""
    for name in [name for name in os.environ if name.startswith("LINLI_")]:
        del os.environ[name]
