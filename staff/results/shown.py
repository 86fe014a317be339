"""What several pages of results show alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cases.figures.rates import Dimension
from cases.places.registry import Places
from staff.cases.names import Names
from staff.visit import Visit

# A rate of fewer than these says little: one case more or less moves it by a tenth.
FEW_BELOW = 10


async def group_names(visit: Visit, names: Names, by: Dimension) -> Callable[[str | None], str]:
    """Return what says the name of a group of a dimension; a case may have none."""
    nobody = visit.say(f"results_none_{by}")
    places = Places(visit.means.casework.desk.store)
    known: Mapping[str, str] = {
        Dimension.DEPARTMENT: names.departments,
        Dimension.CATEGORY: names.categories,
        Dimension.GRID: await visit.do(places.grid_names) if by is Dimension.GRID else {},
    }[by]
    return lambda group: known.get(group, group) if group else nobody
