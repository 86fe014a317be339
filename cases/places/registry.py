"""The registry: which building belongs to which grid, who looks after it, and where a place in words is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cases.places.registry_file import DUTIES, Registry
from cases.places.tables import BuildingRow, GridRow, GridStaffRow, GroupRow
from cases.store import Store

# 3号楼, 3栋, 3幢, 3座, or 3号 behind a lane; a floor (2楼), a lane (100弄), a lift (2号梯) are no building.
_BUILDING = re.compile(r"(?<!\d)(\d{1,4})(?:号楼|栋|幢|座|号(?!线|门|口|出口|电?梯|车位|桩))")
_CHINESE_NUMBER = re.compile("[零一二两三四五六七八九十百]{1,5}(?=号楼|栋|幢|座|号)")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}


@dataclass(frozen=True)
class Spot:
    """Where a place in words is, as far as the registry knows."""

    grid: str | None = None
    building: str | None = None


class VacancyKind(StrEnum):
    """What is missing in the registry."""

    GRID_WITHOUT_HEAD = "grid_without_head"
    GRID_WITHOUT_MEMBER = "grid_without_member"
    GRID_WITHOUT_GROUP = "grid_without_group"


@dataclass(frozen=True)
class Vacancy:
    """One gap: nobody holds a duty in a grid, or no group reaches it."""

    kind: VacancyKind
    grid: str


class Places:
    """The registry of a hall."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def replace(self, registry: Registry) -> None:
        """Make this the registry, whole or not at all. Cases keep the grid and building they were given."""
        with self._store.sessions.begin() as session:
            for table in (GridStaffRow, GroupRow, BuildingRow, GridRow):
                session.execute(delete(table))
            # What others refer to first.
            for make, entries in (
                (GridRow, registry.grids),
                (BuildingRow, registry.buildings),
                (GroupRow, registry.groups),
                (GridStaffRow, registry.staff),
            ):
                session.add_all(make(**entry) for entry in entries)
                session.flush()

    def grid_names(self) -> dict[str, str]:
        """Return the names of all grids by id."""
        with self._store.sessions() as session:
            return {row.id: row.name for row in session.scalars(select(GridRow).order_by(GridRow.id))}

    def resolve(self, place: str, group: str | None = None) -> Spot:
        """Return where a place in words is; a group that belongs to a grid or building helps."""
        with self._store.sessions() as session:
            return resolve(session, place, group)

    def named(self, place: str, group: str) -> str | None:
        """Return how to call the building whose number a text says in its group; None where it says none."""
        if not _BUILDING.search(_plain(place)):
            return None
        with self._store.sessions() as session:
            spot = resolve(session, place, group) if session.get(GroupRow, group) else Spot()
            building = session.get(BuildingRow, spot.building) if spot.building else None
        return f"{building.estate}{building.name}" if building else None

    def vacancies(self) -> tuple[Vacancy, ...]:
        """Return which grids lack somebody for a duty, or a group."""
        with self._store.sessions() as session:
            grids = session.scalars(select(GridRow.id).order_by(GridRow.id)).all()
            held = {(row.grid, row.duty) for row in session.scalars(select(GridStaffRow))}
            reached = set(session.scalars(select(GroupRow.grid)))
        gaps = [
            Vacancy(VacancyKind(f"grid_without_{duty}"), grid)
            for grid in grids
            for duty in DUTIES
            if (grid, duty) not in held
        ]
        gaps += [Vacancy(VacancyKind.GRID_WITHOUT_GROUP, grid) for grid in grids if grid not in reached]
        return tuple(gaps)


def resolve(session: Session, place: str, group: str | None = None) -> Spot:
    """Return where a place in words is: the building where exactly one fits, else the grid, else nothing."""
    heard = _plain(place)
    buildings = session.scalars(select(BuildingRow)).all()
    known = session.get(GroupRow, group) if group else None
    if (named := _one(b for b in buildings if any(_plain(a) in heard for a in b.aliases))) is not None:
        return Spot(named.grid, named.id)
    fitting = [b for b in buildings if _is_in_estate(heard, b)]
    if not fitting and known is not None:
        # 3号楼, said in the group of an estate, is that estate's.
        fitting = [b for b in buildings if b.grid == known.grid]
    numbers = set(_BUILDING.findall(heard))
    building = _one(b for b in fitting if numbers & set(_BUILDING.findall(_plain(b.name))))
    if building is not None:
        return Spot(building.grid, building.id)
    if not numbers and known is not None and known.building is not None:
        return Spot(known.grid, known.building)
    grids = {b.grid for b in fitting}
    return Spot(grids.pop() if len(grids) == 1 else None)


def _is_in_estate(heard: str, building: BuildingRow) -> bool:
    if _plain(building.estate) in heard:
        return True
    # An address names its road and lane (示例路10弄3号); the building's own number comes after them.
    lane = re.sub(r"\d+号$", "", _plain(building.address or ""))
    return len(lane) > 3 and lane in heard


def _one(buildings: Iterable[BuildingRow]) -> BuildingRow | None:
    found = list(buildings)
    return found[0] if len(found) == 1 else None


def _plain(text: str) -> str:
    heard = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return _CHINESE_NUMBER.sub(lambda match: str(_number(match.group())), heard)


def _number(words: str) -> int:
    """Return the number that Chinese words of one to four digits mean: 十二 is 12, 一百零三 is 103."""
    if not set(words) & set("十百"):
        return int("".join(str(_DIGITS[word]) for word in words))
    total = digit = 0
    for word in words:
        if word in "十百":
            total += (digit or 1) * (100 if word == "百" else 10)
            digit = 0
        else:
            digit = _DIGITS[word]
    return total + digit
