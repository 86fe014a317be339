"""Signing in over HTTP: the first administrator, wrong passwords, sessions, and what was typed meanwhile."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from staff.audit import Outcome, Wanted
from staff.guard import COOKIE
from staff.roles import Role
from tests.staff.served import PASSWORD, SET_UP_CODE, Browser, ServedConsole

FIRST = {"login": "wang", "name": "王芳", "password": PASSWORD, "password_again": PASSWORD}


def set_up(browser: Browser, **more: str) -> httpx.Response:
    browser.get("/staff/set-up")
    return browser.post("/staff/set-up", {"code": SET_UP_CODE, **FIRST, **more})


def test_a_new_hall_leads_to_its_set_up_and_then_never_again(served: ServedConsole) -> None:
    browser = served.browser()
    assert browser.get("/staff").headers["location"] == "/staff/set-up"
    assert browser.get("/staff/sign-in").headers["location"] == "/staff/set-up"
    assert set_up(browser).status_code == 303
    assert "王芳，您好" in browser.get("/staff").text
    stranger = served.browser()
    assert stranger.get("/staff/set-up").headers["location"] == "/staff/sign-in"
    stranger.get("/staff/new-password")
    refused = stranger.post("/staff/set-up", {"code": SET_UP_CODE, **FIRST, "login": "evil"})
    assert refused.status_code == 409
    assert served.means.accounts.find("evil") is None


def test_the_first_administrator_needs_the_code_of_the_terminal(served: ServedConsole) -> None:
    browser = served.browser()
    assert set_up(browser, code="123412341235").status_code == 422
    assert set_up(browser, code="").status_code == 422
    assert served.means.accounts.is_empty()
    assert set_up(browser, code="1234-1234 1234").status_code == 303


def test_the_code_cannot_be_guessed_for_long(served: ServedConsole) -> None:
    browser = served.browser()
    answers = [set_up(browser, code=f"{number:012}").status_code for number in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert set_up(browser).status_code == 429
    served.clock.turn(minutes=16)
    assert set_up(browser).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "short", "至少 10"),
        ("password", "wang123", "至少 10"),
        ("password", "1234567890", "太常见"),
        ("password", "woaini1314", "太常见"),
        ("password_again", "anders-als-oben", "不一样"),
        ("login", "a b", "账号用"),
        ("login", "<script>", "账号用"),
        ("name", "  ", "请填姓名"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    field: str, value: str, words: str, served: ServedConsole
) -> None:
    more = {field: value} | ({"password_again": value} if field == "password" else {})
    answer = set_up(served.browser(), **more)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}-error">[^<]*{words}', answer.text)
    assert PASSWORD not in answer.text
    assert served.means.accounts.is_empty()


def test_a_wrong_password_and_an_unknown_login_look_alike(served: ServedConsole) -> None:
    served.member("li")
    browser = served.browser()
    wrong, unknown = browser.sign_in("li", "falsch-falsch"), browser.sign_in("nobody", "falsch-falsch")
    assert wrong.status_code == unknown.status_code == 403
    plain = [re.sub(r'(value|content)="[^"]*"', "", answer.text) for answer in (wrong, unknown)]
    assert plain[0] == plain[1]
    assert "账号或密码不对" in wrong.text


def test_five_wrong_passwords_lock_a_login_for_a_quarter_of_an_hour(served: ServedConsole) -> None:
    served.member("li")
    browser = served.browser()
    assert [browser.sign_in("li", f"falsch-{n}").status_code for n in range(6)] == [403] * 5 + [429]
    assert browser.sign_in("LI").status_code == 429, "the right one is held back too"
    assert [browser.sign_in("nobody", f"x-{n}").status_code for n in range(6)] == [403] * 5 + [429]
    served.clock.turn(minutes=15, seconds=1)
    assert browser.sign_in("ＬＩ").status_code == 303
    assert [browser.sign_in("li", "falsch").status_code for _ in range(2)] == [403, 403]


def test_an_address_is_held_back_whatever_login_it_tries(served: ServedConsole) -> None:
    served.member("li")
    guesser = served.browser(**{"x-test-address": "203.0.113.9"})
    answers = [guesser.sign_in(f"login-{n}", "falsch").status_code for n in range(31)]
    assert answers == [403] * 30 + [429]
    assert guesser.sign_in("li").status_code == 429
    assert served.browser(**{"x-test-address": "203.0.113.10"}).sign_in("li").status_code == 303


def test_signing_in_gives_a_new_session_and_ends_the_one_it_came_with(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    first = browser.http.cookies[COOKIE]
    entrance = browser.http
    entrance.cookies.clear()
    browser.get("/staff/sign-in")
    # A token that somebody else knows, planted into this browser before signing in.
    entrance.cookies.set(COOKIE, first, path="/staff")
    browser.page = browser.http.get("/staff/new-password")
    answer = browser.post("/staff/sign-in", {"login": "li", "password": PASSWORD})
    (given,) = re.findall(rf"{COOKIE}=([\w-]+)", answer.headers["set-cookie"])
    assert given != first
    planted = served.means.sign_ins.find(first)
    assert planted is not None
    assert not planted.stands


def test_a_token_that_was_made_up_opens_nothing(served: ServedConsole) -> None:
    served.member("li")
    browser = served.browser()
    browser.http.cookies.set(COOKIE, "x" * 43)
    assert browser.get("/staff").headers["location"].startswith("/staff/sign-in")


@pytest.mark.parametrize("away", [{"minutes": 31}, {"hours": 8, "seconds": 1}])
def test_a_session_ends_when_idle_or_after_eight_hours(away: dict[str, float], served: ServedConsole) -> None:
    browser = served.signed_in("li")
    if "hours" in away:
        for _ in range(16):
            served.clock.turn(minutes=29)
            assert browser.get("/staff").status_code == 200
        served.clock.turn(minutes=20)
    else:
        served.clock.turn(**away)
    assert browser.get("/staff").status_code == 303


def test_signing_out_ends_the_session_on_the_server(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    token = browser.http.cookies[COOKIE]
    answer = browser.post("/staff/sign-out")
    assert answer.headers["location"] == "/staff/sign-in"
    again = served.browser()
    again.http.cookies.set(COOKIE, token)
    assert again.get("/staff").status_code == 303


def test_cookies_are_out_of_reach_of_scripts_and_of_plain_http(served: ServedConsole) -> None:
    served.member("li")
    browser = served.browser(**{"x-forwarded-proto": "https"})
    entrance = browser.get("/staff/sign-in").headers["set-cookie"]
    assert "Secure" in entrance
    # A browser would send it back over https alone, which the test does not speak.
    browser.http.headers["cookie"] = entrance.partition(";")[0]
    answer = browser.post("/staff/sign-in", {"login": "li", "password": PASSWORD})
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/staff"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/chat"]
)
def test_signing_in_leads_nowhere_but_into_the_console(elsewhere: str, served: ServedConsole) -> None:
    served.member("li")
    assert served.browser().sign_in("li", next=elsewhere).headers["location"] == "/staff"


def test_signing_in_leads_to_where_one_was_going(served: ServedConsole) -> None:
    served.member("li", Role.ADMIN)
    browser = served.browser()
    location = browser.get("/staff/audit?act=sign-in&page=2").headers["location"]
    going = parse_qs(urlsplit(location).query)["next"][0]
    assert browser.sign_in("li", next=going).headers["location"] == "/staff/audit?act=sign-in&page=2"


def test_what_was_typed_when_the_session_had_ended_comes_back(served: ServedConsole) -> None:
    browser = served.signed_in("li", Role.ADMIN)
    browser.get("/staff/members/new")
    served.clock.turn(minutes=31)
    typed = {"name": "赵<敏>", "login": "zhao", "roles": ["viewer", "editor"]}
    referer = {"referer": f"{served.url}/staff/members/new"}
    answer = browser.post("/staff/members/new", typed, headers=referer)
    assert answer.status_code == 303
    kept = parse_qs(urlsplit(answer.headers["location"]).query)["kept"][0]
    assert served.means.accounts.find("zhao") is None, "nothing was done for who was not signed in"
    signed = browser.sign_in("li", kept=kept)
    assert signed.headers["location"] == f"/staff/members/new?kept={kept}"
    page = browser.get(signed.headers["location"]).text
    assert "\\u8d75\\u003c\\u654f\\u003e" in page
    assert "赵<敏>" not in page
    assert f'name="kept_typing" value="{kept}"' in page
    assert browser.post("/staff/members/new", {**typed, "kept_typing": kept}).status_code == 200
    assert served.means.accounts.find("zhao") is not None
    assert browser.get(f"/staff/kept/{kept}").status_code == 404, "it was sent and is forgotten"


def test_what_one_member_typed_is_not_shown_to_another(served: ServedConsole) -> None:
    browser = served.signed_in("li", Role.ADMIN)
    served.clock.turn(minutes=31)
    answer = browser.post("/staff/members/new", {"name": "赵敏", "old_password": "geheim"})
    kept = parse_qs(urlsplit(answer.headers["location"]).query)["kept"][0]
    other = served.signed_in("sun", Role.ADMIN)
    assert other.get(f"/staff/kept/{kept}").status_code == 404
    assert "赵敏" not in other.get(f"/staff/members/new?kept={kept}").text
    li = served.means.accounts.find("li")
    assert li is not None
    form = served.means.kept.read(li, kept)
    assert form is not None
    assert ("name", "赵敏") in form.fields
    assert not [name for name, _ in form.fields if "password" in name], "no password is kept"


def test_a_page_of_an_earlier_sign_in_loses_nothing_either(served: ServedConsole) -> None:
    browser = served.signed_in("li", Role.ADMIN)
    old = browser.get("/staff/members/new")
    assert browser.sign_in("li").status_code == 303 or browser.get("/staff").status_code == 200
    browser.post("/staff/sign-out")
    browser.sign_in("li")
    browser.page = old
    answer = browser.post("/staff/members/new", {"name": "赵敏", "login": "zhao", "roles": "viewer"})
    assert answer.status_code == 403
    link = re.search(r'href="(/staff/kept/\w+)"', answer.text)
    assert link
    assert browser.get(link.group(1)).status_code == 303


def test_a_member_who_is_disabled_is_out_at_once(served: ServedConsole) -> None:
    li, boss = served.signed_in("li"), served.signed_in("boss", Role.ADMIN)
    boss.get("/staff/members/li")
    assert boss.post("/staff/members/li/disable").status_code == 303
    assert li.get("/staff").status_code == 303
    assert served.browser().sign_in("li").status_code == 403
    assert boss.post("/staff/members/li/enable").status_code == 303
    assert served.browser().sign_in("li").status_code == 303


def test_a_reset_password_is_chosen_anew_with_a_code_that_works_once(served: ServedConsole) -> None:
    li, boss = served.signed_in("li"), served.signed_in("boss", Role.ADMIN)
    page = boss.post("/staff/members/li/reset").text
    code = re.search(r'aria-label="一次性码">([\w-]+)<', page)
    assert code
    assert li.get("/staff").status_code == 303
    assert served.browser().sign_in("li").status_code == 403
    new = {
        "login": "li",
        "code": code.group(1).lower(),
        "password": "neues-passwort-1",
        "password_again": "neues-passwort-1",
    }
    browser = served.browser()
    browser.get("/staff/new-password")
    assert browser.post("/staff/new-password", {**new, "code": "ABCD"}).status_code == 422
    assert browser.post("/staff/new-password", new).status_code == 303
    assert browser.post("/staff/new-password", new).status_code == 422
    assert browser.sign_in("li", "neues-passwort-1").status_code == 303


def test_a_code_is_good_for_a_day(served: ServedConsole) -> None:
    _, code = served.means.accounts.add("li", "李", [Role.VIEWER])
    served.clock.turn(hours=24, seconds=1)
    browser = served.browser()
    browser.get("/staff/new-password")
    fields = {"login": "li", "code": code, "password": PASSWORD, "password_again": PASSWORD}
    answer = browser.post("/staff/new-password", fields)
    assert answer.status_code == 422
    assert "过期" in answer.text


def test_changing_ones_password_signs_out_everywhere_else(served: ServedConsole) -> None:
    here, there = served.signed_in("li"), served.signed_in("li")
    new = {"password": "ganz-anderes-1", "password_again": "ganz-anderes-1"}
    here.get("/staff/me")
    assert here.post("/staff/me/password", {"old_password": "falsch", **new}).status_code == 422
    assert here.post("/staff/me/password", {"old_password": PASSWORD, **new}).status_code == 303
    assert here.get("/staff/me").status_code == 200
    assert there.get("/staff/me").status_code == 303


def test_the_last_administrator_stays_one(served: ServedConsole) -> None:
    boss = served.signed_in("boss", Role.ADMIN)
    boss.get("/staff/members/boss")
    answer = boss.post("/staff/members/boss", {"name": "老板", "roles": "viewer"})
    assert answer.status_code == 422
    assert boss.post("/staff/members/boss/disable").status_code == 409
    served.member("second", Role.ADMIN)
    second = served.signed_in("second")
    second.get("/staff/members/boss")
    assert second.post("/staff/members/boss", {"name": "老板", "roles": "viewer"}).status_code == 303
    assert boss.get("/staff/members").status_code == 403


def test_every_act_leaves_a_row_with_who_and_what(served: ServedConsole) -> None:
    boss = served.signed_in("boss", Role.ADMIN)
    boss.get("/staff/members/new")
    boss.post("/staff/members/new", {"login": "li", "name": "李", "roles": ["viewer"]})
    boss.post("/staff/members/new", {"login": "li", "name": "李", "roles": ["viewer"]})
    boss.post("/staff/members/li", {"name": "李明", "roles": ["editor"]})
    rows, count = served.means.audit.find(Wanted(login="boss"))
    assert count == 4
    assert [(row.act.act, row.outcome) for row in reversed(rows)] == [
        ("sign-in", Outcome.DONE),
        ("member.add", Outcome.DONE),
        ("member.add", Outcome.REFUSED),
        ("member.change", Outcome.DONE),
    ]
    assert rows[0].act.before == {"name": "李", "roles": ["viewer"]}
    assert rows[0].act.after == {"name": "李明", "roles": ["editor"]}


def test_a_body_that_is_too_large_is_refused_with_the_limit(served: ServedConsole) -> None:
    browser = served.signed_in("li")
    answer = browser.post("/staff/me/password", {"old_password": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "1 MB" in answer.text
