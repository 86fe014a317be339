"""What the console counts, and the workbook of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from knowledge.figure_sheets import figure_words, write_figures
from knowledge.figures import Age, Figures, RatingCount, TurnCount, make_figures
from knowledge.guide import Aspect, Guide
from knowledge.guide_file import parse_guide
from language.reply import Decision

MONDAY, WEDNESDAY = date(2026, 5, 4), date(2026, 5, 6)
Make = Callable[[str], dict[str, Any]]

TURNS = [
    TurnCount(MONDAY, "chat", "answer", "one", "materials", 5),
    TurnCount(MONDAY, "kiosk", "answer", "one", "fee", 2),
    TurnCount(MONDAY, "chat", "decline", None, None, 3),
    TurnCount(WEDNESDAY, "chat", "answer", "gone", "overview", 4),
    TurnCount(WEDNESDAY, "group", "silent", None, None, 90),
    TurnCount(WEDNESDAY, "group", "clarify", None, None, 1),
    TurnCount(WEDNESDAY, "chat", "decline", "two", None, 1),
]
RATINGS = [
    RatingCount(1, "one", 2),
    RatingCount(5, "one", 7),
    RatingCount(2, None, 1),
]


def guide(make: Make, guide_id: str, **more: object) -> Guide:
    return parse_guide({**make(guide_id), **more}, guide_id)


def figures_of(guides: list[Guide], **unanswered: int) -> Figures:
    return make_figures((MONDAY, WEDNESDAY), TURNS, RATINGS, guides, unanswered, WEDNESDAY)


@pytest.fixture
def figures(other_guide: Make) -> Figures:
    one = guide(other_guide, "one", department="公安")
    return figures_of([one, guide(other_guide, "two"), guide(other_guide, "three")], one=6, two=1)


def test_turns_are_counted_by_day_and_door_without_the_silent_ones(figures: Figures) -> None:
    assert figures.turns == 16
    assert [(day.name, day.turns) for day in figures.days] == [
        ("2026-05-04", 10),
        ("2026-05-05", 0),
        ("2026-05-06", 6),
    ]
    assert [(door.name, door.turns) for door in figures.doors] == [("chat", 13), ("kiosk", 2), ("group", 1)]
    assert figures.decisions == {"answer": 11, "decline": 4, "clarify": 1}


def test_a_share_is_one_of_the_questions(figures: Figures) -> None:
    monday, tuesday, _ = figures.days
    assert monday.share(Decision.ANSWER) == 0.7
    assert tuesday.share(Decision.ANSWER) is None


def test_hot_guides_and_questions_are_those_answered_most(figures: Figures) -> None:
    assert [(hot.guide_id, hot.answers, hot.bad_ratings) for hot in figures.hot_guides] == [
        ("one", 7, 2),
        ("gone", 4, 0),
    ]
    assert figures.hot_guides[1].title == "gone"
    assert [(hot.guide_id, hot.aspect, hot.answers) for hot in figures.hot_questions] == [
        ("one", "materials", 5),
        ("gone", "overview", 4),
        ("one", "fee", 2),
    ]


def test_departments_show_what_they_have_what_was_asked_and_what_was_missing(figures: Figures) -> None:
    police, civil = figures.departments
    assert (police.name, police.pointer, police.answers, police.unanswered) == ("公安", 1, 7, 6)
    assert (civil.name, civil.guides, civil.answers, civil.unanswered) == ("民政", 2, 0, 1)


def test_ratings_are_counted_by_stars(figures: Figures) -> None:
    assert figures.stars == {1: 2, 2: 1, 3: 0, 4: 0, 5: 7}


def source(day: str | None) -> dict[str, object]:
    return {"sources": [{"title": "公告", "date": day}]}


@pytest.mark.parametrize(
    ("more", "age"),
    [
        ({"expires_on": "2026-05-05", "review_by": "2026-01-01"}, Age.EXPIRED),
        ({"review_by": "2026-05-06", "verified_on": "2026-05-01"}, Age.REVIEW_DUE),
        ({"verified_on": "2026-05-01", "expires_on": "2026-05-06"}, Age.FRESH),
        (source("2025-03"), Age.NEVER_VERIFIED),
        (source("2023"), Age.OLD_SOURCE),
        (source(None), Age.UNDATED),
        ({}, Age.UNDATED),
    ],
)
def test_a_guide_is_as_old_as_its_dates_say(other_guide: Make, more: dict[str, object], age: Age) -> None:
    (fresh,) = figures_of([guide(other_guide, "one", **more)]).freshness
    assert fresh.age is age


def test_what_is_most_urgent_and_most_asked_comes_first(other_guide: Make) -> None:
    guides = [
        guide(other_guide, "fresh", verified_on="2026-05-01"),
        guide(other_guide, "three", expires_on="2026-01-01"),
        guide(other_guide, "one", expires_on="2026-01-01"),
    ]
    made = figures_of(guides)
    assert [one.guide_id for one in made.freshness] == ["one", "three", "fresh"]
    assert (made.ages["expired"], made.ages["fresh"], made.ages["undated"]) == (2, 1, 0)


def test_the_workbook_holds_every_table_with_numbers_as_numbers(figures: Figures) -> None:
    book = load_workbook(io.BytesIO(write_figures(figures)))
    assert book.sheetnames == list(figure_words()["sheets"].values())
    days = list(book["按天"].values)
    assert days[0][:3] == ("日期", "次数", "已回答")
    assert days[1][:3] == ("2026-05-04", 10, 7)
    assert list(book["按入口"].values)[1][0] == "聊天"
    assert list(book["热门问题"].values)[1] == ("one", "事项one", "带什么", 5)
    assert len(list(book["新旧程度"].values)) == 4


def test_a_title_that_looks_like_a_formula_stays_text(other_guide: Make) -> None:
    book = load_workbook(io.BytesIO(write_figures(figures_of([guide(other_guide, "one", title="=1+1")]))))
    cell = book["新旧程度"]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_every_decision_and_aspect_has_a_word() -> None:
    words = figure_words()
    assert set(words["decisions"]) == {str(one) for one in Decision} - {"silent"}
    assert set(words["aspects"]) == {str(one) for one in Aspect}
    assert set(words["ages"]) == {str(one) for one in Age}
