"""The tables of the registry: grids (网格), buildings (楼栋), chat groups, and who looks after them."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.tables import Base


class GridRow(Base):
    """One grid."""

    __tablename__ = "place_grid"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class BuildingRow(Base):
    """One building; `estate` is its compound, `aliases` is what else people call it."""

    __tablename__ = "place_building"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    grid: Mapped[str] = mapped_column(ForeignKey("place_grid.id"), index=True)
    estate: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(120))
    aliases: Mapped[list[str]] = mapped_column(JSON)


class GroupRow(Base):
    """A chat group of residents and the grid, or the building, it is for."""

    __tablename__ = "place_group"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)  # the channel's own id of the group
    name: Mapped[str] = mapped_column(String(80))
    grid: Mapped[str] = mapped_column(ForeignKey("place_grid.id"), index=True)
    building: Mapped[str | None] = mapped_column(ForeignKey("place_building.id"))


class GridStaffRow(Base):
    """A person who looks after a grid, in one duty; the sign-in account is named by `login`."""

    __tablename__ = "place_staff"

    grid: Mapped[str] = mapped_column(ForeignKey("place_grid.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str | None] = mapped_column(String(64), index=True)
