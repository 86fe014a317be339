"""Our own guides as a test of the matcher: their phrasings are asked while they are held aside.

Two ways, since each hides what the other shows: a random quarter of each guide's phrasings at a time (how
well a new question in a known style is found), and one whole style at a time, of all guides (how well a style
that nobody wrote down is found). In every round some guides are taken away whole while their neighbours stay
(oos_sibling: the hardest to refuse), and matters of other offices are asked that were held aside as well
(oos_near). The same figures are the gate for a release: measure(guides).figures().
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from knowledge.encoder import Encoder
from knowledge.evaluation import Build, Figures, Judge, Progress, Question, Run, grouped, joined, report, run
from knowledge.forms import Entry
from knowledge.guide import Guide
from knowledge.matching import Matcher, entries_of
from knowledge.meanings import Meanings, texts_of
from knowledge.others import Others, read_elsewhere, read_other_offices
from knowledge.styles import rules, style_of

QUARTERS = 4
# One guide in so many is taken away whole in each round.
GUIDES_AWAY = 8
# Below so many phrasings a style says nothing by itself.
FEWEST_OF_STYLE = 30

_SEED = 11


@dataclass(frozen=True)
class Measured:
    """The runs over held-aside phrasings: random quarters, and each style as a whole."""

    quarters: Run
    styles: dict[str, Run] = field(default_factory=dict)

    def figures(self) -> dict[str, Figures | dict[str, Figures] | float | int | None]:
        """Return the figures of the quarters, together, by style and by kind; then of held-aside styles."""
        return {
            **report(self.quarters),
            "by_style": {name: report(run) for name, run in by_style(self.quarters).items()},
            "by_kind": {name: report(run) for name, run in by_kind(self.quarters).items()},
            "styles_held_aside": {name: report(run) for name, run in self.styles.items()},
            "all_styles_held_aside": report(joined(self.styles.values())) if self.styles else {},
        }


def by_style(done: Run) -> dict[str, Run]:
    """Return the run by the style of its questions; those about other things have none and are left out."""
    own = [p for p in done.predictions if p.question.kind in ("in", "oos_sibling")]
    kept = Run(tuple(own), done.seconds * len(own) / max(len(done.predictions), 1), done.build_seconds)
    return grouped(kept, lambda prediction: style_of(prediction.question.text))


def by_kind(done: Run) -> dict[str, Run]:
    """Return the run by the kind of its questions: in, oos_sibling, oos_near, oos_far."""
    return grouped(done, lambda prediction: prediction.question.kind)


def measure(
    guides: Sequence[Guide],
    build: Build | None = None,
    progress: Callable[[str, float], None] = lambda what, share: None,
    *,
    styles: bool = True,
    rounds: int = QUARTERS,
    encoder: Encoder | None = None,
) -> Measured:
    """Ask the guides' phrasings, each while it is held aside: by quarters and, unless told not to, by style.

    The id of an entry is its official name. `build` makes another matcher than ours, to compare. `progress`
    is told what is being done and how far it is, 0 to 1. `rounds` is how many of the quarters are asked: one
    already compares matchers, where building one takes minutes. Ours asks the `encoder`, where one is given.
    """
    entries = entries_of(guides, id_of=lambda guide: guide.title)
    known = None if build else _meanings(entries, encoder, _stage(progress, "encoding all texts once"))
    asides = _quarters(entries)
    quarters = [
        _round(entries, place, aside, build, _stage(progress, f"quarter {place + 1} of {QUARTERS}"), known)
        for place, aside in enumerate(asides[:rounds])
    ]
    measured = Measured(joined(quarters))
    if styles:
        for place, (style, aside) in enumerate(_styles(entries)):
            measured.styles[style] = _round(
                entries, place, aside, build, _stage(progress, f"without the style '{style}'"), known
            )
    return measured


def _stage(progress: Callable[[str, float], None], what: str) -> Progress:
    return lambda share: progress(what, share)


def _quarters(entries: Iterable[Entry]) -> list[set[tuple[str, str]]]:
    """Deal out each entry's phrasings at random, the same way each time."""
    asides: list[set[tuple[str, str]]] = [set() for _ in range(QUARTERS)]
    for entry in entries:
        dealt = list(entry.phrasings)
        random.Random(f"{_SEED} {entry.id}").shuffle(dealt)
        for place, phrasing in enumerate(dealt):
            asides[place % QUARTERS].add((entry.id, phrasing))
    return asides


def _styles(entries: Sequence[Entry]) -> list[tuple[str, set[tuple[str, str]]]]:
    asides: dict[str, set[tuple[str, str]]] = {rule.style: set() for rule in rules()}
    for entry in entries:
        for phrasing in entry.phrasings:
            asides[style_of(phrasing)].add((entry.id, phrasing))
    return [(style, aside) for style, aside in asides.items() if len(aside) >= FEWEST_OF_STYLE]


def _round(
    entries: Sequence[Entry],
    place: int,
    aside: set[tuple[str, str]],
    build: Build | None,
    progress: Progress,
    known: Meanings | None,
) -> Run:
    """Build a matcher without what is held aside; ask it just that, and some questions about other things."""
    away = {entry.id for number, entry in enumerate(entries) if number % GUIDES_AWAY == place % GUIDES_AWAY}
    stay = [_without(entry, aside) for entry in entries if entry.id not in away]
    questions = [
        Question(
            f"{entry.id}-{number}",
            phrasing,
            *((None, "oos_sibling") if entry.id in away else (entry.id, "in")),
        )
        for entry in entries
        for number, phrasing in enumerate(entry.phrasings)
        if (entry.id, phrasing) in aside
    ]
    offices = [_part(office, place) for office in read_other_offices()]
    near = [text for _, aside_texts in offices for text in aside_texts]
    elsewhere = read_elsewhere()
    far = elsewhere[place % QUARTERS :: QUARTERS]
    for kind, texts in (("near", near), ("far", far)):
        questions += [
            Question(f"{kind}-{place}-{n}", text, None, f"oos_{kind}") for n, text in enumerate(texts)
        ]
    others = Others([office for office, _ in offices], [text for text in elsewhere if text not in far])
    begun = time.perf_counter()
    judge = build(stay) if build else _ours(stay, others, progress, known)
    return run(judge, questions, time.perf_counter() - begun, lambda share: progress(0.5 + share / 2))


def _part(office: Entry, place: int) -> tuple[Entry, Sequence[str]]:
    """Return another office's matter without what is held aside of it, and that."""
    aside = office.phrasings[place % QUARTERS :: QUARTERS]
    return replace(office, phrasings=tuple(text for text in office.phrasings if text not in aside)), aside


def _ours(entries: Sequence[Entry], others: Others, progress: Progress, known: Meanings | None) -> Judge:
    return Matcher.from_entries(
        entries, lambda share: progress(share / 2), others=others, encoder=known
    ).judge


def _meanings(entries: Sequence[Entry], encoder: Encoder | None, progress: Progress) -> Meanings | None:
    """Return what the encoder makes of every text, which each round would else ask it anew."""
    if encoder is None:
        return None
    return Meanings(encoder).of_texts(texts_of([*entries, *read_other_offices()], read_elsewhere()), progress)


def _without(entry: Entry, aside: set[tuple[str, str]]) -> Entry:
    return replace(entry, phrasings=tuple(text for text in entry.phrasings if (entry.id, text) not in aside))
