"""The bridge from what is filed to the guides: categories that keep coming and that no guide serves.

Over it go a category's name, the words it is heard by, and a count; nothing that anybody wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

from cases.arrivals.categories import Category, load_categories
from cases.figures.gaps import Gaps, Settled
from language.normalise import normalise
from staff.means import StaffMeans


@dataclass(frozen=True)
class Gap:
    """A category without a guide; `draft` is the id and title of one that is being written."""

    category: str
    name: str
    kind: str
    count: int
    draft: tuple[str, str] | None


@dataclass(frozen=True)
class Needed:
    """What is missing, and what somebody said is not."""

    gaps: tuple[Gap, ...] = ()
    settled: tuple[tuple[str, Settled], ...] = ()


def gaps_of(means: StaffMeans) -> Gaps:
    """Return the categories that keep coming, of the hall's case store."""
    return Gaps(means.casework.desk.store)


def find_gaps(means: StaffMeans) -> tuple[Gap, ...]:
    """Return what keeps coming without a guide, the most frequent first."""
    known = load_categories()
    coming = [(known[one.category], one.count) for one in gaps_of(means).coming()]
    missing = [(category, count) for category, count in coming if means.guide_for(names_of(category)) is None]
    titles = _titles_in_work(means) if missing else {}
    return tuple(
        Gap(category.id, category.name["zh"], str(category.kind), count, _draft_of(category, titles))
        for category, count in missing
    )


def find_needed(means: StaffMeans) -> Needed:
    """Return the gaps together with what was settled."""
    known = load_categories()
    settled = [one for one in gaps_of(means).settled() if one.category in known]
    return Needed(find_gaps(means), tuple((known[one.category].name["zh"], one) for one in settled))


def names_of(category: Category) -> tuple[str, ...]:
    """Return what a category is called and heard by, in Chinese, as the guides are."""
    return tuple(
        dict.fromkeys([category.name["zh"], *(word for word in category.says if not word.isascii())])
    )


def _titles_in_work(means: StaffMeans) -> dict[str, str]:
    return {draft.guide_id: str(draft.content.get("title") or "") for draft in means.editorial.drafts()}


def _draft_of(category: Category, titles: dict[str, str]) -> tuple[str, str] | None:
    name = normalise(category.name["zh"])
    return next(((guide, title) for guide, title in titles.items() if name in normalise(title)), None)
