"""Puts like questions together, so that staff settle a hundred of them with one look."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from knowledge.aspects import Wordings
from knowledge.concepts import Concepts
from knowledge.weights import PRIOR_SHARE, shipped_survival
from language.normalise import normalise

# From here on two questions are about one thing. Chosen by eye on forty that no shipped guide answers:
# above .62 what people say of one matter falls apart, below .5 passports meet driving licences.
ALIKE_FROM = 0.55
# Two questions that the matcher took for the same guide are a little more alike.
SAME_GUIDE_BONUS = 0.05
CONCEPTS_WEIGH = 0.25
# How often a character stands in a question about something else; about the mean over the shipped guides.
_CHARACTER_SHARE = 0.08
_LEAST_WEIGHT = 0.05


@dataclass(frozen=True)
class Question:
    """One question that went badly."""

    id: int
    text: str
    reason: str
    door: str
    guide_id: str | None
    at: datetime


@dataclass(frozen=True)
class Cluster:
    """Like questions. `id` stays while its oldest question is there; counts are by name."""

    id: str
    label: str  # the wording asked most often
    size: int
    questions: tuple[Question, ...]  # newest first
    reasons: Mapping[str, int]
    doors: Mapping[str, int]
    first_at: datetime
    last_at: datetime
    nearest: tuple[tuple[str, int], ...]  # (guide id, how many questions), the most frequent first


@dataclass(frozen=True)
class _Parts:
    """What a question is compared by."""

    characters: frozenset[str]
    concepts: frozenset[str]
    weight: float  # of all its characters
    guide_id: str | None

    @classmethod
    def of(cls, question: Question) -> _Parts:
        topic = _wordings().topic(question.text)
        characters = frozenset(topic)
        return cls(characters, _concepts().find(topic), _weigh(characters), question.guide_id)


@dataclass
class _Group:
    """A cluster while it grows; its leader is its oldest question."""

    leader: _Parts
    members: list[Question] = field(default_factory=list)


def cluster(questions: Iterable[Question]) -> list[Cluster]:
    """Return the questions in clusters, the largest first, then the most recent.

    From the oldest on, each question joins the leader that it resembles most, or leads a cluster of its own:
    so what comes later never moves what was put together before.
    """
    groups: list[_Group] = []
    by_text: dict[str, _Group] = {}
    by_character: dict[str, list[int]] = {}
    for question in sorted(questions, key=lambda one: one.id):
        whole = normalise(question.text)
        if whole not in by_text:
            parts = _Parts.of(question)
            group = _most_alike(groups, by_character, parts)
            if group is None:
                group = _Group(parts)
                for character in parts.characters:
                    by_character.setdefault(character, []).append(len(groups))
                groups.append(group)
            by_text[whole] = group
        by_text[whole].members.append(question)
    made = [_cluster(group) for group in groups]
    return sorted(made, key=lambda one: (-one.size, -one.last_at.timestamp(), one.id))


def _most_alike(
    groups: Sequence[_Group], by_character: Mapping[str, list[int]], parts: _Parts
) -> _Group | None:
    """Return the group whose leader is most alike, None where none is alike enough."""
    sharing = {number for character in parts.characters for number in by_character.get(character, ())}
    best, most = None, ALIKE_FROM
    for number in sorted(sharing):
        alike = _likeness(parts, groups[number].leader)
        if alike > most:
            best, most = groups[number], alike
    return best


def _likeness(one: _Parts, other: _Parts) -> float:
    """Return how alike two questions are, about 0 to 1: by characters that tell much, and by concepts."""
    shared = _weigh(one.characters & other.characters)
    characters = shared / (one.weight + other.weight) + shared / (2 * min(one.weight, other.weight))
    bonus = SAME_GUIDE_BONUS if one.guide_id and one.guide_id == other.guide_id else 0.0
    both = len(one.concepts) + len(other.concepts)
    if not both:
        return characters + bonus
    concepts = 2 * len(one.concepts & other.concepts) / both
    return (1 - CONCEPTS_WEIGH) * characters + CONCEPTS_WEIGH * concepts + bonus


def _weigh(characters: Iterable[str]) -> float:
    """Return what characters tell together: how sure they come again in a question that means the same."""
    known = shipped_survival()
    total = _LEAST_WEIGHT
    for character in characters:
        survival = min(0.97, max(0.1, known.get(character, PRIOR_SHARE)))
        odds = survival * (1 - _CHARACTER_SHARE) / (_CHARACTER_SHARE * (1 - survival))
        total += max(_LEAST_WEIGHT, math.log(odds))
    return total


def _cluster(group: _Group) -> Cluster:
    members = sorted(group.members, key=lambda one: (one.at, one.id))
    wordings = Counter(normalise(question.text) for question in members)
    label = max(members, key=lambda one: (wordings[normalise(one.text)], -one.id)).text
    nearest = Counter(question.guide_id for question in members if question.guide_id)
    return Cluster(
        id=f"q{group.members[0].id}",
        label=label,
        size=len(members),
        questions=tuple(reversed(members)),
        reasons=dict(Counter(question.reason for question in members).most_common()),
        doors=dict(Counter(question.door for question in members).most_common()),
        first_at=members[0].at,
        last_at=members[-1].at,
        nearest=tuple(nearest.most_common(4)),
    )


@cache
def _wordings() -> Wordings:
    return Wordings()


@cache
def _concepts() -> Concepts:
    return Concepts()
