"""What a draft would win or lose: the same questions asked of the draft and of the live guides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.gold import (
    GateReport,
    GoldChange,
    GoldQuestion,
    GoldRecord,
    Judge,
    first_of,
    gate,
)


@dataclass(frozen=True)
class Comparison:
    """`gold` over the questions with a known answer; `moved` are unanswered questions judged otherwise.

    Nobody knows what is right for the latter (`expected` is None in them): staff judge by looking.
    """

    gold: GateReport
    moved: tuple[GoldChange, ...] = ()


def compare(
    judge_draft: Judge,
    judge_live: Judge,
    questions: Iterable[GoldQuestion | GoldRecord],
    unanswered: Sequence[str] = (),
) -> Comparison:
    """Ask the draft and the live guides the same questions."""
    moved = []
    for text in dict.fromkeys(unanswered):
        new, live = judge_draft(text), judge_live(text)
        # Below an answer the order of what is not shown changes with every edit, and matters to nobody.
        if (new.decision, first_of(new)) != (live.decision, first_of(live)):
            change = GoldChange(
                text, None, first_of(new), first_of(live), str(new.decision), str(live.decision)
            )
            if {change.new_decision, change.live_decision} != {"decline"}:
                moved.append(change)
    return Comparison(gate(judge_draft, judge_live, questions), tuple(moved))
