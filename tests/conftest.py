"""What the whole suite shares: the order of tests, one running hall with the real Rasa, a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import PostgresServer, find_programs
from tests.running_hall import RunningHall

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Quick ones first; those that kill parts of the shared hall last.
_ORDER = ("postgres", "sound", "browser", "rasa", "serve")
# What the whole suite has one of: the tests of each stay in one process.
_HALLS = ("running_cluster", "running_hall")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run quick tests first, and the ones that need a running hall side by side.

    Several processes share the tests by file, and those of one hall stay in one process. There what takes
    longest goes first, so that no process ends long before the others.
    """

    def place(item: pytest.Item) -> int:
        marks = [position for position, mark in enumerate(_ORDER, start=1) if item.get_closest_marker(mark)]
        return max(marks, default=0)

    items.sort(key=place)
    if not hasattr(config, "workerinput"):
        return
    groups = {item: next((name for name in _HALLS if _uses(item, name)), str(item.path)) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    slowest: dict[str, int] = {}
    for item, group in groups.items():
        slowest[group] = max(slowest.get(group, 0), place(item))
    items.sort(key=lambda item: (groups[item] not in _HALLS, -slowest[groups[item]], groups[item]))


def _uses(item: pytest.Item, fixture: str) -> bool:
    """Return whether a test asks for a fixture, also where its parameter names it."""
    named = getattr(item, "callspec", None)
    return fixture in getattr(item, "fixturenames", ()) or (
        named is not None and f"running_{named.params.get('hall')}" == fixture
    )


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
