"""What a draft would win or lose."""

from __future__ import annotations

import dataclasses

from knowledge.comparison import compare, draft_matcher, with_draft
from knowledge.gold import GoldRecord
from knowledge.library import load_shipped
from knowledge.matching import Match, Verdict
from language.reply import Decision
from tests.knowledge.shipped import matcher
from tests.knowledge.test_gold import DECLINED, answer, judge, verdict


def test_a_draft_shows_what_it_wins_loses_and_moves() -> None:
    live = judge(补社保卡=answer("card"), 办护照=DECLINED)
    draft = judge(办居住证=answer("permit"), 办护照=answer("permit"))
    gold = [GoldRecord("补社保卡", "card"), GoldRecord("办居住证", "permit")]
    done = compare(draft, live, gold, ["办护照", "办护照", "别的"])
    assert [change.text for change in done.gold.lost] == ["补社保卡"]
    assert [change.text for change in done.gold.won] == ["办居住证"]
    (moved,) = done.moved
    assert (moved.text, moved.new, moved.new_decision, moved.live_decision) == (
        "办护照",
        "permit",
        "answer",
        "decline",
    )


def test_the_order_of_what_stays_declined_moves_nothing() -> None:
    draft = judge(办护照=verdict(Decision.DECLINE, "a"))
    live = judge(办护照=Verdict(Decision.DECLINE, (Match("b", 0.1),)))
    assert compare(draft, live, [], ["办护照"]).moved == ()


def test_a_new_phrasing_answers_at_once_with_the_live_numbers() -> None:
    live = matcher()
    guides = {guide.id: guide for guide in load_shipped()}
    question = "阿拉屋里厢要敲墙头寻啥人"
    guide = guides["housing-maintenance-fund"]
    draft = dataclasses.replace(guide, phrasings=(*guide.phrasings, question))
    asked = draft_matcher(guides.values(), draft, live.learned)
    judged = asked.judge(question)
    assert (judged.decision, judged.matches[0].guide_id) == (Decision.ANSWER, guide.id)
    done = compare(asked.judge, live.judge, [GoldRecord("社保卡密码忘了", "social-security-card-password")])
    assert done.gold.passed


def test_a_draft_takes_the_place_of_its_guide_or_joins_the_others() -> None:
    guides = load_shipped()
    renamed = dataclasses.replace(guides[0], title="别的")
    assert with_draft(guides, renamed)[0].title == "别的"
    added = dataclasses.replace(guides[0], id="zzz")
    assert with_draft(guides, added)[-1].id == "zzz"
