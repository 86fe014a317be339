"""Last month's results for everybody: right, and silent where a few could be recognised."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx

from cases.case import RESIDENT, Actor, ActorRole, CaseKind, CaseStatus, Request
from cases.work.moving import Move
from tests.kiosk.fakes import FakeHall, make_hall
from tests.kiosk.served import ServedHall

LI = Actor("li", ActorRole.RECEIVER)
OCTOBER = datetime(2026, 10, 12, 2, tzinfo=UTC)  # a Monday at 10:00
NOVEMBER = datetime(2026, 11, 2, 2, tzinfo=UTC)


def work(hall: FakeHall, key: str, rating: int | None) -> None:
    desk = hall.needs.desk
    asked = Request(f"key-{key}", CaseKind.REPAIR, "楼道灯不亮", "3号楼", None, None, "kiosk", key)
    number = desk.file_case(asked).number
    desk.move(number, Move(CaseStatus.ACCEPTED, LI))
    desk.move(number, Move(CaseStatus.RESOLVED, LI, "换好了"))
    if rating is not None:
        desk.move(number, Move(CaseStatus.RATED, RESIDENT, rating=rating))


def shown(url: str) -> list[str]:
    """Return what stands on the four cards."""
    page = httpx.get(f"{url}/kiosk/results", follow_redirects=True, trust_env=False).text
    cards = re.findall(r'<div class="fact">.*?</dt><dd(?: class="big")?>(.*?)</dd>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", card) for card in cards]


def test_what_fewer_than_five_people_did_is_not_told(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    served = ServedHall(hall, "kiosk_results")
    hall.moment[0] = OCTOBER
    for key, rating in (("a", 5), ("b", 3), ("c", 1), ("d", 4), ("e", None)):
        work(hall, key, rating)
    assert shown(served.url) == ["不到 5 件，不公布"] * 4  # October runs still, September had nothing
    hall.moment[0] = NOVEMBER
    assert shown(served.url) == ["100%", "100%", "100%", "不到 5 件，不公布"]
    hall.moment[0] = OCTOBER
    work(hall, "f", 5)
    hall.moment[0] = NOVEMBER
    assert shown(served.url) == ["100%", "100%", "100%", "80%"]
    served.close()
