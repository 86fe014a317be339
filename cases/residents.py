"""What a resident does with a filed case, by number and code and without signing in."""

from __future__ import annotations

from enum import IntEnum

from cases.case import RESIDENT, CaseStatus, CaseView
from cases.desk import Desk
from cases.work.moving import Move


class Rating(IntEnum):
    """The five national levels of the 好差评 system."""

    VERY_SATISFIED = 5  # 非常满意
    SATISFIED = 4  # 满意
    FAIR = 3  # 基本满意
    DISSATISFIED = 2  # 不满意
    VERY_DISSATISFIED = 1  # 非常不满意


class Residents:
    """Acts of residents. Each returns None where number and code do not belong together.

    All raise TooManyAttempts (look-ups count together), IllegalMove and NotYours. What these say is for staff
    and names them: a door tells residents in words of its own.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rate(
        self, number: str, code: str, conversation: str, rating: Rating, comment: str = ""
    ) -> CaseView | None:
        """Rate a resolved case, once."""
        move = Move(CaseStatus.RATED, RESIDENT, comment, rating=rating.value)
        return self._act(number, code, conversation, move)

    def reopen(self, number: str, code: str, conversation: str, reason: str) -> CaseView | None:
        """Have a case opened again that is not solved, within 15 days; it stays with its department."""
        return self._act(number, code, conversation, Move(CaseStatus.REOPENED, RESIDENT, reason))

    def withdraw(self, number: str, code: str, conversation: str, reason: str = "") -> CaseView | None:
        """Withdraw a case that is not resolved yet."""
        return self._act(number, code, conversation, Move(CaseStatus.WITHDRAWN, RESIDENT, reason))

    def _act(self, number: str, code: str, conversation: str, move: Move) -> CaseView | None:
        view = self._desk.look_up(number, code, conversation)
        return self._desk.move(view.number, move) if view else None
