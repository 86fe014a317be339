"""A guide serves a matter where most of the matter's names lead to it, one of them for certain."""

from __future__ import annotations

from typing import cast

import pytest

from knowledge.answering import Answering, Finding
from knowledge.matching import Match
from knowledge.serving import Serving, guide_for
from language.reply import Decision

SURE, UNSURE, NOT = Decision.ANSWER, Decision.CLARIFY, Decision.DECLINE
Said = tuple[Decision, str]


class Judged:
    """Answers each name as it is told, and counts how often it is asked."""

    def __init__(self, *said: Said) -> None:
        self.said = {f"name {place}": one for place, one in enumerate(said)}
        self.asked = 0

    def consider(self, text: str) -> Finding:
        self.asked += 1
        decision, guide = self.said[text]
        return Finding(decision, (Match(guide, 0.9),) if guide else ())


@pytest.mark.parametrize(
    ("said", "guide"),
    [
        ([(SURE, "a")], "a"),
        ([(SURE, "a"), (UNSURE, "a"), (NOT, "")], "a"),
        ([(SURE, "a"), (NOT, "a")], None),  # no more than half
        ([(UNSURE, "a"), (UNSURE, "a"), (UNSURE, "a")], None),  # none for certain
        ([(SURE, "a"), (UNSURE, "b"), (UNSURE, "b")], None),
        ([(UNSURE, "b"), (SURE, "a"), (SURE, "a")], "a"),
        ([(NOT, ""), (NOT, "")], None),
    ],
)
def test_most_names_must_lead_to_one_guide_and_one_for_certain(said: list[Said], guide: str | None) -> None:
    judged = Judged(*said)
    assert guide_for(judged.consider, list(judged.said)) == guide


def test_what_was_found_is_remembered_until_another_release_answers() -> None:
    first, second = Judged((SURE, "a")), Judged((NOT, ""))
    answering = [first]
    serving = Serving(lambda: cast("Answering", answering[0]))
    assert [serving(("name 0",)), serving(("name 0",))] == ["a", "a"]
    answering[0] = second
    assert serving(("name 0",)) is None
    assert (first.asked, second.asked) == (1, 1)
