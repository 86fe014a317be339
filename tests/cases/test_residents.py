"""A resident rates, reopens and withdraws by number and code, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.case import RESIDENT, CaseStatus, IllegalMove, Incomplete, Receipt, Request, TooManyAttempts
from cases.desk import Desk
from cases.lookups import WRONG_PER_NUMBER
from cases.residents import Rating, Residents
from cases.tables import CaseRow
from cases.work.moving import Move
from tests.cases.working import BOSS, LI, bring, open_departments


@pytest.fixture
def receipt(desk: Desk, make_request: Callable[..., Request]) -> Receipt:
    open_departments(desk)
    return desk.file_case(make_request())


@pytest.fixture
def residents(desk: Desk) -> Residents:
    return Residents(desk)


def test_a_resolved_case_is_rated_once(
    desk: Desk, residents: Residents, receipt: Receipt, sessions: sessionmaker[Session]
) -> None:
    who = (receipt.number, receipt.code, "c")
    with pytest.raises(IllegalMove):
        residents.rate(*who, Rating.SATISFIED)
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    view = residents.rate(*who, Rating.DISSATISFIED, "等了很久")
    assert view is not None
    assert view.status is CaseStatus.RATED
    with pytest.raises(IllegalMove):
        residents.rate(*who, Rating.VERY_SATISFIED)
    with sessions() as session:
        assert session.scalars(select(CaseRow.rating)).one() == 2
    view = residents.reopen(*who, "灯又坏了")
    assert view is not None
    assert view.status is CaseStatus.REOPENED
    with sessions() as session:
        assert session.scalars(select(CaseRow.rating)).one() is None
    assert desk.verify() == []


@pytest.mark.parametrize("rating", [None, 0, 6])
def test_a_rating_has_five_levels(rating: int | None, desk: Desk, receipt: Receipt) -> None:
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    with pytest.raises(Incomplete, match="1 to 5"):
        desk.move(receipt.number, Move(CaseStatus.RATED, RESIDENT, rating=rating))


def test_who_does_not_have_the_code_does_nothing(desk: Desk, residents: Residents, receipt: Receipt) -> None:
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    wrong = f"{(int(receipt.code) + 1) % 1_000_000:06}"
    acts: tuple[Callable[[str], object], ...] = (
        lambda code: residents.rate(receipt.number, code, "guesser", Rating.FAIR),
        lambda code: residents.reopen(receipt.number, code, "guesser", "x"),
        lambda code: residents.withdraw(receipt.number, code, "guesser"),
    )
    for attempt in range(WRONG_PER_NUMBER):
        assert acts[attempt % 3](wrong) is None
    for act in acts:  # guesses at all of them count together
        with pytest.raises(TooManyAttempts):
            act(receipt.code)


def test_a_resident_withdraws_what_is_not_resolved_yet(
    desk: Desk, residents: Residents, receipt: Receipt
) -> None:
    desk.move(receipt.number, Move(CaseStatus.ACCEPTED, LI))
    view = residents.withdraw(receipt.number, receipt.code, "c")
    assert view is not None
    assert view.status is CaseStatus.WITHDRAWN
    with pytest.raises(IllegalMove, match="none, it has ended"):
        desk.move(receipt.number, Move(CaseStatus.ACCEPTED, BOSS))
