"""The right guide is found however it is asked, and what is not ours is left alone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from knowledge.forms import Entry
from knowledge.matching import Matcher
from language.reply import Decision
from tests.knowledge.shipped import answering, matcher
from tests.knowledge.test_aspects import UTTERANCES


@pytest.mark.parametrize("case", UTTERANCES["first"], ids=lambda case: case["say"])
def test_the_guide_comes_first(case: dict[str, Any]) -> None:
    finding = answering().consider(case["say"])
    assert finding.matches[0].guide_id == case["guide"]
    assert finding.decision is not Decision.DECLINE
    assert finding.decision == case.get("decision", finding.decision)


@pytest.mark.parametrize("case", UTTERANCES["among"], ids=lambda case: case["say"])
def test_the_guide_is_among_four(case: dict[str, Any]) -> None:
    finding = answering().consider(case["say"])
    assert case["guide"] in [match.guide_id for match in finding.matches[:4]]
    assert finding.decision is not Decision.DECLINE


@pytest.mark.parametrize("text", UTTERANCES["elsewhere"])
def test_other_business_is_not_answered(text: str) -> None:
    assert answering().consider(text).decision is Decision.DECLINE


@pytest.mark.parametrize(
    "text", ["", " ", "？", "。。。", "😀", "\u200b", "/", "<script>", "证", "x" * 5000, "办" * 500]
)
def test_odd_input_is_never_answered(text: str) -> None:
    assert answering().consider(text).decision is not Decision.ANSWER


def test_confidence_falls_along_the_ranking_and_stays_a_share() -> None:
    for text in ("居住证怎么办", "失业了怎么办", "居住证丢了", "补贴"):
        shares = [match.confidence for match in answering().consider(text).matches]
        assert shares == sorted(shares, reverse=True)
        assert all(0 <= share <= 1 for share in shares)


def test_the_same_guides_give_the_same_numbers() -> None:
    entries = [
        Entry(str(n), (f"事项{name}",), (f"怎么办{name}", f"{name}丢了")) for n, name in enumerate("甲乙丙丁")
    ]
    first, second = (Matcher.from_entries(entries).rank("乙丢了") for _ in range(2))
    assert first == second


def test_a_name_goes_before_a_phrasing() -> None:
    entries = [
        Entry("phrased", ("老年综合津贴",), ("敬老卡",), popularity=99),
        Entry("named", ("敬老卡", "老年卡"), popularity=1),
    ]
    best = Matcher.from_entries(entries).rank("敬老卡怎么办")[0]
    assert (best.guide_id, best.exact) == ("named", True)


def test_a_name_shared_by_neighbours_means_the_most_asked_and_offers_the_others() -> None:
    entries = [
        Entry("first", ("通行证首次申领",), popularity=90, neighbours=("again", "lost")),
        Entry("again", ("通行证换领",), popularity=40, neighbours=("first",)),
        Entry("lost", ("通行证挂失",), popularity=50, neighbours=("first",)),
    ]
    verdict = Matcher.from_entries(entries).judge("通行证怎么办")
    assert verdict.decision is Decision.ANSWER
    assert [match.guide_id for match in verdict.matches] == ["first", "lost", "again"]


def test_a_name_shared_by_strangers_is_asked_back() -> None:
    entries = [
        Entry(str(n), (f"{name}补贴",), popularity=n)
        for n, name in enumerate(("交通", "护理", "培训", "租房"))
    ]
    assert Matcher.from_entries(entries).judge("补贴").decision is Decision.CLARIFY


def test_a_knowledge_base_of_none_declines_and_of_one_works() -> None:
    assert Matcher.from_entries([]).judge("居住证怎么办").decision is Decision.DECLINE
    one = Matcher.from_entries([Entry("only", ("居住证申领",), ("怎么办居住证",))])
    assert one.rank("居住证申领")[0].guide_id == "only"
    assert one.judge("今天天气怎么样").decision is Decision.DECLINE


def test_every_official_name_finds_its_guide() -> None:
    from knowledge.library import load_shipped

    missed = [g.title for g in load_shipped() if matcher().rank(g.title)[0].guide_id != g.id]
    assert missed == []


def test_considering_takes_well_under_ten_milliseconds() -> None:
    questions = [case["say"] for case in UTTERANCES["first"]]
    begun = time.process_time()
    for question in questions:
        answering().consider(question)
    assert (time.process_time() - begun) / len(questions) < 0.010


def test_the_thresholds_say_where_they_come_from() -> None:
    trust = matcher().trust
    assert "held aside" in trust.origin
    assert trust.figures["answered_wrongly"] <= 0.03
