"""The kiosk over HTTP: cookies, headers, bad input, and what one session may not see of another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from kiosk.door import COOKIE
from tests.kiosk.fakes import make_hall
from tests.kiosk.served import ServedHall

PAGES = (
    "/",
    "/kiosk/themes",
    "/kiosk/theme/社保医保",
    "/kiosk/departments",
    "/kiosk/departments?name=公安(居住证/人口)",
    "/kiosk/all",
    "/kiosk/all?page=2",
    "/kiosk/all?page=-1",
    "/kiosk/all?page=９９９",
    "/kiosk/help",
    "/kiosk/rate",
    "/kiosk/guide/guide-0",
    "/kiosk/guide/guide-0?aspect=fee",
    "/kiosk/guide/gone",
    "/kiosk/form",
    "/kiosk/form?kind=repair",
    "/kiosk/form?kind=<script>",
    "/kiosk/status",
    "/kiosk/results",
    "/kiosk/back",
    "/guide/guide-0",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHall]:
    served = ServedHall(make_hall(tmp_path_factory.mktemp("routes")), "kiosk_routes")
    yield served
    served.close()


@pytest.fixture
def browser(served: ServedHall) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_a_strict_policy_and_is_not_stored(path: str, browser: httpx.Client) -> None:
    page = browser.get(path)
    assert page.status_code == 200
    assert "<h1" in page.text or 'role="heading"' in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_the_cookie_is_for_this_site_and_its_server_only(browser: httpx.Client) -> None:
    cookie = browser.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "max-age" not in cookie.lower()
    assert "set-cookie" not in browser.get("/kiosk/all").headers


@pytest.mark.parametrize(
    ("headers", "is_secure"),
    [
        ({}, False),
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Proto": "https, http"}, True),
        ({"X-Forwarded-Proto": "http"}, False),
        ({"X-Forwarded-Proto": "; Domain=evil"}, False),
    ],
)
def test_behind_a_proxy_that_ends_tls_the_cookie_is_secure(
    headers: dict[str, str], is_secure: bool, browser: httpx.Client
) -> None:
    cookie = browser.get("/", headers=headers).headers["set-cookie"]
    assert ("; Secure" in cookie) is is_secure
    assert "evil" not in cookie


@pytest.mark.parametrize(
    "path",
    [
        "/kiosk/answer/99",
        "/kiosk/answer/x",
        "/kiosk/theme/none",
        "/kiosk/nowhere",
        "/kiosk/no/where/at/all",
        "/kiosk/static/none.css",
        "/kiosk/departments?name=none",
        "/guide/none",
    ],
)
def test_what_is_not_there_is_a_calm_page(path: str, browser: httpx.Client) -> None:
    page = browser.get(path)
    assert page.status_code == 404
    assert "没有这一页" in page.text


def test_what_was_left_empty_is_said_on_the_screen(browser: httpx.Client) -> None:
    browser.get("/kiosk/status")
    page = browser.post("/kiosk/status", data={"number": "261122-0001", "code": " "})
    assert "两个都在回执上" in page.text
    assert 'value="261122-0001"' in page.text
    assert "请先打字" in browser.post("/kiosk/ask", data={"text": ""}).text


def test_another_sites_page_may_not_post_here(browser: httpx.Client) -> None:
    for path in ("/kiosk/ask", "/kiosk/end", "/kiosk/form", "/kiosk/setting"):
        refused = browser.post(path, data={"text": "居住证"}, headers={"Origin": "https://evil.example"})
        assert refused.status_code == 403, path
    own = browser.post(
        "/kiosk/ask", data={"text": "居住证"}, headers={"Origin": str(browser.base_url).rstrip("/")}
    )
    assert own.status_code == 200


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "请先打字"),
        ({"text": "   "}, "请先打字"),
        ({"text": "字" * 501}, "字太多了"),
        ({"choice": "made-up", "label": "x"}, "这个选项过期了"),
        ({"text": "/restart"}, "/restart"),
        ({"text": "\u0000\u0007"}, "\u0007"),
        ({"text": "'; DROP TABLE cases; --"}, "DROP TABLE"),
    ],
)
def test_bad_input_is_answered_politely(fields: dict[str, str], says: str, browser: httpx.Client) -> None:
    browser.get("/")
    page = browser.post("/kiosk/ask", data=fields)
    assert page.status_code == 200
    assert says in page.text


def test_a_body_that_is_no_form_breaks_nothing(browser: httpx.Client) -> None:
    for path in (
        "/kiosk/ask",
        "/kiosk/form",
        "/kiosk/status",
        "/kiosk/setting",
        "/kiosk/candidates",
        "/kiosk/rate",
    ):
        page = browser.post(
            path, content=b"\xff\xfe{", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert page.status_code < 500, path


def test_one_session_sees_nothing_of_another(served: ServedHall, browser: httpx.Client) -> None:
    browser.post("/kiosk/ask", data={"text": "居住证怎么办？"})
    with httpx.Client(base_url=served.url, follow_redirects=True) as other:
        assert other.get("/kiosk/answer/1").status_code == 404
    first, second = served.hall.conversation.turns[-2:], browser.post("/kiosk/ask", data={"text": "居住证"})
    assert second.status_code == 200
    assert first[-1].conversation == served.hall.conversation.turns[-1].conversation


def test_a_session_left_alone_is_forgotten_by_the_server_too(tmp_path: Path) -> None:
    served = ServedHall(make_hall(tmp_path), "kiosk_idle")
    try:
        with httpx.Client(base_url=served.url, follow_redirects=True) as browser:
            browser.post("/kiosk/ask", data={"text": "居住证怎么办？"})
            assert browser.get("/kiosk/answer/1").status_code == 200
            served.hall.pass_time(timedelta(minutes=11))
            assert browser.get("/kiosk/answer/1").status_code == 404
    finally:
        served.close()


def test_ending_twice_is_ending_once(browser: httpx.Client) -> None:
    browser.get("/")
    token = browser.cookies[COOKIE]
    assert browser.post("/kiosk/end").status_code == 200
    assert browser.post("/kiosk/end").status_code == 200
    assert browser.cookies[COOKIE] != token


def test_a_step_of_the_form_that_was_passed_changes_nothing(browser: httpx.Client) -> None:
    browser.get("/kiosk/form?kind=repair")
    browser.post("/kiosk/form", data={"step": "kind", "value": "repair"})
    browser.post("/kiosk/form", data={"step": "description", "value": "3号楼电梯坏了"})
    stale = browser.post("/kiosk/form", data={"step": "description", "value": "另一件事"})
    assert 'value="place"' in stale.text
    made_up = browser.post("/kiosk/form", data={"step": "place", "action": "change", "field": "request_key"})
    assert made_up.status_code == 200


def test_what_the_form_refuses_it_explains(browser: httpx.Client) -> None:
    browser.get("/kiosk/form?kind=repair")
    browser.post("/kiosk/form", data={"step": "kind", "value": "repair"})
    page = browser.post("/kiosk/form", data={"step": "description", "value": "？"})
    assert "请用一两句话说" in page.text
    page = browser.post("/kiosk/form", data={"step": "description", "action": "skip"})
    assert 'role="alert"' in page.text


def test_the_talk_of_a_visitor_ends_with_the_session(browser: httpx.Client, served: ServedHall) -> None:
    browser.post("/kiosk/ask", data={"text": "居住证怎么办？"})
    talk = served.hall.conversation.turns[-1].conversation
    browser.post("/kiosk/end")
    assert served.hall.conversation.ended[-1] == talk


def test_the_voice_becomes_slower_and_louder_for_this_visit(browser: httpx.Client) -> None:
    def read_aloud() -> str:
        return str(browser.post("/kiosk/speak", data={"of": "home"}).json()["url"])

    assert ".normal." in read_aloud()
    page = browser.post("/kiosk/ask", data={"text": "说慢点"})
    assert 'data-pace="slow"' in page.text
    assert ".slow." in read_aloud()
    assert 'data-volume="3"' in browser.post("/kiosk/ask", data={"text": "大声点"}).text
    browser.post("/kiosk/end")
    browser.get("/")
    assert ".normal." in read_aloud()


def test_a_sound_of_nothing_is_not_found(browser: httpx.Client) -> None:
    browser.get("/")
    for of in ("", "answer/1", "answer/../home", "form", "guide"):
        assert browser.post("/kiosk/speak", data={"of": of}).status_code == 404, of
    assert browser.get("/kiosk/audio/home.zh.normal.00000000000000000000.wav").status_code == 404
    assert browser.get("/kiosk/audio/x.wav").status_code == 404
    url = browser.post("/kiosk/speak", data={"of": "home"}).json()["url"]
    assert browser.get(url).content.startswith(b"RIFF")


def test_the_qr_code_is_left_out_where_only_this_machine_could_open_it(tmp_path: Path) -> None:
    from dataclasses import replace

    hall = make_hall(tmp_path)
    hall.needs = replace(hall.needs, public_url="")
    served = ServedHall(hall, "kiosk_local")
    try:
        with httpx.Client(base_url=served.url, follow_redirects=True) as browser:
            page = browser.get("/kiosk/guide/guide-0").text
            assert "打印清单" in page
            assert 'class="qr"' not in page
    finally:
        served.close()


def test_candidates_come_from_guides_and_everyday_words(browser: httpx.Client) -> None:
    found = browser.post("/kiosk/candidates", data={"letters": "juzhuzheng"}).json()["candidates"]
    assert found[0] == {"text": "居住证", "letters": 10}


def test_volume_and_language_take_only_known_values(browser: httpx.Client) -> None:
    browser.get("/")
    for name, value in (("volume", "9"), ("locale", "fr"), ("conversation", "x"), ("", "")):
        assert browser.post("/kiosk/setting", data={"name": name, "value": value}).status_code == 200
    assert 'data-volume="2"' in browser.get("/").text


def test_a_reply_that_comes_late_takes_the_place_of_the_promise(
    served: ServedHall, browser: httpx.Client
) -> None:
    promise = browser.post("/kiosk/ask", data={"text": "晚"})
    assert "还在办。" in promise.text
    path = f"{promise.url.path}?late=1"
    assert path in promise.text  # the screen asks for it by itself
    assert browser.get(path).status_code == 204
    served.hall.conversation.keep_promises()
    arrived = browser.get(path)
    assert arrived.status_code == 200
    assert "还在办。" not in arrived.text
    assert path not in arrived.text
    assert "居住证" in arrived.text
