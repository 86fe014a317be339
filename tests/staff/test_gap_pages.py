"""What keeps coming as cases without a guide stands on the queue of curation until a guide covers it."""

from __future__ import annotations

import re
import secrets

import pytest

from cases.case import CaseKind, Request
from cases.figures.gaps import LEAST
from hall.database import open_sessions
from staff.audit import Wanted
from staff.home_work import work_for
from staff.roles import Role
from tests.knowledge.curation import Room, small
from tests.staff.served import ServedConsole

SAID = "三号楼的电梯坏了，我叫王小明"
LIFT = small(
    "lift", "电梯故障报修", plain_name="电梯故障", phrasings=["电梯坏", "电梯停", "电梯异响", "电梯不动"]
)


@pytest.fixture
def room(served: ServedConsole) -> Room:
    """Residents ask for lifts again and again, and for one lamp."""
    served.member("boss", Role.ADMIN)
    room = Room(open_sessions(served.engine), served.clock.now)
    room.library.import_guides([small("two", "居住证签注")], "lin")
    for category, count in (("lift", LEAST + 2), ("street-light", 1)):
        for _ in range(count):
            key = secrets.token_hex(8)
            request = Request(key, CaseKind.REPAIR, SAID, None, None, None, "chat", key, category)
            served.means.casework.desk.file_case(request)
    return room


def gaps_at_home(served: ServedConsole) -> int:
    served.member("li", Role.EDITOR)
    member = served.means.accounts.find("li")
    assert member is not None
    return sum(one.count for one in work_for(served.means, member) if one.key == "gaps")


def test_what_keeps_coming_is_shown_by_its_name_alone(served: ServedConsole, room: Room) -> None:
    page = served.signed_in("li", Role.EDITOR).get("/staff/unanswered").text
    assert re.search(rf"<strong>电梯故障</strong>.*来了 <b>{LEAST + 2}</b> 件工单，没有指南", page)
    assert "路灯" not in page
    assert "王小明" not in page
    assert gaps_at_home(served) == 1


def test_it_leads_to_a_new_guide_and_goes_when_that_is_published(served: ServedConsole, room: Room) -> None:
    editor = served.signed_in("li", Role.EDITOR)
    page = editor.get("/staff/unanswered").text
    (way,) = re.findall(r'href="(/staff/guides/-/new\?title=[^"]+)"', page)
    assert 'value="电梯故障"' in editor.get(way).text
    editor.post("/staff/guides/-/new", {"title": "电梯故障报修", "id": "lift", "copy": ""})
    page = editor.get("/staff/unanswered").text
    assert "《电梯故障报修》正在写" in page
    assert "/guides/-/new?title=" not in page
    assert gaps_at_home(served) == 1
    room.library.import_guides([LIFT], "lin")
    assert "电梯故障" not in editor.get("/staff/unanswered").text
    assert gaps_at_home(served) == 0


def test_what_needs_no_guide_is_kept_with_the_reason_and_can_come_back(
    served: ServedConsole, room: Room
) -> None:
    editor = served.signed_in("li", Role.EDITOR)
    editor.get("/staff/unanswered")
    for sent in ({}, {"reason": "because"}):
        editor.post("/staff/unanswered/gaps/lift/settle", sent)
        assert gaps_at_home(served) == 1
    editor.post("/staff/unanswered/gaps/lift/settle", {"reason": "case_work"})
    page = editor.get("/staff/unanswered").text
    assert "不需要指南的 1 类" in page
    assert gaps_at_home(served) == 0
    (entry,) = served.means.audit.find(Wanted(act="gap.settle"))[0][:1]
    assert (entry.act.object_id, entry.act.after) == ("lift", {"reason": "case_work"})
    editor.post("/staff/unanswered/gaps/lift/back", {})
    assert gaps_at_home(served) == 1
    assert editor.post("/staff/unanswered/gaps/lift/back", {}).status_code == 404
    assert editor.post("/staff/unanswered/gaps/nothing/settle", {"reason": "passing"}).status_code == 404


def test_a_supervisor_reads_what_is_missing_and_decides_nothing(served: ServedConsole, room: Room) -> None:
    page = served.signed_in("sun", Role.SUPERVISOR).get("/staff/unanswered").text
    assert "电梯故障" in page
    assert "/staff/unanswered/gaps/" not in page
    assert "/guides/-/new" not in page
    assert "电梯故障" not in served.signed_in("li", Role.EDITOR).get("/staff/unanswered?reason=declined").text
