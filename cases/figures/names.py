"""What departments, grids and categories are called, for lists that people read."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.arrivals.categories import load_categories
from cases.figures.rates import Dimension
from cases.places.tables import GridRow
from cases.work.tables import DepartmentRow

Names = Mapping[Dimension, Mapping[str, str]]


def read_names(session: Session) -> Names:
    """Return the names by id; closed departments have one as well."""
    return {
        Dimension.DEPARTMENT: {row.id: row.name for row in session.scalars(select(DepartmentRow))},
        Dimension.GRID: {row.id: row.name for row in session.scalars(select(GridRow))},
        Dimension.CATEGORY: {key: category.name["zh"] for key, category in load_categories().items()},
    }


def name_of(names: Names, dimension: Dimension, key: str | None) -> str | None:
    """Return a name, the id itself where nobody knows it any more, or None for none."""
    return names[dimension].get(key, key) if key is not None else None
