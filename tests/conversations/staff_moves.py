"""Lets staff move a case of a running hall while a dialogue goes on."""

from __future__ import annotations

import pytest

from cases.case import Actor, ActorRole, CaseStatus
from cases.work.moving import Move
from hall.settings import read_settings
from hall.wiring import Wiring
from tests.running_hall import RunningHall

LI = Actor("li", ActorRole.RECEIVER)
MOVES = {
    "accept": Move(CaseStatus.ACCEPTED, LI),
    "resolve": Move(CaseStatus.RESOLVED, LI, "换了灯泡"),
}


def require_staff(hall: RunningHall) -> None:
    """Skip a dialogue where staff act in a hall whose database cannot be reached from here."""
    if not (hall.folder / "linli.db").exists():
        pytest.skip("this hall keeps its databases elsewhere; staff act in the other one")


def move(hall: RunningHall, number: str, steps: str) -> None:
    """Make the moves that `steps` names, in order: `accept resolve`."""
    wiring = Wiring(read_settings({"LINLI_FOLDER": str(hall.folder)}))
    for step in steps.split():
        wiring.desk.move(number, MOVES[step])
    wiring.engine.dispose()
