"""What several pages of results show alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cases.figures.rates import Dimension
from cases.places.registry import Places
from staff.cases.names import Names
from staff.results.asked import bound_to, may_open_cases
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


def tabs_of(visit: Visit, here: str, query: str = "") -> list[tuple[str, str, bool]]:
    """Return the pages of results that this member may open, for the row of tabs above each."""
    tabs = {"results": "/staff/results?" + query if query else "/staff/results"}
    if may_open_cases(visit.member):
        tabs["exclusions"] = "/staff/results/exclusions"
        if bound_to(visit.member) is None:
            tabs["lists"] = "/staff/results/lists"
    return [(address, visit.say(f"results_tab_{name}"), name == here) for name, address in tabs.items()]
