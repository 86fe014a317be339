"""A department asks to leave a case out, two supervisors may look at it, and the figures follow at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from cases.case import Actor, ActorRole, CaseError, CaseStatus, Incomplete, NotYours, Request
from cases.desk import Desk
from cases.figures.exclusion import (
    Act,
    AlreadyAsked,
    NotCounted,
    NotOpen,
    SamePerson,
    State,
    UnknownReason,
    reasons,
)
from cases.figures.exclusions import Exclusions
from cases.figures.measures import Result
from cases.figures.periods import Period
from cases.figures.rates import Dimension, Figures
from cases.history import find_faults
from cases.privacy.erasing import erase
from cases.tables import CaseEventRow, EventKind
from cases.work.moving import Move
from tests.cases.working import BOSS, LI, WANG, ZHOU, bring, open_departments

JUNE = Period.month_of(date(2026, 6, 11))
SECOND = Actor("second", ActorRole.SUPERVISOR)
WHY = "阳台是业主自己封的，物业已经书面答复"


@pytest.fixture
def number(desk: Desk, make_request: Callable[..., Request]) -> str:
    """A case that repairs works."""
    open_departments(desk)
    number = desk.file_case(make_request()).number
    bring(desk, number, CaseStatus.IN_PROGRESS)
    return number


@pytest.fixture
def exclusions(desk: Desk) -> Exclusions:
    return Exclusions(desk.store)


def repairs(desk: Desk) -> Result:
    (result,) = Figures(desk.store).rates(JUNE, Dimension.DEPARTMENT)
    return result


def test_a_granted_case_leaves_the_figures_at_once_and_its_resolution_changes_nothing(
    desk: Desk, exclusions: Exclusions, number: str
) -> None:
    asked = exclusions.ask(number, WANG, "not_our_duty", f"  {WHY}  ")
    assert repairs(desk).excluded == 0
    (waiting,) = exclusions.pending()
    assert (waiting.id, waiting.number, waiting.reason, waiting.asked.by) == (
        asked,
        number,
        "not_our_duty",
        "wang",
    )
    assert waiting.asked.words == WHY
    exclusions.decide(asked, BOSS, True, "属实")
    assert exclusions.pending() == ()
    bring_on(desk, number)
    result = repairs(desk)
    assert (result.filed, result.excluded, result.resolution.whole) == (1, 1, 0)
    assert result.satisfaction.whole == 0
    assert find_faults(desk.store.sessions, desk.store.sealer) == []


def bring_on(desk: Desk, number: str) -> None:
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "已答复"))
    desk.move(number, Move(CaseStatus.RATED, Actor("resident", ActorRole.RESIDENT), rating=1))


def test_a_refusal_is_appealed_once_and_another_supervisor_settles_it(
    desk: Desk, exclusions: Exclusions, number: str
) -> None:
    asked = exclusions.ask(number, WANG, "force_majeure", WHY)
    exclusions.decide(asked, BOSS, False, "台风前就报修了")
    assert exclusions.get(asked).open_to(WANG) == (Act.APPEAL,)
    assert [one.id for one in exclusions.lately("repairs")] == [asked]
    assert exclusions.lately("gardens") == ()
    for stranger in (ZHOU, BOSS, LI):
        assert exclusions.get(asked).open_to(stranger) == ()
        with pytest.raises(NotYours):
            exclusions.appeal(asked, stranger, WHY)
    exclusions.appeal(asked, WANG, "有物业的停电记录")
    with pytest.raises(NotOpen):
        exclusions.appeal(asked, WANG, "还是不服")
    (waiting,) = exclusions.pending("repairs")
    assert exclusions.pending("gardens") == exclusions.lately() == ()
    assert (waiting.open_to(BOSS), waiting.open_to(SECOND)) == ((), (Act.DECIDE_APPEAL,))
    with pytest.raises(SamePerson):
        exclusions.decide_appeal(asked, BOSS, False, "维持")
    exclusions.decide_appeal(asked, SECOND, True, "记录属实")
    assert repairs(desk).excluded == 1
    (settled,) = exclusions.of(number)
    assert (settled.state, settled.is_granted, settled.open_to(SECOND)) == (State.SETTLED, True, ())
    said = [word and (word.by, word.words) for word in (settled.decided, settled.appealed, settled.settled)]
    assert said == [("boss", "台风前就报修了"), ("wang", "有物业的停电记录"), ("second", "记录属实")]
    with pytest.raises(NotOpen):
        exclusions.decide_appeal(asked, SECOND, False, "又改了")


def test_a_grant_that_the_hall_appeals_against_can_be_taken_back(
    desk: Desk, exclusions: Exclusions, number: str
) -> None:
    asked = exclusions.ask(number, WANG, "repeated", WHY)
    exclusions.decide(asked, BOSS, True, "同意")
    with pytest.raises(NotYours):
        exclusions.appeal(asked, WANG, "我们自己同意")
    exclusions.appeal(asked, LI, "并没有答复过居民")
    assert repairs(desk).excluded == 1  # it stands until it is settled
    exclusions.decide_appeal(asked, SECOND, False, "确实没有答复")
    assert repairs(desk).excluded == 0


def test_a_grant_is_the_department_s_and_the_next_one_answers_for_the_case(
    desk: Desk, exclusions: Exclusions, number: str
) -> None:
    exclusions.decide(exclusions.ask(number, WANG, "not_our_duty", WHY), BOSS, True, "归绿化")
    desk.move(number, Move(CaseStatus.DISPATCHED, BOSS, "归绿化", department="gardens"))
    desk.move(number, Move(CaseStatus.IN_PROGRESS, ZHOU))
    assert (repairs(desk).group, repairs(desk).excluded) == ("gardens", 0)
    exclusions.ask(number, ZHOU, "not_our_duty", "树在红线外")
    assert [one.department for one in exclusions.of(number)] == ["repairs", "gardens"]


def test_who_may_not_ask_or_decide_is_told_why(desk: Desk, exclusions: Exclusions, number: str) -> None:
    refused: list[tuple[type[CaseError], Actor, str, str]] = [
        (NotYours, ZHOU, "not_our_duty", WHY),
        (NotYours, BOSS, "not_our_duty", WHY),
        (UnknownReason, WANG, "too_hard", WHY),
        (Incomplete, WANG, "not_our_duty", "  "),
        (Incomplete, WANG, "not_our_duty", "长" * 1001),
    ]
    for error, actor, reason, words in refused:
        with pytest.raises(error):
            exclusions.ask(number, actor, reason, words)
    assert exclusions.of(number) == ()
    asked = exclusions.ask(number, WANG, "not_our_duty", WHY)
    with pytest.raises(AlreadyAsked):
        exclusions.ask(number, WANG, "repeated", WHY)
    with pytest.raises(NotYours):
        exclusions.decide(asked, LI, True, "同意")
    with pytest.raises(SamePerson):
        exclusions.decide(asked, Actor("wang", ActorRole.SUPERVISOR), True, "同意")
    exclusions.decide(asked, BOSS, True, "同意")
    with pytest.raises(NotOpen, match="boss"):
        exclusions.decide(asked, SECOND, False, "不同意")
    desk.move(number, Move(CaseStatus.WITHDRAWN, Actor("resident", ActorRole.RESIDENT)))
    with pytest.raises(NotCounted):
        exclusions.ask(number, WANG, "repeated", WHY)


def test_what_was_said_is_sealed_and_goes_when_the_case_s_words_go(
    desk: Desk, exclusions: Exclusions, number: str
) -> None:
    asked = exclusions.ask(number, WANG, "beyond_policy", WHY)
    exclusions.decide(asked, BOSS, True, "同意")
    with desk.store.sessions() as session:
        told = select(CaseEventRow.note).where(CaseEventRow.kind == EventKind.EXCLUDED)
        notes = session.scalars(told).all()
    assert len(notes) == 2
    assert all(note and WHY.encode() not in note for note in notes)
    bring_on(desk, number)
    erase(desk.store, number, BOSS, "居民要求")
    assert exclusions.get(asked).asked.words is None
    assert repairs(desk).excluded == 1


def test_every_reason_has_words_and_fits_its_column() -> None:
    assert len(reasons()) >= 5
    assert all(words and len(key) <= 32 for key, words in reasons().items())
