"""Figures of the console: what is asked at which door, how it went, and how fresh the guides are.

Counts come from turn rows, which hold no words; what people wrote is in none of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from knowledge.guide import Completeness, Guide
from language.reply import Decision

MOST_HOT = 50
# How old the newest dated source of a guide may be before the figures call it old.
OLD_SOURCE_YEARS = 3


@dataclass(frozen=True)
class TurnCount:
    """How many turns of one day, door and kind there were. `guide_id` is set where one was answered."""

    day: date
    door: str
    decision: str
    guide_id: str | None
    aspect: str | None
    turns: int


@dataclass(frozen=True)
class RatingCount:
    """How many ratings gave so many stars; `guide_id` is the guide that was rated."""

    stars: int
    guide_id: str | None
    ratings: int


@dataclass(frozen=True)
class Group:
    """The turns of one day or one door, silent ones left out; `decisions` counts what they did."""

    name: str  # an ISO day, or a door
    turns: int
    decisions: Mapping[str, int]

    def share(self, decision: Decision) -> float | None:
        """Return a decision's share of the questions, None where nothing was asked."""
        asked = sum(self.decisions.get(str(one), 0) for one in QUESTIONS)
        return self.decisions.get(str(decision), 0) / asked if asked else None


QUESTIONS = (Decision.ANSWER, Decision.CLARIFY, Decision.DECLINE)


@dataclass(frozen=True)
class Hot:
    """A guide that is asked for, or one aspect of it. `title` is its id where it is published no more."""

    guide_id: str
    title: str
    department: str
    aspect: str | None  # None for the guide as a whole
    answers: int
    bad_ratings: int = 0


@dataclass(frozen=True)
class DepartmentFigures:
    """A department's guides, how often they were answered, and how often what was near them was not."""

    name: str
    full: int
    partial: int
    pointer: int
    answers: int
    unanswered: int

    @property
    def guides(self) -> int:
        """All of them."""
        return self.full + self.partial + self.pointer


class Age(StrEnum):
    """What staff should do something about, the most urgent first."""

    EXPIRED = "expired"
    REVIEW_DUE = "review_due"
    NEVER_VERIFIED = "never_verified"
    OLD_SOURCE = "old_source"
    UNDATED = "undated"
    FRESH = "fresh"


@dataclass(frozen=True)
class Freshness:
    """How old what a guide says is."""

    guide_id: str
    title: str
    department: str
    age: Age
    verified_on: date | None
    review_by: date | None
    expires_on: date | None
    newest_source: str | None  # as the source gives it: a year, a month or a day
    answers: int


@dataclass(frozen=True)
class Figures:
    """All figures of a span of days, both ends included."""

    first: date
    last: date
    turns: int
    decisions: Mapping[str, int]
    days: tuple[Group, ...]  # every day of the span, in order
    doors: tuple[Group, ...]  # the busiest first
    hot_guides: tuple[Hot, ...]
    hot_questions: tuple[Hot, ...]  # by guide and aspect
    departments: tuple[DepartmentFigures, ...]
    freshness: tuple[Freshness, ...]  # the most urgent first, then the most asked
    ages: Mapping[str, int]  # how many guides of each age
    stars: Mapping[int, int]  # ratings by stars


def make_figures(
    span: tuple[date, date],
    turns: Sequence[TurnCount],
    ratings: Sequence[RatingCount],
    guides: Sequence[Guide],
    unanswered: Mapping[str, int],
    today: date,
) -> Figures:
    """Return the figures of a span of days. `unanswered` counts questions by the guide nearest to them."""
    heard = [count for count in turns if count.decision != Decision.SILENT]
    answers = _sum(heard, lambda one: one.guide_id if one.decision == Decision.ANSWER else None)
    fresh = [_freshness(guide, today, answers.get(guide.id, 0)) for guide in guides]
    order = list(Age)
    return Figures(
        first=span[0],
        last=span[1],
        turns=sum(count.turns for count in heard),
        decisions=_by_decision(heard),
        days=_days(span, heard),
        doors=_doors(heard),
        hot_guides=_hot_guides(guides, answers, ratings),
        hot_questions=_hot_questions(guides, heard),
        departments=_departments(guides, answers, unanswered),
        freshness=tuple(sorted(fresh, key=lambda one: (order.index(one.age), -one.answers, one.guide_id))),
        ages={str(age): sum(one.age is age for one in fresh) for age in Age},
        stars={stars: sum(r.ratings for r in ratings if r.stars == stars) for stars in range(1, 6)},
    )


