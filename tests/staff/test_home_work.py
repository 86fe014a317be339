"""The first page says what waits for whom."""

from __future__ import annotations

from datetime import date

import pytest

from hall.database import open_sessions
from staff.home_work import work_for
from staff.roles import Role
from tests.knowledge.curation import REFUSED, Room, small
from tests.staff.served import ServedConsole


@pytest.fixture
def room(served: ServedConsole) -> Room:
    room = Room(open_sessions(served.engine), served.clock.now)
    old = small("old", "旧事项", expires_on="2026-11-01")
    due = small("due", "该看的事项", review_by="2026-11-20")
    room.library.import_guides([small("one", "老年综合津贴"), small("two", "居住证签注"), old, due], "lin")
    served.means.gold.add("撤了的事", "gone", "lin")
    for number in range(3):
        served.means.unanswered.note(f"护照问题{number}", "declined", "chat", None, served.clock.now)
    room.approve("one", life_events=["退休"])
    room.edit("two", "li", fee="免费", sources=[{"title": "网页", "fields": ["fee"]}])
    draft = room.editorial.open_draft("due", "li")
    room.editorial.save_draft("due", draft.version, draft.content, "li")
    return room


def work(served: ServedConsole, login: str, *roles: Role) -> dict[str, tuple[int, str]]:
    served.member(login, *roles)
    member = served.means.accounts.find(login)
    assert member is not None
    return {one.key: (one.count, one.path) for one in work_for(served.means, member)}


def test_an_editor_is_shown_drafts_questions_and_what_grows_old(served: ServedConsole, room: Room) -> None:
    assert work(served, "li", Role.EDITOR) == {
        "drafts": (1, "/guides/due/edit"),
        "unanswered": (3, "/unanswered"),
        "expired": (1, "/guides?standing=expired"),
        "overdue": (1, "/guides?standing=overdue"),
    }


def test_a_reviewer_is_shown_others_work_and_what_is_to_be_released(
    served: ServedConsole, room: Room
) -> None:
    assert work(served, "wang", Role.REVIEWER) == {
        "reviews": (1, "/reviews"),
        "approved": (1, "/releases"),
        "expired": (1, "/guides?standing=expired"),
        "overdue": (1, "/guides?standing=overdue"),
        "gold_gone": (1, "/gold?kind=gone"),
    }
    assert "reviews" not in work(served, "li", Role.REVIEWER)


def test_a_refused_release_comes_first(served: ServedConsole, room: Room) -> None:
    number = room.releases.propose("wang", "")
    room.build(REFUSED)
    assert next(iter(work(served, "sun", Role.SUPERVISOR).items())) == (
        "release_refused",
        (1, f"/releases/{number}"),
    )
    room.releases.override(number, "zhang", "好")
    assert work(served, "sun", Role.SUPERVISOR)["release_ready"] == (1, f"/releases/{number}")


def test_who_only_looks_is_asked_for_nothing(served: ServedConsole, room: Room) -> None:
    assert work(served, "hu", Role.VIEWER) == {}
    page = served.signed_in("hu").get("/staff").text
    assert "现在没有等您处理的事" in page


def test_numbers_lead_to_pages_that_are_there(served: ServedConsole, room: Room) -> None:
    browser = served.signed_in("wang", Role.REVIEWER, Role.EDITOR, Role.ADMIN)
    assert date(2026, 11, 21) == served.clock.now.date()
    member = served.means.accounts.find("wang")
    assert member is not None
    page = browser.get("/staff").text
    for one in work_for(served.means, member):
        assert f'href="/staff{one.path}"' in page
        assert browser.get(f"/staff{one.path}").status_code == 200
