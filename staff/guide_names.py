"""What guides are called: pages name a guide by its official name, never by its id alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from knowledge.guide import Guide
from knowledge.problems import GuideErrors
from knowledge.revisions import NoSuchRevision
from language.normalise import normalise
from staff.means import StaffMeans

MOST_OFFERED = 12


def names_of(
    means: StaffMeans, guide_ids: Iterable[str | None], revisions: Mapping[str, int | None] | None = None
) -> dict[str, str]:
    """Return the official names of guides, by id.

    One that residents do not see is looked up in `revisions` (id to the number of one that names it); what
    is found nowhere is called by its id.
    """
    live = {guide.id: guide.title for guide in means.guides()}
    wanted = {guide_id for guide_id in guide_ids if guide_id}
    known = revisions or {}
    return {one: live.get(one) or _title_of(means, one, known.get(one)) for one in wanted}


def resolve(guides: Sequence[Guide], typed: str) -> Guide | None:
    """Return the one guide that is called so: by id, official name, everyday name or alias."""
    wanted = normalise(typed)
    if not wanted:
        return None
    official = [guide for guide in guides if wanted in map(_fold, (guide.id, guide.title))]
    found = official or [guide for guide in guides if wanted in map(_fold, _names(guide))]
    return found[0] if len(found) == 1 else None


def offer(guides: Sequence[Guide], typed: str, likely: Sequence[str] = ()) -> list[Guide]:
    """Return guides to choose from: those whose names hold what was typed, then the `likely` ones."""
    wanted = normalise(typed)
    held = [guide for guide in guides if wanted and any(wanted in _fold(name) for name in _names(guide))]
    held.sort(key=lambda guide: (len(guide.title), guide.id))
    by_id = {guide.id: guide for guide in guides}
    nearest = [by_id[one] for one in likely if one in by_id]
    return list({guide.id: guide for guide in [*held[:MOST_OFFERED], *nearest]}.values())[:MOST_OFFERED]


@lru_cache(maxsize=200_000)
def _fold(name: str) -> str:
    """Return a name as it is compared: kept, since every letter that is typed looks through all guides."""
    return normalise(name)


def _names(guide: Guide) -> tuple[str, ...]:
    return (guide.id, guide.title, guide.plain_name, *guide.aliases)


def _title_of(means: StaffMeans, guide_id: str, revision: int | None) -> str:
    if revision is None:
        newest = means.editorial.history(guide_id)
        if not newest:
            return guide_id
        revision = newest[0].revision
    try:
        return means.editorial.revision(guide_id, revision).title
    except (NoSuchRevision, GuideErrors):
        return guide_id
