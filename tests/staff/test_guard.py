"""What stands before every page, tried with pages of the test's own: faults, large bodies, polls, frames."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sanic import Blueprint, HTTPResponse
from sqlalchemy import text

from staff import entrance_pages, own_pages
from staff.audit import Outcome, Wanted
from staff.console import SHEET_BYTES, Console
from staff.csrf import safe_path
from staff.door import make_staff
from staff.roles import EVERY_ROLE, Role
from staff.visit import Visit
from tests.staff.served import ServedConsole, TurnedClock, database, make_means

SECRET = "13812345678 请帮帮我"


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Pages that do what pages should not."""

    @desk.page("POST", "/fails", allow=EVERY_ROLE)
    async def fails(visit: Visit) -> HTTPResponse:
        raise RuntimeError(visit.field("text"))

    @desk.page("GET", "/fails", allow=EVERY_ROLE)
    async def fails_too(visit: Visit) -> HTTPResponse:
        raise RuntimeError(SECRET)

    @desk.page("POST", "/sheet", allow=(Role.EDITOR,), act="sheet.take", body_limit=SHEET_BYTES)
    async def sheet(visit: Visit) -> HTTPResponse:
        file = visit.file("sheet")
        visit.note("sheet", file.name if file else "", after={"bytes": len(file.body) if file else 0})
        return visit.go("/me")

    @desk.page("GET", "/poll", allow=EVERY_ROLE, quiet=True, framed=True)
    async def poll(visit: Visit) -> HTTPResponse:
        visit.flash("password_changed")
        return HTTPResponse("ok")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedConsole]:
    modules = (entrance_pages.add_pages, own_pages.add_pages, add_pages)
    served = ServedConsole.start(database(tmp_path), "staff_guard", modules=modules)
    yield served
    served.close()


def test_a_fault_is_said_plainly_and_neither_shown_nor_logged_with_what_was_typed(
    served: ServedConsole, caplog: pytest.LogCaptureFixture
) -> None:
    browser = served.signed_in("li")
    with caplog.at_level(logging.DEBUG):
        answers = [browser.post("/staff/fails", {"text": SECRET}), browser.http.get("/staff/fails")]
    for answer in answers:
        assert answer.status_code == 500
        assert "出错了" in answer.text
        assert "13812345678" not in answer.text
        assert "Traceback" not in answer.text
    assert "13812345678" not in caplog.text
    assert "RuntimeError" in caplog.text
    (row,) = served.means.audit.find(Wanted(act="fails"))[0]
    assert row.outcome is Outcome.FAILED


def test_an_act_is_in_the_trail_before_it_is_done(served: ServedConsole) -> None:
    """A process that dies in the middle leaves the row of what it was about to do."""
    entry = served.means.audit.begin("li", make_act())
    (row,) = served.means.audit.find(Wanted(login="li"))[0]
    assert (row.id, row.outcome) == (entry, Outcome.BEGUN)


def make_act() -> entrance_pages.Act:
    return entrance_pages.Act("guide.submit", "guide", "residence-permit")


@pytest.mark.parametrize(("megabytes", "status"), [(0.5, 303), (19, 303), (21, 413)])
def test_a_sheet_may_be_large_where_the_page_says_so(
    megabytes: float, status: int, served: ServedConsole
) -> None:
    browser = served.signed_in("li", Role.EDITOR)
    body = b"x" * int(megabytes * 1_000_000)
    answer = browser.post("/staff/sheet", files={"sheet": ("指南.xlsx", body)})
    assert answer.status_code == status
    if status == 303:
        (row,) = served.means.audit.find(Wanted(act="sheet.take"))[0]
        assert row.act.after == {"bytes": len(body)}
    else:
        assert "20 MB" in answer.text


def test_who_may_not_send_a_sheet_is_told_without_its_being_read(served: ServedConsole) -> None:
    browser = served.signed_in("li", Role.VIEWER)
    answer = browser.post("/staff/sheet", files={"sheet": ("x.xlsx", b"x" * 100_000)})
    assert answer.status_code == 403
    assert "编辑" in answer.text


