"""What departments, categories and people are called, for pages that hold their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cases.arrivals.categories import load_categories
from cases.figures.exclusion import reasons
from cases.places.directory import Directory, read_directory
from staff.means import StaffMeans

_CASE_NUMBER_CHARS = 11  # 260611-0042


@dataclass(frozen=True)
class Names:
    """Names by id, and what may be chosen."""

    departments: Mapping[str, str]
    open_departments: tuple[tuple[str, str], ...]
    categories: Mapping[str, str]
    people: Mapping[str, str]
    places: Directory

    def department(self, department: str | None) -> str:
        """Return a department's name; the id where it is unknown."""
        return self.departments.get(department or "", department or "")

    def category(self, category: str | None) -> str:
        """Return a category's name; the id where it is unknown."""
        return self.categories.get(category or "", category or "")

    def about(self, about: str, say: Callable[[str, str], str]) -> str:
        """Return what an entry of the history is about, ids as names; `say` words a key, else its default.

        The number of a whistle tells nobody anything and is left out.
        """
        words = (word for word in about.split() if not (word.isdigit() and len(word) < _CASE_NUMBER_CHARS))
        return " ".join(self._worded(word, say) for word in words)

    def _worded(self, word: str, say: Callable[[str, str], str]) -> str:
        for names in (self.departments, self.categories, self.people, reasons()):
            if word in names:
                return names[word]
        for family in ("case_assist", "case_pause", "case_about", "case_clock", "case_level"):
            if worded := say(f"{family}_{word}", ""):
                return worded
        return word

    def person(self, login: str | None) -> str:
        """Return a person's name; the login where it is unknown."""
        return self.people.get(login or "", login or "")


def read_names(means: StaffMeans) -> Names:
    """Read all names."""
    departments = means.casework.departments.all()
    return Names(
        departments={one.id: one.name for one in departments},
        open_departments=tuple((one.id, one.name) for one in departments if one.is_active),
        categories={one.id: one.name["zh"] for one in load_categories().values()},
        people={member.login: member.name for member in means.accounts.members()},
        places=read_directory(means.casework.desk.store),
    )
