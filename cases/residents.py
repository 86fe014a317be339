"""What a resident does with a filed case, by number and code and without signing in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import IntEnum, StrEnum

from cases.case import RESIDENT, ActorRole, CaseStatus, CaseView
from cases.desk import Desk
from cases.work.moves import who_may
from cases.work.moving import Move


class Rating(IntEnum):
    """The five national levels of the 好差评 system."""

    VERY_SATISFIED = 5  # 非常满意
    SATISFIED = 4  # 满意
    FAIR = 3  # 基本满意
    DISSATISFIED = 2  # 不满意
    VERY_DISSATISFIED = 1  # 非常不满意


class Act(StrEnum):
    """What a resident may do with a case; the values name it in the payloads of choices."""

    RATE = "rate_case"
    REOPEN = "reopen_case"
    WITHDRAW = "withdraw_case"


_WANTED = {
    Act.RATE: CaseStatus.RATED,
    Act.REOPEN: CaseStatus.REOPENED,
    Act.WITHDRAW: CaseStatus.WITHDRAWN,
}


def open_to(view: CaseView, now: datetime) -> tuple[Act, ...]:
    """Return what its resident may do with a case now, by the table of moves."""
    allowed = (act for act, wanted in _WANTED.items() if ActorRole.RESIDENT in who_may(view.status, wanted))
    is_late = view.reopen_until is None or now > view.reopen_until
    return tuple(act for act in allowed if act is not Act.REOPEN or not is_late)


class Residents:
    """Acts of residents. Each returns None where number and code do not belong together.

    `code` may be None for the conversation that filed the case, see Desk.look_up. All raise TooManyAttempts
    (look-ups count together), IllegalMove and NotYours. What these say is for staff and names them: a door
    tells residents in words of its own (cases.resident_replies).
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now(self) -> datetime:
        """Return the desk's time."""
        return self._desk.store.clock()

    def look_up(self, number: str, code: str | None, conversation: str) -> CaseView | None:
        """Return how a case stands."""
        return self._desk.look_up(number, code, conversation)

    def rate(
        self, number: str, code: str | None, conversation: str, rating: Rating, comment: str = ""
    ) -> CaseView | None:
        """Rate a resolved case, once."""
        move = Move(CaseStatus.RATED, RESIDENT, comment, rating=rating.value)
        return self._act(number, code, conversation, move)

    def reopen(self, number: str, code: str | None, conversation: str, reason: str) -> CaseView | None:
        """Have a case opened again that is not solved, within 15 days; it stays with its department."""
        return self._act(number, code, conversation, Move(CaseStatus.REOPENED, RESIDENT, reason))

    def withdraw(self, number: str, code: str | None, conversation: str, reason: str = "") -> CaseView | None:
        """Withdraw a case that is not resolved yet."""
        return self._act(number, code, conversation, Move(CaseStatus.WITHDRAWN, RESIDENT, reason))

    def _act(self, number: str, code: str | None, conversation: str, move: Move) -> CaseView | None:
        view = self._desk.look_up(number, code, conversation)
        return self._desk.move(view.number, replace(move, talk=conversation)) if view else None
