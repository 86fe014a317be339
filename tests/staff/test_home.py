"""The first page: who one is and where one may go; and addresses where nothing is."""

from __future__ import annotations

from staff.roles import Role
from tests.staff.served import ServedConsole


def test_the_first_page_leads_only_where_one_may_go(served: ServedConsole) -> None:
    page = served.signed_in("li", Role.EDITOR).get("/staff").text
    assert "li先生，您好" in page
    assert 'href="/staff/guides"' in page
    assert 'href="/staff/members"' not in page
    assert 'aria-current="page"' in page


def test_an_address_without_a_page_says_so_in_plain_words(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    for path in ("/staff/nothing", "/staff/a/b/c", "/staff/%00", "/staff/..%2f"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "没有这一页" in answer.text
    assert browser.post("/staff/nothing", {"a": "b"}).status_code == 404
