"""The hall's public app: kiosk, chat, staff console, health and figures, each a blueprint."""

from __future__ import annotations

import asyncio
import logging
import traceback
from http import HTTPStatus
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import json as json_response
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.chat_page import make_chat_page
from bot.channels.limits import TurnLimit
from bot.channels.open311.door import make_open311
from bot.channels.open311.reports import Reports
from bot.channels.web import Problem, Trust, make_web, problem_response
from hall.kiosk_wiring import make_hall_kiosk
from hall.metrics import forget_notices, show_notices
from hall.staff_wiring import make_staff_means
from hall.wiring import Wiring
from kiosk.speech import SpeechUnavailable
from staff.door import make_staff

logger = logging.getLogger(__name__)

# 5,000 characters of text and its JSON; the console's sheets have a limit of their own.
MAX_BODY_BYTES = 1_000_000


def make_public_app(wiring: Wiring) -> Sanic[Any, Any]:
    """Return the app with every door."""
    settings = wiring.settings
    app = Sanic("linli", configure_logging=False)
    app.config.ACCESS_LOG = False  # a URL or a body is nobody's business
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.config.FALLBACK_ERROR_FORMAT = "json"
    trust = Trust(settings.api_token)
    app.blueprint(make_web(wiring.conversation, trust, TurnLimit(settings.turns_per_minute)))
    app.blueprint(make_chat_page(wiring.profile.name))
    app.blueprint(make_hall_kiosk(wiring))
    app.blueprint(make_staff(make_staff_means(wiring, trust)))
    if settings.open311_key:
        app.blueprint(make_open311(Reports(wiring.desk), settings.open311_key))
    _add_health(app, wiring)
    app.error_handler.add(Problem, _problem)
    app.error_handler.add(SanicException, _sanic_problem)
    app.error_handler.add(Exception, _fault)
    return app


def _add_health(app: Sanic[Any, Any], wiring: Wiring) -> None:
    # Looked at once: asking the voice makes it wait for whatever it is saying.
    voice: list[asyncio.Future[str]] = []

    @app.get("/health")
    async def health(request: Request) -> HTTPResponse:
        """Say whether the hall serves, and which of its parts do."""
        if not voice:
            voice.append(asyncio.ensure_future(asyncio.to_thread(_voice, wiring)))
        ready = await wiring.rasa.count_ready()
        release = await asyncio.to_thread(wiring.library.release)
        return json_response(
            {
                "status": "ok",
                "rasa": "ready" if ready else "away",
                "rasa_processes": {"ready": ready, "of": len(wiring.rasa)},
                "release": release,
                "guides": len(wiring.release.guides),
                "voice": voice[0].result() if voice[0].done() else "starting",
            }
        )

    @app.get("/metrics")
    async def metrics(request: Request) -> HTTPResponse:
        """Give the figures to Prometheus."""
        try:
            show_notices(await asyncio.to_thread(wiring.notice_book.counts))
        except SQLAlchemyError:
            forget_notices()  # the database is away: what was counted last would be a lie
        return HTTPResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _voice(wiring: Wiring) -> str:
    try:
        return f"ready ({wiring.speech.check()})"
    except SpeechUnavailable as problem:
        return f"off: {problem}"


async def _problem(request: Request, problem: Problem) -> HTTPResponse:
    return problem_response(problem.status, problem.name, problem.detail)


async def _sanic_problem(request: Request, problem: SanicException) -> HTTPResponse:
    status = HTTPStatus(problem.status_code)
    detail = {
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"The body has at most {MAX_BODY_BYTES} bytes: shorten it.",
        HTTPStatus.NOT_FOUND: "Nothing lives at this address: the doors are /, /chat, /staff and /api/chat.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address takes another method: see the documentation of the API.",
    }.get(status, status.description or status.phrase)
    return problem_response(status, status.name.lower().replace("_", "-"), detail)


async def _fault(request: Request, fault: Exception) -> HTTPResponse:
    # The traceback without its message: that may quote what a person wrote.
    where = "".join(traceback.format_tb(fault.__traceback__))
    logger.error("request failed: %s %s\n%s", request.method, type(fault).__name__, where)
    detail = "Something failed here. Nothing of a filed case is lost; send this again in a moment."
    return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", detail)
