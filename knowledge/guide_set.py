"""Guides side by side: one wording may lead to one guide only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from knowledge.guide import Guide
from knowledge.problems import GuideError, GuideErrors
from language.normalise import normalise


def check_set(guides: Iterable[Guide], places: Sequence[str] = ()) -> None:
    """Refuse ids used twice, and a title, everyday name, alias or phrasing that two guides share.

    A wording that names two guides could be answered with either, and the resident would get one by chance.
    Wordings are compared as matching compares them (no punctuation, one case). `places` tells where each
    guide stands, for the messages; without it each is named by its id. Raises GuideErrors.
    """
    errors: list[GuideError] = []
    ids: set[str] = set()
    owners: dict[str, tuple[Guide, str]] = {}
    for number, guide in enumerate(guides):
        file = places[number] if places else f"{guide.id}.yml"
        if guide.id in ids:
            errors.append(GuideError(file, "id", "id_taken", {"id": guide.id}))
            continue
        ids.add(guide.id)
        for field, text in wordings_of(guide):
            owner, owner_field = owners.setdefault(normalise(text), (guide, field))
            if owner is not guide:
                values = {"text": text, "other": f"{owner.id} {owner.title}", "other_field": owner_field}
                errors.append(GuideError(file, field, "name_taken", values))
    if errors:
        raise GuideErrors(errors)


def wordings_of(guide: Guide) -> Iterator[tuple[str, str]]:
    """Yield each wording that leads to a guide, with the field it stands in."""
    yield "title", guide.title
    yield "plain_name", guide.plain_name
    for position, alias in enumerate(guide.aliases):
        yield f"aliases[{position}]", alias
    for position, phrasing in enumerate(guide.phrasings):
        yield f"phrasings[{position}]", phrasing
    if guide.english:
        yield "english.title", guide.english.title
        for position, phrasing in enumerate(guide.english.phrasings):
            yield f"english.phrasings[{position}]", phrasing
