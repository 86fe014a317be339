"""Every page of the console's one table, tried by every role and by nobody, with whatever may be typed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from staff.audit import Wanted
from staff.console import Console, Page
from staff.csrf import csrf_of
from staff.door import make_staff
from staff.guard import COOKIE
from staff.roles import Role
from tests.staff.served import ServedConsole, TurnedClock, make_means

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}{% raw %}",
    "nul": "a\0b\x1b[2J",
    "right to left": "‮gnp.exe⁦ ​",
    "sql": "'; DROP TABLE staff_member; --",
    "surrogate": "😀" * 50,
    "long": "长" * 300_000,
    "path": "../../etc/passwd",
    "formula": '=HYPERLINK("http://evil")',
}


TURNED_AWAY = "您的账号不能打开这一页"


def table() -> tuple[Page, ...]:
    """The table, without serving anything."""
    console: Console = make_staff(make_means(None, TurnedClock())).ctx.console  # type: ignore[arg-type]
    return tuple(console.pages)


PAGES = table()
GUARDED = [page for page in PAGES if page.allow is not None]


def path_of(page: Page, value: str = "nobody") -> str:
    filled = re.sub(r"<\w+:(int)>", "1", page.path)
    return "/staff" + re.sub(r"<[^>]+>", value, filled).rstrip("/")


def name_of(page: Page) -> str:
    return f"{page.method} {page.path}"


def client(served: ServedConsole, role: Role | None) -> tuple[httpx.Client, str]:
    """Return a browser that is signed in with one role, and what its forms carry."""
    http = httpx.Client(base_url=served.url, headers={"origin": served.url}, trust_env=False, timeout=60)
    if role is None:
        served.member("somebody", Role.ADMIN)
        return http, ""
    login = served.member(f"only-{role}", role)
    member = served.means.accounts.find(login)
    assert member is not None
    token = served.means.sign_ins.open(member, "")
    http.cookies.set(COOKIE, token)
    return http, csrf_of(token)


def ask(http: httpx.Client, page: Page, csrf: str, value: str = "nobody") -> httpx.Response:
    if page.method == "GET":
        return http.get(path_of(page, value))
    return http.request(page.method, path_of(page, value), data={"csrf": csrf})


@pytest.mark.parametrize("page", GUARDED, ids=name_of)
def test_nobody_gets_in(page: Page, open_console: ServedConsole) -> None:
    http, _ = client(open_console, None)
    answer = ask(http, page, "")
    if page.method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/sign-in?next=/staff")
    else:
        assert answer.status_code == 401
        assert "请先登录" in answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", GUARDED, ids=name_of)
def test_each_role_gets_where_the_table_says(page: Page, role: Role, open_console: ServedConsole) -> None:
    http, csrf = client(open_console, role)
    answer = ask(http, page, csrf)
    assert page.allow is not None
    if role in page.allow:
        # A form may still be refused for reasons of its own, such as another's draft.
        is_let_through = bool(open_console.means.audit.find(Wanted(login=f"only-{role}", act=page.act))[1])
        assert is_let_through if page.method == "POST" else TURNED_AWAY not in answer.text
        assert answer.status_code != 401
        assert answer.status_code < 500, answer.text[:300]
    else:
        assert answer.status_code == 403
        assert TURNED_AWAY in answer.text
        for allowed in page.allow:
            assert open_console.console.pages_look.say(f"role_{allowed}") in answer.text


@pytest.mark.parametrize("page", [page for page in PAGES if page.method == "POST"], ids=name_of)
def test_no_form_is_taken_without_its_token_or_from_another_site(
    page: Page, open_console: ServedConsole
) -> None:
    http, csrf = client(open_console, (page.allow or (Role.ADMIN,))[0])
    for sent, headers in (
        ({}, {}),
        ({"csrf": ""}, {}),
        ({"csrf": csrf[::-1]}, {}),
        ({"csrf": csrf}, {"origin": "https://evil.example"}),
        ({"csrf": csrf}, {"origin": "null"}),
        ({"csrf": csrf}, {"sec-fetch-site": "cross-site"}),
        ({"csrf": csrf}, {"sec-fetch-site": "same-site"}),
    ):
        answer = http.post(path_of(page), data=sent, headers=headers)
        assert answer.status_code == 403, (sent, headers)
    del http.headers["origin"]
    assert http.post(path_of(page), data={"csrf": csrf}).status_code == 403


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_page_forbids_scripts_of_others_and_is_not_stored(
    page: Page, open_console: ServedConsole
) -> None:
    http, csrf = client(open_console, (page.allow or (Role.ADMIN,))[0])
    answer = ask(http, page, csrf)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "form-action 'self'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if "text/html" in answer.headers["content-type"]:
        assert not re.search(r"<script(?![^>]*(src=|application/json))|\son\w+=|\sstyle=", answer.text)


@pytest.mark.parametrize("value", ["%00", "..%2f..", "%3Cscript%3E", "%E2%80%AE", "9" * 400, "%FF"])
@pytest.mark.parametrize("page", [page for page in GUARDED if "<" in page.path], ids=name_of)
def test_whatever_an_address_holds_breaks_nothing(
    page: Page, value: str, open_console: ServedConsole
) -> None:
    assert page.allow is not None
    http, csrf = client(open_console, page.allow[0])
    answer = ask(http, page, csrf, value)
    assert answer.status_code < 500
    assert "<script>" not in answer.text


class Forms(HTMLParser):
    """Reads the forms of a page: where each goes, and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("method", "get"), given.get("action", ""), {}))
        elif tag in ("input", "textarea", "select") and self.found and given.get("name"):
            self.found[-1][2][given["name"]] = given.get("value", "")


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.method == "GET" and "<" not in page.path], ids=name_of
)
def test_hostile_text_in_every_field_of_every_form_is_harmless(
    page: Page, kind: str, open_console: ServedConsole
) -> None:
    http, _ = client(open_console, page.allow[0] if page.allow else None)
    shown = http.get(path_of(page))
    if "text/html" not in shown.headers.get("content-type", ""):
        return
    forms = Forms()
    forms.feed(shown.text)
    for method, action, fields in forms.found:
        if "sign-out" in action or not action.startswith("/staff"):
            continue
        for name in fields:
            if name == "csrf":
                continue
            sent = {**fields, name: HOSTILE[kind]}
            if method == "get" and kind == "long":
                continue
            answer = http.get(action, params=sent) if method == "get" else http.post(action, data=sent)
            assert answer.status_code < 500, (action, name)
            assert "<script>alert" not in answer.text
            assert "<img src=x" not in answer.text
            assert "49" not in re.findall(r"&quot;&#39;&amp;(\d+)", answer.text)


def test_the_table_has_no_page_twice_and_every_post_names_its_act() -> None:
    assert len({(page.method, page.path) for page in PAGES}) == len(PAGES)
    assert all(page.act for page in PAGES if page.method == "POST")
    assert {page.method for page in PAGES} <= {"GET", "POST"}
