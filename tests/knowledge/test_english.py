"""Questions in English over the shipped guides: found, declined, and taken apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.english import EnglishWordings, terms_of, words_of
from knowledge.english_matching import EnglishMatcher
from knowledge.forms import Entry
from knowledge.library import load_shipped
from knowledge.matching import Verdict
from language.normalise import normalise
from language.reply import Decision
from tests.knowledge.shipped import answering, matcher

FILE = Path(__file__).parents[1] / "utterances" / "english.yml"

QUESTIONS: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
GUIDES: dict[str, list[str]] = QUESTIONS["guides"]


@cache
def judged() -> dict[str, tuple[str, Verdict]]:
    """Every question with its right guide and what was made of it."""
    return {text: (guide, matcher().judge(text)) for guide, texts in GUIDES.items() for text in texts}


def test_the_questions_are_held_aside() -> None:
    own = {
        normalise(text)
        for guide in load_shipped()
        if guide.english
        for text in (guide.english.title, *guide.english.phrasings)
    }
    assert len(judged()) >= 120
    assert [text for text in judged() if normalise(text) in own] == []


def test_the_right_guide_is_among_the_first_four() -> None:
    missed = [
        text
        for text, (guide, verdict) in judged().items()
        if guide not in [match.guide_id for match in verdict.matches[:4]]
    ]
    assert len(missed) <= 0.03 * len(judged()), missed


def test_the_right_guide_mostly_stands_first_and_few_are_answered_wrongly() -> None:
    first = sum(verdict.matches[0].guide_id == guide for guide, verdict in judged().values())
    wrong = [
        text
        for text, (guide, verdict) in judged().items()
        if verdict.decision is Decision.ANSWER and verdict.matches[0].guide_id != guide
    ]
    assert first >= 0.9 * len(judged())
    assert len(wrong) <= 0.05 * len(judged()), wrong


@pytest.mark.parametrize("text", QUESTIONS["elsewhere"])
def test_what_is_not_ours_is_declined_in_english(text: str) -> None:
    finding = answering().consider(text)
    reply = answering().reply(finding, "en")
    assert reply.decision is Decision.DECLINE
    assert "hotline" in reply.text
    assert reply.choices[0].payload["intent"] == "ask_person"


@pytest.mark.parametrize(("text", "guide"), QUESTIONS["mixed"].items())
def test_english_words_in_a_chinese_message_are_understood(text: str, guide: str) -> None:
    verdict = matcher().judge(text)
    assert verdict.decision is Decision.ANSWER
    assert verdict.matches[0].guide_id == guide


@pytest.mark.parametrize(("text", "aspect"), QUESTIONS["aspects"].items())
def test_what_is_asked_in_english_is_read(text: str, aspect: str) -> None:
    assert EnglishWordings().read(text).aspects[0] == aspect


@pytest.mark.parametrize("text", QUESTIONS["bare"])
def test_a_question_that_names_nothing_is_about_the_guide_just_spoken_of(text: str) -> None:
    finding = answering().consider(text)
    assert finding.bare_aspect
    reply = answering().reply(finding, "en", guide="residence-permit-first")
    assert reply.guide is not None
    assert reply.guide.id == "residence-permit-first"


@pytest.mark.parametrize(("text", "aspect"), QUESTIONS["hall"].items())
def test_questions_about_the_hall_are_answered_about_the_hall(text: str, aspect: str) -> None:
    finding = answering().consider(text)
    assert (finding.about_hall or "").partition(":")[0] == aspect
    assert answering().reply(finding, "en").decision is Decision.ANSWER


def test_a_guide_s_own_english_names_are_never_mistaken() -> None:
    missed = [
        guide.english.title
        for guide in load_shipped()
        if guide.english and matcher().judge(guide.english.title).matches[0].guide_id != guide.id
    ]
    assert missed == []


@pytest.mark.parametrize(
    "typed", ["I’ve lost my residense permitt", "i ve LOST my residence permits!!", "lost residence permit"]
)
def test_case_spelling_plurals_and_quotation_marks_do_not_matter(typed: str) -> None:
    assert matcher().judge(typed).matches[0].guide_id.startswith("residence-permit-")


def test_short_forms_are_written_out() -> None:
    assert words_of("I've lost it, what's next? Don't know.") == "i have lost it what is next do not know"


def test_words_that_mean_one_thing_count_as_one() -> None:
    assert terms_of("elevator").grouped == terms_of("lifts").grouped


def test_guides_without_english_leave_english_to_the_other_reading() -> None:
    assert EnglishMatcher([Entry("one", ("居住证",))]).judge("residence permit", 4) is None
