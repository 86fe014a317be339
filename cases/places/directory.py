"""What grids and buildings are called, and which of them a word means."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from cases.places.tables import BuildingRow, GridRow
from cases.store import Store


@dataclass(frozen=True)
class Directory:
    """Grids and buildings by id: their names, and all that a building is called."""

    grids: Mapping[str, str]
    buildings: Mapping[str, str]
    called: Mapping[str, tuple[str, ...]]

    def place(self, grid: str | None, building: str | None) -> str:
        """Return what a grid and a building are called; ids that the registry no longer has as they are."""
        names = (self.grids.get(grid or "", grid), self.buildings.get(building or "", building))
        return " ".join(name for name in names if name)

    def grids_called(self, word: str) -> tuple[str, ...]:
        """Return the grids with a word in their names."""
        return tuple(grid for grid, name in self.grids.items() if _plain(word) in _plain(name))

    def buildings_called(self, word: str) -> tuple[str, ...]:
        """Return the buildings with a word in one of their names or in their address."""
        heard = _plain(word)
        return tuple(id for id, names in self.called.items() if any(heard in _plain(name) for name in names))


def read_directory(store: Store) -> Directory:
    """Read the registry's names."""
    with store.sessions() as session:
        grids = session.execute(select(GridRow.id, GridRow.name).order_by(GridRow.id)).all()
        buildings = session.scalars(select(BuildingRow).order_by(BuildingRow.id)).all()
    names = {row.id: f"{row.estate}{row.name}" for row in buildings}
    called = {row.id: (names[row.id], row.address or "", *row.aliases) for row in buildings}
    return Directory({row.id: row.name for row in grids}, names, called)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())
