"""Consoles for the tests of the staff door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.staff.served import ServedConsole, database


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedConsole]:
    """An empty console: nobody has an account."""
    served = ServedConsole.start(database(tmp_path), "staff_one")
    yield served
    served.close()


@pytest.fixture(scope="module")
def open_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """One console for the tests of a module that do not get in each other's way."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("staff")), "staff_shared")
    yield served
    served.close()
