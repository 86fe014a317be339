"""What residents would get if a draft were live."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.answering import TEXTS, Answering, GuideUnknown
from knowledge.hall_profile_file import load_profile
from knowledge.learned import shipped_learning
from knowledge.matching import Matcher
from knowledge.trial import Subject, Trials, showable
from language.reply import Decision
from language.texts import Texts
from tests.knowledge.curation import plain, small

ASKED = "奶奶的敬老卡丢掉了咋整"


def live() -> Answering:
    guides = [small("a", "老年卡"), small("b", "居住证")]
    matcher = Matcher.build(guides, learned=shipped_learning())
    return Answering(
        [(guide, 1) for guide in guides],
        load_profile(),
        matcher,
        Texts(TEXTS),
        lambda: datetime(2026, 1, 31, 4, tzinfo=UTC),
    )


def test_a_draft_answers_by_its_own_words_and_the_live_release_is_left_alone() -> None:
    held = live()
    trials = Trials(lambda: held)
    subject = Subject("a", small("a", "老年卡", phrasings=[ASKED]), "1", 7)
    trial = trials.trial(subject)
    found = trial.consider(ASKED)
    assert (found.decision, found.matches[0].guide_id) == (Decision.ANSWER, "a")
    shown = trial.reply(found).guide
    assert shown is not None
    assert shown.revision == 7
    assert held.consider(ASKED).decision is not Decision.ANSWER
    assert trials.trial(subject) is trial
    assert trials.trial(Subject("a", subject.guide, "2")) is not trial


def test_a_preview_needs_no_index() -> None:
    held = live()
    preview = Trials(lambda: held).preview(Subject("new", small("new", "新事项", notes="九元"), "1"))
    assert preview.answer_guide("new").guide is not None
    assert preview.matcher is held.matcher
    with pytest.raises(GuideUnknown):
        held.answer_guide("new")


def test_a_guide_taken_away_is_gone_from_answers() -> None:
    held = live()
    trial = Trials(lambda: held).trial(Subject("a", None, "gone"))
    assert [guide.id for guide in trial.guides()] == ["b"]
    assert all(match.guide_id != "a" for match in trial.consider("老年卡").matches)


def test_a_new_release_makes_new_trials() -> None:
    releases = [live()]
    trials = Trials(lambda: releases[-1])
    subject = Subject("a", small("a", "老年卡"), "1")
    before = trials.trial(subject)
    releases.append(live())
    assert trials.trial(subject) is not before


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"title": "<b>x", "materials": [{"name": ""}, {"name": "身份证"}], "steps": ["a"], "zz": 1},
        {"status": "renamed", "phones": "x", "completeness": "full", "popularity": "x"},
        {"expires_on": "2020-01-01", "effective_on": "2021-01-01", "sources": [{"title": "items.tsv"}]},
        {"neighbours": [{"title": "a"}, 3], "title": "a", "agent": "me", "time_limit": 3, "sources": "x"},
        {"phrasings": ["", "a", "a"], "aliases": 3, "theme": "x", "verified_on": "tomorrow", "fee": ["a"]},
        {"materials": [None, 3, []], "sources": [{"fields": "x"}], "basis": [1, 2], "notes": 3},
    ],
)
def test_any_draft_can_be_shown_with_what_is_wrong_named(content: dict[str, Any]) -> None:
    guide, errors = showable(content)
    assert errors
    assert guide.title


def test_what_is_right_in_a_broken_draft_is_shown() -> None:
    guide, errors = showable({**plain("a", fee="九元", steps=["取号"]), "theme": "x", "verified_on": "明天"})
    assert (guide.fee, guide.steps, guide.verified_on) == ("九元", ("取号",), None)
    assert {error.field for error in errors} == {"theme", "verified_on", "fee", "steps"}
    assert "还没有写来源" in guide.sources[0].title


def test_a_right_draft_is_shown_as_it_is() -> None:
    assert showable(plain("a")) == (small("a"), [])