def test_a_page_that_asks_again_and_again_does_not_keep_the_session_alive(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    for _ in range(6):
        served.clock.turn(minutes=5)
        answer = browser.http.get("/staff/poll")
    assert answer.status_code == 303
    assert browser.http.get("/staff/me").status_code == 303


def test_a_page_may_be_framed_only_where_it_says_so_and_only_by_us(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    assert "frame-ancestors 'self'" in browser.http.get("/staff/poll").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in browser.http.get("/staff/me").headers["content-security-policy"]


def test_a_flash_is_shown_once(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    browser.http.get("/staff/poll")
    assert "密码已改" in browser.http.get("/staff/me").text
    assert "密码已改" not in browser.http.get("/staff/me").text


@pytest.mark.parametrize("cookie", ["x", "W10=", "bnVsbA==", "eyJhIjoxfQ==", "W3siYSI6MX1d", "=" * 3000])
def test_a_flash_that_was_made_up_breaks_nothing(cookie: str, served: ServedConsole) -> None:
    browser = served.signed_in("li")
    browser.http.cookies.set("linli_staff_flash", cookie, path="/staff")
    assert browser.http.get("/staff/me").status_code == 200


def test_when_the_database_is_away_the_page_says_so_and_works_again_after(
    served: ServedConsole, caplog: pytest.LogCaptureFixture
) -> None:
    browser = served.signed_in("li")
    with served.engine.begin() as connection:
        connection.execute(text("ALTER TABLE staff_session RENAME TO away"))
    with caplog.at_level(logging.CRITICAL):
        answer = browser.http.get("/staff/me")
        assert answer.status_code == 500
        assert "出错了" in answer.text
        assert browser.post("/staff/me/password", {"old_password": "x"}).status_code == 500
    with served.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO staff_session"))
    assert browser.http.get("/staff/me").status_code == 200


def test_a_fault_of_what_every_page_shows_is_still_said_in_plain_words(tmp_path: Path) -> None:
    def fail() -> str:
        raise RuntimeError(SECRET)

    modules = (entrance_pages.add_pages, own_pages.add_pages)
    served = ServedConsole.start(database(tmp_path), "staff_bare", modules=modules, hall_name=fail)
    try:
        served.member("li")
        answer = served.browser().get("/staff/sign-in")
        assert answer.status_code == 500
        assert "出错了" in answer.text
        assert SECRET not in answer.text
    finally:
        served.close()


def test_a_piece_of_a_page_that_cannot_be_had_says_so_in_the_pages_place(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    answer = browser.post("/staff/fails", {"text": "x"}, headers={"hx-request": "true"})
    assert answer.headers["hx-retarget"] == "#main"
    assert "出错了" in answer.text


def test_a_piece_asked_for_after_the_session_has_ended_takes_the_whole_page_to_the_door(
    served: ServedConsole,
) -> None:
    browser = served.signed_in("li", Role.EDITOR)
    browser.get("/staff/me")
    served.clock.turn(minutes=31)
    asked = {"hx-request": "true", "hx-current-url": f"{served.url}/staff/me?a=1"}
    answer = browser.http.get("/staff/poll", headers=asked)
    assert answer.headers["hx-redirect"] == "/staff/sign-in?next=/staff/me%3Fa%3D1"
    answer = browser.post("/staff/sheet", {"text": "getippt"}, headers=asked)
    assert answer.headers["hx-redirect"].startswith("/staff/sign-in?kept=")
    kept = answer.headers["hx-redirect"].partition("kept=")[2]
    assert browser.sign_in("li", kept=kept).headers["location"] == f"/staff/me?a=1&kept={kept}"


@pytest.mark.parametrize(
    ("typed_at", "back"),
    [
        ("/staff/me", "/staff/me"),
        ("/staff/me/password", "/staff/me"),
        ("/staff/sheet", "/staff"),
        ("/staff/kept/abc?x=1", "/staff/kept/abc?x=1"),
        ("/chat", "/staff"),
        ("", "/staff"),
    ],
)
def test_what_was_typed_comes_back_on_a_page_that_can_be_opened(
    typed_at: str, back: str, served: ServedConsole
) -> None:
    browser = served.signed_in("li", Role.EDITOR)
    served.clock.turn(minutes=31)
    answer = browser.post("/staff/sheet", {"text": "x"}, headers={"referer": served.url + typed_at})
    kept = answer.headers["location"].partition("kept=")[2]
    member = served.means.accounts.find("li")
    assert member is not None
    form = served.means.kept.read(member, kept)
    assert form is not None
    assert form.back == back


@pytest.mark.parametrize("path", ["/staff", "/staff/guides?q=a&page=2", "/staff/members/%E7%8E%8B"])
def test_a_path_of_the_console_is_safe_to_go_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/chat",
        "//staff/x",
        "https://evil/staff",
        "/staffx",
        "/staff/../x",
        "/staff\\@evil",
        "/staff/\r\nx",
    ],
)
def test_any_other_path_is_not(path: str) -> None:
    assert safe_path(path) == "/staff"


def test_a_page_without_roles_or_declared_twice_is_a_fault_at_the_start() -> None:
    console = Console(make_means(None, TurnedClock()))  # type: ignore[arg-type]  # nothing is asked of it
    with pytest.raises(ValueError, match="names no role"):
        console.page("GET", "/x", allow=())
    with pytest.raises(ValueError, match="navigation"):
        console.page("GET", "/x", allow=EVERY_ROLE, nav="unknown")

    @console.page("GET", "/x", allow=EVERY_ROLE)
    async def page(visit: Visit) -> HTTPResponse:
        return visit.go("/")

    with pytest.raises(ValueError, match="twice"):
        console.page("GET", "/x", allow=EVERY_ROLE)


def test_every_navigation_entry_has_its_icon_and_every_act_of_ours_its_words() -> None:
    means = make_means(None, TurnedClock())  # type: ignore[arg-type]  # nothing is asked of it
    console: Console = make_staff(means).ctx.console
    look = console.pages_look
    for group in look._groups:
        for item in group["items"]:
            assert (means.vendored / "icons" / f"{item['icon']}.svg").is_file(), item
    for page in console.pages:
        if page.method == "POST":
            assert look.may_say("act_" + page.act.replace(".", "_").replace("-", "_")), page.act


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary at all"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name\r\n\r\n\xff\r\n--x--",
        ),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="csrf"'),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x"),
        ("application/x-www-form-urlencoded", b"csrf=%FF%FE&\xff=\xfe&=&&&"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"csrf=+ADw-"),
        ("application/x-www-form-urlencoded; charset=no-such", b"csrf=a"),
        ("application/x-www-form-urlencoded", b"a=b&" * 20_000),
        ("application/json", b'{"csrf": [}'),
        ("text/plain; ;;=", b"\0"),
        ("", b"csrf=1"),
    ],
)
def test_a_body_that_no_browser_sends_is_refused_and_breaks_nothing(
    kind: str, body: bytes, served: ServedConsole
) -> None:
    browser = served.signed_in("li")
    for path in ("/staff/me/password", "/staff/sign-in"):
        answer = browser.http.post(path, content=body, headers={"content-type": kind})
        assert 400 <= answer.status_code < 500
    assert browser.get("/staff/me").status_code == 200
