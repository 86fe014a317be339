"""What the matcher needs of guides: how they are called, asked for and asked for how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from knowledge.forms import Entry
from knowledge.guide import Guide


def entries_of(
    guides: Iterable[Guide], id_of: Callable[[Guide], str] = lambda guide: guide.id
) -> list[Entry]:
    """Return the guides as what the index needs of them, under their ids or what `id_of` gives."""
    listed = list(guides)
    ids = {guide.title: id_of(guide) for guide in listed}
    return [
        Entry(
            id=id_of(guide),
            names=(guide.title, guide.plain_name, *guide.aliases),
            phrasings=guide.phrasings,
            popularity=guide.popularity,
            neighbours=tuple(ids[other.title] for other in guide.neighbours if other.title in ids),
            body=tuple(_body(guide)),
            english=(guide.english.title, *guide.english.phrasings) if guide.english else (),
        )
        for guide in listed
    ]


def _body(guide: Guide) -> Iterator[str]:
    """Yield what a guide says of whom it is for, of what is needed and of what comes of it."""
    yield from filter(None, (guide.audience, guide.fee, guide.result, guide.agent and guide.agent.text))
    yield from (*guide.life_events, *guide.conditions, *guide.steps)
    for material in guide.materials:
        yield from filter(None, (material.name, material.when, material.note))
    yield from (amount.what for amount in guide.amounts)
