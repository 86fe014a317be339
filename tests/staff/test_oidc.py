"""Signing in through an organisation's own sign-in, over real HTTP, and every lie that anyone may tell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cases.sealing import Sealer
from hall.settings import SettingsError, read_settings
from staff.guard import COOKIE
from staff.oidc import Oidc, OidcSettings
from staff.roles import Role
from tests.staff.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.staff.served import Browser, ServedConsole, TurnedClock, database


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider(now=time.time())
    yield provider
    provider.close()


def serve(folder: Path, provider: IdentityProvider, role_claim: str = "roles") -> ServedConsole:
    # Tokens carry real times, which Authlib compares with the real clock.
    clock = TurnedClock(datetime.now(UTC))
    settings = OidcSettings(provider.issuer, CLIENT_ID, CLIENT_SECRET, role_claim)
    served = ServedConsole.start(
        database(folder), "staff_oidc", oidc=Oidc(settings, Sealer([b"k" * 32]), clock), clock=clock
    )
    served.member("boss", Role.ADMIN)
    return served


@pytest.fixture
def served(tmp_path: Path, provider: IdentityProvider) -> Iterator[ServedConsole]:
    served = serve(tmp_path, provider)
    yield served
    served.close()


def go_out(browser: Browser, query: str = "") -> str:
    """Go to the provider; return the address that it sends back to."""
    out = browser.get(f"/staff/oidc/start{query}")
    assert out.status_code == 303, out.text
    return httpx.get(out.headers["location"], trust_env=False).headers["location"]


def come_back(browser: Browser, address: str) -> httpx.Response:
    return browser.get(address.removeprefix(browser.url))


def test_a_person_of_the_organisation_is_signed_in_with_the_roles_it_names(
    served: ServedConsole, provider: IdentityProvider
) -> None:
    provider.claims |= {"name": "张伟", "roles": ["editor", "something-else"]}
    browser = served.browser()
    assert "用单位统一登录" in browser.get("/staff/sign-in").text
    answer = come_back(browser, go_out(browser, "?next=/staff/me"))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/staff/me"
    assert "张伟" in browser.get("/staff/me").text
    member = served.means.accounts.find("zhang")
    assert member is not None
    assert member.roles == (Role.EDITOR,)
    provider.claims["roles"] = ["viewer"]
    come_back(browser, go_out(served.browser()))
    again = served.browser()
    come_back(again, go_out(again))
    member = served.means.accounts.find("zhang")
    assert member is not None
    assert member.roles == (Role.VIEWER,)


def test_a_login_proves_nothing_an_account_of_ours_stays_ours(
    served: ServedConsole, provider: IdentityProvider
) -> None:
    provider.claims = {"sub": "u-9", "preferred_username": "Boss", "roles": ["viewer"]}
    browser = served.browser()
    assert come_back(browser, go_out(browser)).status_code == 303
    page = browser.get("/staff/me").text
    assert "boss-" in page
    assert browser.get("/staff/members").status_code == 403


def test_who_has_no_role_is_noted_and_waits(served: ServedConsole, provider: IdentityProvider) -> None:
    provider.claims["roles"] = []
    browser = served.browser()
    answer = come_back(browser, go_out(browser))
    assert answer.status_code == 403
    assert "还没有开通身份" in answer.text
    assert COOKIE not in browser.http.cookies
    assert served.means.accounts.find("zhang") is not None


def test_without_a_role_claim_an_administrator_gives_roles(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    served = serve(tmp_path, provider, role_claim="")
    try:
        provider.claims["roles"] = ["admin"]
        browser = served.browser()
        assert come_back(browser, go_out(browser)).status_code == 403
        served.means.accounts.change("zhang", "张伟", [Role.VIEWER])
        assert come_back(browser, go_out(browser)).status_code == 303
        served.means.accounts.set_disabled("zhang", True)
        again = served.browser()
        assert come_back(again, go_out(again)).status_code == 403
    finally:
        served.close()


@pytest.mark.parametrize(
    ("lies", "signs_with"),
    [
        ({"aud": "another-client"}, "key"),
        ({"aud": None}, "key"),
        ({"iss": "https://evil.example"}, "key"),
        ({"nonce": "another"}, "key"),
        ({"nonce": None}, "key"),
        ({"exp": 1_700_000_000}, "key"),
        ({"exp": None}, "key"),
        ({"sub": None}, "key"),
        ({"sub": ""}, "key"),
        ({}, "other"),
        ({}, "none"),
        ({}, "secret"),
    ],
)
def test_a_token_that_is_not_as_it_must_be_signs_nobody_in(
    lies: dict[str, Any], signs_with: str, served: ServedConsole, provider: IdentityProvider
) -> None:
    provider.claims["roles"] = ["admin"]
    provider.lies, provider.signs_with = lies, signs_with
    browser = served.browser()
    answer = come_back(browser, go_out(browser))
    assert answer.status_code == 403
    assert COOKIE not in browser.http.cookies
    assert served.means.accounts.find("zhang") is None


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    served: ServedConsole, provider: IdentityProvider
) -> None:
    provider.claims["roles"] = ["viewer"]
    address = go_out(served.browser())
    victim = served.browser()
    assert come_back(victim, address).status_code == 403, "another browser's answer: login CSRF"
    go_out(victim)
    assert come_back(victim, address).status_code == 403, "this browser's cookie, another's state"
    mine = served.browser()
    own = go_out(mine)
    state = parse_qs(urlsplit(own).query)["state"][0]
    assert come_back(mine, f"/staff/oidc/back?state={state}").status_code == 403, "no code"
    other = served.browser()
    late = go_out(other)
    served.clock.turn(minutes=11)
    assert come_back(other, late).status_code == 403


def test_a_code_works_once_and_only_with_its_verifier(
    served: ServedConsole, provider: IdentityProvider
) -> None:
    provider.claims["roles"] = ["viewer"]
    browser = served.browser()
    address = go_out(browser)
    cookie = browser.http.cookies["linli_staff_oidc"]
    assert come_back(browser, address).status_code == 303
    again = served.browser()
    again.http.cookies.set("linli_staff_oidc", cookie)
    assert come_back(again, address).status_code == 403
    assert provider.refused == ["code"]
    stolen, own = go_out(served.browser()), served.browser()
    mine = parse_qs(urlsplit(go_out(own)).query)
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    assert come_back(own, f"/staff/oidc/back?code={code}&state={mine['state'][0]}").status_code == 403
    assert provider.refused == ["code", "verifier"]


def test_a_provider_that_is_away_or_another_one_is_said_on_a_page(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    served = serve(tmp_path, provider)
    try:
        provider.lies["described_issuer"] = "https://another.example"
        answer = served.browser().get("/staff/oidc/start")
        assert answer.status_code == 502
        assert "用账号和密码登录" in answer.text
        provider.lies.clear()
        assert served.browser().get("/staff/oidc/start").status_code == 303, "it is asked again"
    finally:
        served.close()


def test_a_hall_without_one_has_no_such_way(tmp_path: Path) -> None:
    served = ServedConsole.start(database(tmp_path), "staff_no_oidc")
    try:
        served.member("boss", Role.ADMIN)
        assert served.browser().get("/staff/oidc/start").status_code == 404
        assert served.browser().get("/staff/oidc/back?code=x&state=y").status_code == 404
        assert "统一登录" not in served.browser().get("/staff/sign-in").text
    finally:
        served.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"LINLI_OIDC_ISSUER": "http://login.example.org", "LINLI_OIDC_CLIENT_ID": "linli"},
        {"LINLI_OIDC_ISSUER": "https://login.example.org"},
        {"LINLI_OIDC_ISSUER": "login", "LINLI_OIDC_CLIENT_ID": "linli"},
    ],
)
def test_settings_that_cannot_be_safe_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="LINLI_OIDC_ISSUER"):
        read_settings(settings)
