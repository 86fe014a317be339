"""The first page: who one is, where one may go, and what waits there."""

from __future__ import annotations

from staff.roles import Role
from tests.staff.served import ServedConsole


def test_the_first_page_shows_what_waits_and_only_where_one_may_go(served: ServedConsole) -> None:
    now = served.clock()
    for number in range(3):
        served.means.unanswered.note(f"哪里可以办第{number}件事", "declined", "chat", None, now)
    page = served.signed_in("li", Role.EDITOR).get("/staff").text
    assert "li先生，您好" in page
    assert "3 个问题" in page
    assert "等审核" not in page, "nothing waits: nothing is said"
    assert 'href="/staff/members"' not in page
    assert 'aria-current="page"' in page


def test_an_address_without_a_page_says_so_in_plain_words(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    for path in ("/staff/nothing", "/staff/a/b/c", "/staff/%00", "/staff/..%2f"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "没有这一页" in answer.text
    assert browser.post("/staff/nothing", {"a": "b"}).status_code == 404
