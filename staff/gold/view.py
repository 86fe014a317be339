"""What the gold pages show: questions by the guide that answers them, and how the live guides do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.gold import GoldQuestion, first_of, points
from language.normalise import normalise
from staff.guide_names import names_of
from staff.means import StaffMeans

PAGE_ROWS = 50
KINDS = ("guide", "decline", "gone")


@dataclass(frozen=True)
class Listed:
    """One page of questions. `gone` are the ids of guides that residents do not see any more."""

    questions: tuple[GoldQuestion, ...]
    names: Mapping[str, str]
    gone: frozenset[str]
    found: int
    all: int
    declined: int


@dataclass(frozen=True)
class Wanted:
    """Which questions to show: words in them or in the guide's name, and a kind; empty means any."""

    words: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Asked:
    """A gold question and what residents would get for it now. `points` is 1, 0.5 or 0."""

    question: GoldQuestion
    points: float
    decision: str
    first: str | None
    confidence: float | None


@dataclass(frozen=True)
class Run:
    """The whole set asked of the live guides, the worst first."""

    asked: tuple[Asked, ...]
    names: Mapping[str, str]

    @property
    def total(self) -> float:
        """Return the points of all questions together."""
        return sum(one.points for one in self.asked)

    def having(self, points: float) -> list[Asked]:
        """Return the questions with so many points."""
        return [one for one in self.asked if one.points == points]


def list_questions(means: StaffMeans, wanted: Wanted, page: int) -> Listed:
    """Return one page of the questions that fit, the newest first."""
    questions = means.gold.questions()
    live = {guide.id: guide.title for guide in means.guides()}
    gone = {one.guide_id for one in questions if one.guide_id and one.guide_id not in live}
    names = {**live, **names_of(means, gone)}
    fitting = [one for one in reversed(questions) if _fits(one, wanted, names, gone)]
    start = (page - 1) * PAGE_ROWS
    return Listed(
        tuple(fitting[start : start + PAGE_ROWS]),
        names,
        frozenset(gone),
        len(fitting),
        len(questions),
        sum(one.guide_id is None for one in questions),
    )


def run(means: StaffMeans) -> Run:
    """Ask every gold question of the live guides: a few milliseconds each."""
    asked = [_ask(means, question) for question in means.gold.questions()]
    asked.sort(key=lambda one: (one.points, one.question.id))
    named = [guide_id for one in asked for guide_id in (one.question.guide_id, one.first)]
    return Run(tuple(asked), names_of(means, named))


def _ask(means: StaffMeans, question: GoldQuestion) -> Asked:
    judged = means.judge(question.text)
    confidence = judged.matches[0].confidence if judged.matches else None
    right = points(judged, question.guide_id)
    return Asked(question, right, str(judged.decision), first_of(judged), confidence)


def _fits(
    question: GoldQuestion, wanted: Wanted, names: Mapping[str, str], gone: Sequence[str] | set[str]
) -> bool:
    if wanted.kind == "decline" and question.guide_id is not None:
        return False
    if wanted.kind == "guide" and question.guide_id is None:
        return False
    if wanted.kind == "gone" and question.guide_id not in gone:
        return False
    words = normalise(wanted.words)
    name = names.get(question.guide_id, "") if question.guide_id else ""
    return not words or words in normalise(question.text) or words in normalise(name)
