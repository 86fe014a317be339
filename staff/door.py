"""The console's door at /staff. Today it says how staff work without it; the console comes later."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from sanic import Blueprint, HTTPResponse, Request, html

_TEMPLATES = Path(__file__).parent / "templates"


def make_staff() -> Blueprint:
    """Return the routes under /staff."""
    routes = Blueprint("staff", url_prefix="/staff")
    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape())

    @routes.get("/")
    async def home(request: Request) -> HTTPResponse:
        """Say plainly what is not here yet, and how the same is done today."""
        return html(
            pages.get_template("home.html").render(),
            headers={"Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'"},
        )

    return routes
