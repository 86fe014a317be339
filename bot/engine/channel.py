"""The way a turn comes into Rasa: checks a token, logs no text, answers with what the actions said."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

logger = logging.getLogger(__name__)


class HallChannel(InputChannel):
    """REST channel of the hall.

    Rasa's own REST webhook is not guarded by `--auth-token` and writes the text of a failing turn to its log.
    """

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is also its path under /webhooks/."""
        return "hall"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes: GET health, POST turn."""
        routes = Blueprint("hall_channel")
        token = os.environ.get("LINLI_ENGINE_TOKEN", "")

        def is_allowed(request: Request) -> bool:
            offered = request.headers.get("x-linli-token", "")
            return bool(token) and hmac.compare_digest(offered.encode(), token.encode())

        @routes.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            is_ready = agent is not None and agent.is_ready()
            return json({"ready": is_ready}, status=200 if is_ready else 503)

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not is_allowed(request):
                return json({"error": "token"}, status=401)
            body = request.json
            said = CollectingOutputChannel()
            message = UserMessage(
                text=body["text"],
                output_channel=said,
                sender_id=body["sender"],
                parse_data=_parsed(body),
                input_channel=self.name(),
                metadata={"hall": body["hall"]},
            )
            try:
                await on_new_message(message)
            except Exception as problem:  # noqa: BLE001  the edge: the hall answers by itself
                # Not the traceback: its last frames can hold the text of the turn.
                logger.error("turn failed: %s at %s", type(problem).__name__, _place(problem))
                return json({"error": type(problem).__name__}, status=500)
            return json({"replies": [m["custom"] for m in said.messages if "custom" in m]})

        return routes


def _parsed(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return parse data for a turn whose kind the hall already knows (a choice); None asks the classifier.

    This is why no text ever needs a leading "/" to mean an intent.
    """
    if not body.get("intent"):
        return None
    intent = {"name": body["intent"], "confidence": 1.0}
    return {"text": body["text"], "intent": intent, "intent_ranking": [intent], "entities": []}


def _place(problem: BaseException) -> str:
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
