"""The kiosk in English: no Chinese but official names, which are marked as such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from kiosk.shelf import HOT_QUESTION_LETTERS, HOT_QUESTIONS, hot_questions
from knowledge.library import load_shipped
from tests.kiosk.fakes import make_hall
from tests.kiosk.served import ServedHall

PAGES = (
    *("/", "/kiosk/themes", "/kiosk/theme/社保医保", "/kiosk/all", "/kiosk/help", "/kiosk/rate"),
    *("/kiosk/form", "/kiosk/form?kind=repair", "/kiosk/status"),
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
# What is marked as Chinese may be; nothing inside it is marked again.
_MARKED = re.compile(r"<(\w+)[^>]*\slang=\"zh-CN\"[^>]*>.*?</\1>", re.DOTALL)
_SHOWN = re.compile(r"<(?:script|style|template|svg)\b.*?</(?:script|style|template|svg)>|<[^>]+>", re.DOTALL)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    guides = load_shipped()
    hall = make_hall(tmp_path_factory.mktemp("english"))
    hall = replace(hall, needs=replace(hall.needs, guides=lambda: guides))
    served = ServedHall(hall, "kiosk_english")
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        client.get("/")
        client.post("/kiosk/setting", data={"name": "locale", "value": "en"})
        yield client
    served.close()


@pytest.mark.parametrize("path", PAGES)
def test_what_is_shown_in_english_holds_no_unmarked_chinese(browser: httpx.Client, path: str) -> None:
    page = browser.get(path).text
    assert 'lang="en"' in page
    body = page[page.index('id="main"') :]
    # A window is called as its sign says, so that it can be found.
    shown = _SHOWN.sub(" ", _MARKED.sub(" ", body)).replace("总服务台", "")
    assert _HAN.findall(shown) == []


def test_lists_show_the_english_title_beside_the_official_name(browser: httpx.Client) -> None:
    page = browser.get("/kiosk/all").text
    assert re.search(r'<span class="label">[A-Z][^<]+<small lang="zh-CN">[^<]+</small>', page)


def test_hot_questions_are_english_and_fit_their_tiles() -> None:
    questions = hot_questions(load_shipped(), "en")
    assert len(questions) == HOT_QUESTIONS
    assert all(question.isascii() and len(question) <= HOT_QUESTION_LETTERS for question in questions)
