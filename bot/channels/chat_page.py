"""The chat page at /chat: phone-first, without accounts; all talk goes through /api/chat."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sanic import Blueprint, HTTPResponse, Request, html

from language.texts import Texts

FOLDER = Path(__file__).resolve().parent / "chat"
EXAMPLES = ("example_1", "example_2", "example_3", "example_4")
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_chat_page(hall_name: str = "") -> Blueprint:
    """Return the page and its static files. `?lang=en` shows it in English."""
    page = Blueprint("chat_page")
    texts = Texts(FOLDER / "texts.yml")
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("chat.html")

    async def chat(request: Request) -> HTTPResponse:
        locale = "en" if request.args.get("lang") == "en" else "zh"

        def say(key: str, /, **values: object) -> str:
            return texts.say(key, locale, **values)

        rendered = template.render(t=say, locale=locale, hall_name=hall_name, examples=EXAMPLES)
        return html(rendered, headers=SECURITY_HEADERS)

    page.add_route(chat, "/chat", name="chat")
    page.static("/chat/static", FOLDER / "static", name="static")
    return page
