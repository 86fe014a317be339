"""A guide out of force is still found, says so first in every answer, never passes for the rule in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from knowledge.answering import TEXTS, Answering
from knowledge.guide import Aspect
from knowledge.guide_file import parse_guide
from knowledge.hall_profile_file import load_profile
from knowledge.matching import Matcher
from language.reply import BlockKind, Decision, Reply
from language.texts import Texts
from tests.knowledge.shipped import WEDNESDAY

EXPIRED = {"expires_on": "2026-06-09"}
FUTURE = {"effective_on": "2026-06-11"}
BOTH = pytest.mark.parametrize("dates", [EXPIRED, FUTURE], ids=["expired", "future"])


def hall(permit: dict[str, Any], dates: dict[str, Any]) -> Answering:
    guide = parse_guide({**permit, **dates}, "x")
    return Answering([(guide, 1)], load_profile(), Matcher.build([guide]), Texts(TEXTS), lambda: WEDNESDAY)


def notices(reply: Reply) -> str:
    return " ".join(block.text for block in reply.blocks if block.kind is BlockKind.NOTICE)


@BOTH
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_it_is_found_and_its_day_is_told_in_the_first_block_and_in_a_notice(
    permit: dict[str, Any], dates: dict[str, Any], locale: str
) -> None:
    answering = hall(permit, dates)
    finding = answering.consider("居住证怎么办")
    assert finding.decision is Decision.ANSWER
    reply = answering.reply(finding, locale)
    (day,) = dates.values()
    assert reply.blocks[0].kind is BlockKind.TEXT
    assert day in reply.blocks[0].text
    assert day in notices(reply)
    assert reply.speech
    assert reply.guide is not None


@BOTH
@pytest.mark.parametrize("aspect", list(Aspect))
def test_no_aspect_is_answered_as_if_it_were_in_force(
    permit: dict[str, Any], dates: dict[str, Any], aspect: Aspect
) -> None:
    guide_id = str(permit["id"])
    in_force = hall(permit, {}).answer_guide(guide_id, aspect)
    reply = hall(permit, dates).answer_guide(guide_id, aspect)
    (day,) = dates.values()
    assert day in reply.blocks[0].text
    assert reply.blocks[0].text != in_force.blocks[0].text
    assert reply.speech != in_force.speech
    assert day in notices(reply)
    assert day not in notices(in_force)


def test_the_last_day_and_the_first_day_are_in_force(permit: dict[str, Any]) -> None:
    today = WEDNESDAY.date()
    for dates in ({"expires_on": today}, {"effective_on": today}):
        guide = parse_guide({**permit, **dates}, "x")
        assert guide.is_effective(today)
        assert not guide.is_expired(today)
    assert today == date(2026, 6, 10)
