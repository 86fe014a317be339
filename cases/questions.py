"""What a category asks of its own besides the form: which question is open, and how answers are kept.

All answers stand in one value of the form, a line each, named after category and question: where a correction
makes it another category, answers to the former one count no more.
"""

from __future__ import annotations

from collections.abc import Mapping

from cases.arrivals.categories import Category, Question, hear_category, load_categories
from cases.field_rules import SKIPPED
from cases.kinds import kind_of

Values = Mapping[str, str | None]
MOST_ASKED = 2  # who reports a trouble has other worries than a long form
_LETTERS = "abcdefgh"  # a number there could be taken for a part of an answer


def category_of(values: Values) -> Category | None:
    """Return what a request is about: as staff chose it, else as the desk will hear it."""
    if chosen := values.get("category"):
        return load_categories().get(chosen)
    description = values.get("description")
    if not description or description == SKIPPED:
        return None
    return hear_category(description, kind_of(values))


def asked(values: Values) -> dict[str, Question]:
    """Return what the category asks by key, answered or open, without what the other fields tell."""
    category = category_of(values)
    if category is None:
        return {}
    given, told_so_far = _given(values), f"{values.get('description')} {values.get('place')}"
    return {
        key: question
        for letter, question in zip(_LETTERS, category.asks[:MOST_ASKED], strict=False)
        if (key := f"{category.id}:{letter}") in given
        or question.known is None
        or not question.known.search(told_so_far)
    }


def open_question(values: Values) -> Question | None:
    """Return the first question that nothing which was told answers, or None."""
    given = _given(values)
    return next((question for key, question in asked(values).items() if key not in given), None)


def with_answer(values: Values, answer: str) -> str:
    """Return the value of the form's field with the open question answered; SKIPPED leaves it out."""
    given = _given(values)
    key = next((key for key in asked(values) if key not in given), None)
    if key is not None:
        given[key] = answer
    return "\n".join(f"{key} {said}" for key, said in given.items())


def told(values: Values, locale: str = "zh") -> str | None:
    """Return questions and answers, a line each, or None where nothing was answered.

    A touched answer is worded in the language of the reader: staff read Chinese whatever was touched.
    """
    given = _given(values)
    lines = [
        f"{question.words[locale]} {_worded(question, given[key], locale)}"
        for key, question in asked(values).items()
        if given.get(key, SKIPPED) != SKIPPED
    ]
    return "\n".join(lines) or None


def _given(values: Values) -> dict[str, str]:
    lines = [line.partition(" ") for line in (values.get("details") or "").splitlines()]
    return {key: answer for key, _, answer in lines if answer}


def _worded(question: Question, answer: str, locale: str) -> str:
    for labels in question.choices.values():
        if answer in labels:
            return question.choices[locale][labels.index(answer)]
    return answer
