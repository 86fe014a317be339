"""What residents ask over the shipped guides and the hall, as data: asked/*.yml, one case an utterance.

A case says what must come of the utterance `say`:
  guide       this guide is answered, or stands first where the hall asks back; `aspect`: what was asked of it
  one_of      the utterance does not tell these guides apart: one of them is answered, or stands first
  hall        it is about the hall itself: hours, address, phone, windows
  bare        it asks this aspect and names no subject
  decision    exactly this decision (decline)
  unanswered  it belongs to another office: to decline or to ask back is right, to answer about a guide is not
`xfail: reason` marks a known failure; it is strict, so that who mends it also takes the mark away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.library import load_shipped
from language.normalise import normalise
from language.reply import Decision
from tests.knowledge.shipped import answering

ASKED = Path(__file__).with_name("asked")
EXPECTATIONS = {"guide", "one_of", "hall", "bare", "decision", "unanswered"}


def _cases(file: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
    return cases


ALL = [case for file in sorted(ASKED.glob("*.yml")) for case in _cases(file)]


def _param(case: dict[str, Any]) -> Any:
    marks = [pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
    return pytest.param(case, id=case["say"], marks=marks)


@pytest.mark.parametrize("case", [_param(case) for case in ALL])
def test_what_a_resident_asks(case: dict[str, Any]) -> None:
    finding = answering().consider(case["say"])
    if "hall" in case:
        assert finding.about_hall == case["hall"]
    elif "bare" in case:
        assert finding.bare_aspect
        assert finding.aspect == case["bare"]
    elif "decision" in case:
        assert finding.decision == case["decision"]
    elif case.get("unanswered"):
        assert finding.decision is not Decision.ANSWER
    else:
        assert finding.decision is not Decision.DECLINE
        assert finding.matches
        assert finding.matches[0].guide_id in case.get("one_of", [case.get("guide")])
        assert finding.aspect == case.get("aspect", finding.aspect)


def test_there_are_at_least_300_utterances_each_once_and_each_of_one_kind() -> None:
    assert len(ALL) >= 300
    assert len({normalise(case["say"]) for case in ALL}) == len(ALL)
    for case in ALL:
        assert len(EXPECTATIONS & case.keys()) == 1, case["say"]
        assert case.keys() <= EXPECTATIONS | {"say", "aspect", "xfail"}, case["say"]


def test_the_utterances_are_about_guides_that_are_shipped_and_about_most_of_them() -> None:
    shipped = {guide.id for guide in load_shipped()}
    asked = {guide for case in ALL for guide in case.get("one_of", [case.get("guide")]) if guide}
    assert asked <= shipped
    assert len(asked) >= 0.8 * len(shipped)


def test_few_utterances_are_a_guide_s_own_words() -> None:
    # Such a question is looked up, not understood; it would tell nothing of the matcher.
    own = {
        normalise(text)
        for guide in load_shipped()
        for text in (guide.title, guide.plain_name, *guide.aliases, *guide.phrasings)
    }
    copied = [case["say"] for case in ALL if normalise(case["say"]) in own]
    assert len(copied) <= 0.05 * len(ALL), copied