def days_between(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _days(span: tuple[date, date], counts: Iterable[TurnCount]) -> tuple[Group, ...]:
    by_day: dict[date, list[TurnCount]] = {day: [] for day in days_between(*span)}
    for count in counts:
        by_day.setdefault(count.day, []).append(count)
    return tuple(_group(day.isoformat(), by_day[day]) for day in sorted(by_day))


def _doors(counts: Iterable[TurnCount]) -> tuple[Group, ...]:
    by_door: dict[str, list[TurnCount]] = {}
    for count in counts:
        by_door.setdefault(count.door, []).append(count)
    groups = (_group(door, members) for door, members in by_door.items())
    return tuple(sorted(groups, key=lambda group: (-group.turns, group.name)))


def _group(name: str, counts: Sequence[TurnCount]) -> Group:
    return Group(name, sum(count.turns for count in counts), _by_decision(counts))


def _by_decision(counts: Iterable[TurnCount]) -> dict[str, int]:
    return _sum(counts, lambda one: one.decision)


def _sum(counts: Iterable[TurnCount], name_of: Callable[[TurnCount], str | None]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        name = name_of(count)
        if name is not None:
            total[name] += count.turns
    return dict(total)


def _hot_guides(
    guides: Sequence[Guide], answers: Mapping[str, int], ratings: Iterable[RatingCount]
) -> tuple[Hot, ...]:
    bad: Counter[str] = Counter()
    for rating in ratings:
        if rating.guide_id and rating.stars <= 2:
            bad[rating.guide_id] += rating.ratings
    known = {guide.id: guide for guide in guides}
    ranked = sorted(answers.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_HOT]
    return tuple(_hot(known.get(one), one, None, number, bad[one]) for one, number in ranked)


def _hot_questions(guides: Sequence[Guide], counts: Iterable[TurnCount]) -> tuple[Hot, ...]:
    asked: Counter[tuple[str, str | None]] = Counter()
    for count in counts:
        if count.guide_id is not None and count.decision == Decision.ANSWER:
            asked[count.guide_id, count.aspect] += count.turns
    known = {guide.id: guide for guide in guides}
    ranked = sorted(asked.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or ""))[:MOST_HOT]
    return tuple(_hot(known.get(one), one, aspect, number) for (one, aspect), number in ranked)


def _hot(guide: Guide | None, guide_id: str, aspect: str | None, answers: int, bad: int = 0) -> Hot:
    title, department = (guide.title, guide.department) if guide else (guide_id, "")
    return Hot(guide_id, title, department, aspect, answers, bad)


def _departments(
    guides: Sequence[Guide], answers: Mapping[str, int], unanswered: Mapping[str, int]
) -> tuple[DepartmentFigures, ...]:
    by_name: dict[str, list[Guide]] = {}
    for guide in guides:
        by_name.setdefault(guide.department, []).append(guide)
    made = (
        DepartmentFigures(
            name=name,
            full=sum(guide.completeness is Completeness.FULL for guide in members),
            partial=sum(guide.completeness is Completeness.PARTIAL for guide in members),
            pointer=sum(guide.completeness is Completeness.POINTER for guide in members),
            answers=sum(answers.get(guide.id, 0) for guide in members),
            unanswered=sum(unanswered.get(guide.id, 0) for guide in members),
        )
        for name, members in by_name.items()
    )
    return tuple(sorted(made, key=lambda one: (-one.answers, -one.guides, one.name)))


def _freshness(guide: Guide, today: date, answers: int) -> Freshness:
    newest = guide.source_date_for()
    return Freshness(
        guide_id=guide.id,
        title=guide.title,
        department=guide.department,
        age=_age(guide, newest, today),
        verified_on=guide.verified_on,
        review_by=guide.review_by,
        expires_on=guide.expires_on,
        newest_source=newest,
        answers=answers,
    )


def _age(guide: Guide, newest_source: str | None, today: date) -> Age:
    if guide.is_expired(today):
        return Age.EXPIRED
    if guide.review_due(today):
        return Age.REVIEW_DUE
    if guide.verified_on is not None:
        return Age.FRESH
    if newest_source is None:
        return Age.UNDATED
    # Staff of the hall never looked: then at least the source ought to be recent.
    return Age.OLD_SOURCE if today.year - int(newest_source[:4]) >= OLD_SOURCE_YEARS else Age.NEVER_VERIFIED
