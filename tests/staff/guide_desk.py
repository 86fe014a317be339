"""A console with a few guides in it, for the tests of the guide pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx

from knowledge.guide import Guide
from staff.roles import Role
from tests.knowledge.curation import small
from tests.staff.served import Browser, ServedConsole

SOURCE = {"title": "办事指南网页", "url": "https://example.org/a", "date": "2024-05-01"}


def whole(guide_id: str, title: str, **more: Any) -> Guide:
    """A guide with most of its fields filled."""
    filled: dict[str, Any] = {
        "aliases": [f"{title}卡"],
        "phrasings": [f"{title}怎么办理呀", f"想要{title}去哪里"],
        "audience": "本市居民",
        "conditions": ["年满 65 周岁", "本市户籍"],
        "materials": [
            {"name": "身份证", "form": "original", "count": 1, "required": True},
            {"name": "户口簿", "form": "copy", "required": False, "when": "代办时"},
        ],
        "steps": ["取号", "交材料"],
        "where": ["一楼大厅"],
        "fee": "免费",
        "phones": [{"number": "021-12345678", "label": "咨询"}],
        "sources": [
            {
                **SOURCE,
                "fields": ["where", "audience", "conditions", "materials", "steps", "fee", "phones"],
            }
        ],
        "completeness": "full",
    }
    return small(guide_id, title, **{**filled, **more})


def stock(served: ServedConsole, *guides: Guide) -> None:
    """Publish guides."""
    served.means.library.import_guides(list(guides), "lin")


def editor(served: ServedConsole, login: str = "li") -> Browser:
    """A browser in which an editor is signed in."""
    return served.signed_in(login, Role.EDITOR)


def reviewer(served: ServedConsole, login: str = "wang") -> Browser:
    """A browser in which a reviewer is signed in."""
    return served.signed_in(login, Role.REVIEWER)


class Form(HTMLParser):
    """The fields of the page's guide form, as a browser without scripts would send them."""

    def __init__(self, page: str, wanted: str = "guide-form") -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, list[str]] = {}
        self._wanted = wanted
        self._inside = False
        self._area = ""
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == self._wanted
            self.action = given["action"] if self._inside else self.action
        name = given.get("name", "")
        if not self._inside or not name:
            if tag == "option" and self._inside and self._select and "selected" in given:
                self.fields[self._select] = [given.get("value", "")]
            return
        if tag == "input" and given.get("type") == "checkbox":
            if "checked" in given:
                self.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "input":
            self.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self.fields[name] = [""]
        elif tag == "select":
            self._select = name
            self.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            held = self.fields[self._area][0]
            self.fields[self._area] = [held.removeprefix("\n")]
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False


def open_form(browser: Browser, guide_id: str) -> Form:
    """Open the edit page and read its form."""
    page = browser.get(f"/staff/guides/{guide_id}/edit")
    assert page.status_code == 200, page.text[:300]
    return Form(page.text)


def send(
    browser: Browser,
    form: Form,
    changes: Mapping[str, Any] | None = None,
    to: str = "",
    **more: Any,
) -> httpx.Response:
    """Send a form with some fields changed, to its own address or to another with the same query."""
    action = form.action
    if to:
        action = re.sub(r"/draft\?", f"/{to}?", action)
    return browser.post(action, {**form.fields, **(changes or {})}, **more)


def text_of(page: httpx.Response) -> str:
    """The page's words without its tags."""
    whole_words = re.sub(r"</?(mark|del|ins)>", "", page.text)
    return unescape(re.sub(r"<[^>]+>", " ", whole_words))
