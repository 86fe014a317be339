"""The kiosk as a Sanic blueprint: which address shows which screen."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from kiosk.asking import AskScreens
from kiosk.calling import HelpScreens
from kiosk.controls import Controls
from kiosk.door import SECURITY_HEADERS, Door, Screen, refuse_foreign
from kiosk.form_screens import FormScreens
from kiosk.needs import Needs
from kiosk.rendering import FOLDER
from kiosk.result_screens import ResultScreens
from kiosk.screens import BrowseScreens
from kiosk.sound import SoundScreens
from kiosk.status_screens import StatusScreens

# Route names hold letters only; every pair of method and path has its own.
_NAME = str.maketrans(dict.fromkeys("/<>:", "_"))


def make_kiosk(needs: Needs) -> Blueprint:
    """Return the kiosk's blueprint, wired to the hall. It keeps nothing outside of `needs.sessions`."""
    kiosk = Blueprint("kiosk")
    door = Door(needs)
    browse, ask = BrowseScreens(door), AskScreens(door)
    form, status = FormScreens(door), StatusScreens(door)
    sound, controls = SoundScreens(door), Controls(door)
    helping, results = HelpScreens(door), ResultScreens(door)

    screens: tuple[tuple[str, str, Screen], ...] = (
        ("GET", "/", browse.home),
        ("GET", "/kiosk/themes", browse.themes),
        ("GET", "/kiosk/theme/<theme:str>", browse.theme),
        ("GET", "/kiosk/departments", browse.departments),
        ("GET", "/kiosk/all", browse.all_guides),
        ("GET", "/kiosk/help", helping.show),
        ("POST", "/kiosk/help/call", helping.call),
        ("GET", "/kiosk/rate", browse.rate_form),
        ("POST", "/kiosk/rate", browse.rate),
        ("POST", "/kiosk/ask", ask.ask),
        ("GET", "/kiosk/answer/<number:str>", ask.answer),
        ("GET", "/kiosk/guide/<guide_id:str>", ask.guide),
        ("POST", "/kiosk/rate/answer", ask.rate),
        ("POST", "/kiosk/candidates", ask.candidates),
        ("GET", "/kiosk/form", form.show),
        ("POST", "/kiosk/form", form.take),
        ("GET", "/kiosk/status", status.show),
        ("POST", "/kiosk/status", status.look_up),
        ("POST", "/kiosk/status/act", status.act),
        ("GET", "/kiosk/results", results.show),
        ("POST", "/kiosk/speak", sound.speak),
        ("GET", "/kiosk/audio/<token:str>", sound.audio),
        ("POST", "/kiosk/setting", controls.set),
        ("GET", "/kiosk/back", controls.back),
        ("POST", "/kiosk/stay", controls.stay),
        ("GET", "/kiosk/<rest:path>", controls.nowhere),
    )
    for method, path, show in screens:
        name = f"{method}_{path}".lower().translate(_NAME)
        kiosk.add_route(door.screen(show), path, methods=[method], name=name, unquote=True)
    kiosk.add_route(controls.end, "/kiosk/end", methods=["POST"], name="end")
    kiosk.add_route(
        ask.public_guide, "/guide/<guide_id:str>", methods=["GET"], name="public_guide", unquote=True
    )
    kiosk.static("/kiosk/static", FOLDER / "static", name="static")

    kiosk.on_request(_refuse_other_sites)
    kiosk.middleware("response")(_add_security_headers)
    kiosk.exception(Exception)(door.problem)
    return kiosk


async def _refuse_other_sites(request: Request) -> None:
    refuse_foreign(request)


async def _add_security_headers(request: Request, response: HTTPResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
