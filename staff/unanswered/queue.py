"""The queue as a page shows it: clusters with the guides that come nearest."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.clusters import Cluster, cluster
from knowledge.unanswered import texts_of
from staff.guide_names import names_of
from staff.means import StaffMeans

PAGE_CARDS = 20
MOST_NEAREST = 4
MOST_WORDINGS = 12


@dataclass(frozen=True)
class Near:
    """A guide that may be meant, and how sure the live guides are of it; None where it was met in vain."""

    id: str
    title: str
    confidence: float | None


@dataclass(frozen=True)
class Card:
    """A cluster, its wordings, and the guides that may be meant, likeliest first."""

    cluster: Cluster
    wordings: tuple[str, ...]
    more_wordings: int
    nearest: tuple[Near, ...]

    @property
    def question_ids(self) -> str:
        """Return the ids as a form carries them."""
        return ",".join(str(question.id) for question in self.cluster.questions)


@dataclass(frozen=True)
class Seen:
    """One page of the queue. `waiting` counts questions, `found` the clusters that fit the filter."""

    cards: tuple[Card, ...]
    waiting: int
    found: int
    doors: tuple[str, ...]


class Queue:
    """Keeps the clusters until the queue changes: putting 3,000 questions together takes seconds."""

    def __init__(self, means: StaffMeans) -> None:
        self._means = means
        self._lock = threading.Lock()
        self._mark: tuple[int, int] | None = None
        self._clusters: Sequence[Cluster] = ()

    def page(self, number: int, reason: str, door: str) -> Seen:
        """Return a page of the clusters that hold a reason and a door; empty means any."""
        mark, clusters = self._current()
        fitting = [
            one
            for one in clusters
            if (not reason or reason in one.reasons) and (not door or door in one.doors)
        ]
        start = (number - 1) * PAGE_CARDS
        cards = tuple(card_of(self._means, one) for one in fitting[start : start + PAGE_CARDS])
        doors = tuple(sorted({name for one in clusters for name in one.doors}))
        return Seen(cards, mark[0], len(fitting), doors)

    def _current(self) -> tuple[tuple[int, int], Sequence[Cluster]]:
        mark = self._means.unanswered.mark()
        with self._lock:
            if mark != self._mark:
                self._clusters = cluster(self._means.unanswered.waiting())
                self._mark = mark
            return mark, self._clusters


def card_of(means: StaffMeans, found: Cluster) -> Card:
    """Return a cluster with its wordings, the most asked first, and the guides that it may mean."""
    wordings = list(dict.fromkeys([found.label, *texts_of(found.questions)]))
    judged = {match.guide_id: match.confidence for match in means.judge(found.label).matches}
    likely = list(dict.fromkeys([*(guide_id for guide_id, _ in found.nearest), *judged]))
    names: Mapping[str, str] = {guide.id: guide.title for guide in means.guides()}
    nearest = [Near(one, names[one], judged.get(one)) for one in likely if one in names][:MOST_NEAREST]
    return Card(found, tuple(wordings[:MOST_WORDINGS]), max(0, len(wordings) - MOST_WORDINGS), tuple(nearest))


def title_of(means: StaffMeans, guide_id: str) -> str:
    """Return what a guide is called."""
    return names_of(means, [guide_id])[guide_id]
