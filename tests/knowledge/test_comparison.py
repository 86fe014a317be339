"""What a draft would win or lose."""

from __future__ import annotations

from knowledge.comparison import compare
from knowledge.gold import GoldRecord
from knowledge.matching import Match, Verdict
from language.reply import Decision
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
