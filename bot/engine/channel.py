"""The way a turn comes into Rasa: checks a token, logs no text, answers with what the actions said.

A turn has an id. One that was saved before is not handled again: it is answered with the replies that it had.
"""

from __future__ import annotations

import gc
import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy.exc import DBAPIError

from bot.engine.turns import ActionAway, TurnHandled, TurnOvertaken, TurnUnderWay, under_way

logger = logging.getLogger(__name__)

OnMessage = Callable[[UserMessage], Awaitable[Any]]

# Overtaking takes two processes with the same conversation at the same moment; thrice is no accident.
MOST_TRIES = 3
MODEL_UNUSABLE = 65  # as hall/plan.py has it
FAILED, AWAY = 500, 503  # what the hall need not try again, and what it may


class HallChannel(InputChannel):
    """REST channel of the hall.

    Rasa's own REST webhook is not guarded by `--auth-token` and writes the text of a failing turn to its log.
    """

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is also its path under /webhooks/."""
        return "hall"

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """Return the routes: GET health, POST turn."""
        routes = Blueprint("hall_channel")
        token = os.environ.get("LINLI_ENGINE_TOKEN", "")

        def is_allowed(request: Request) -> bool:
            offered = request.headers.get("x-linli-token", "")
            return bool(token) and hmac.compare_digest(offered.encode(), token.encode())

        @routes.listener("after_server_start")
        async def settle(*_: object) -> None:
            # Libraries and model stay: looking through them for what can go stopped all turns for 0.2 s.
            gc.freeze()

        @routes.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            is_ready = _is_ready(request)
            return json({"ready": is_ready}, status=200 if is_ready else AWAY)

        @routes.listener("after_server_start")
        async def look_at_the_model(app: Any, _loop: Any) -> None:
            agent = getattr(app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                # Stock goes on without a model for ever; the supervisor can have it trained anew.
                logger.error("the model cannot be used: it is damaged, or of another version of Rasa")
                os._exit(MODEL_UNUSABLE)

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not is_allowed(request):
                return json({"error": "token"}, status=401)
            if not _is_ready(request):
                return json({"error": "model"}, status=AWAY)
            status, answer = await hand_over(on_new_message, request.json)
            return json(answer, status=status)

        return routes


async def hand_over(on_new_message: OnMessage, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Have Rasa handle a turn, unless it did so before; return status and answer."""
    for _ in range(MOST_TRIES):
        turn = TurnUnderWay(body["hall"].get("turn", ""), CollectingOutputChannel())
        under_way.set(turn)
        try:
            await on_new_message(_message(body, turn))
        except TurnHandled as handled:
            return 200, {"replies": handled.replies or [], "again": True}
        except TurnOvertaken:
            continue
        except ActionAway as away:
            logger.error("turn not handled: action %s is away", away)
            return FAILED if away.is_fault else AWAY, {"error": "action"}
        except DBAPIError as problem:
            logger.error("turn not handled: %s", type(problem).__name__)
            return AWAY, {"error": "store"}
        except Exception as problem:  # noqa: BLE001  the edge: the hall answers by itself
            # Not the traceback: its last frames can hold the text of the turn.
            logger.error("turn failed: %s at %s", type(problem).__name__, _place(problem))
            return FAILED, {"error": type(problem).__name__}
        finally:
            under_way.set(None)
        return 200, {"replies": turn.replies()}
    return AWAY, {"error": "overtaken"}


def _message(body: dict[str, Any], turn: TurnUnderWay) -> UserMessage:
    return UserMessage(
        text=body["text"],
        output_channel=turn.said,
        sender_id=body["sender"],
        parse_data=_parsed(body),
        input_channel=HallChannel.name(),
        metadata={"hall": body["hall"]},
    )


def _parsed(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return parse data for a turn whose kind the hall already knows (a choice); None asks the classifier.

    This is why no text ever needs a leading "/" to mean an intent.
    """
    if not body.get("intent"):
        return None
    intent = {"name": body["intent"], "confidence": 1.0}
    return {"text": body["text"], "intent": intent, "intent_ranking": [intent], "entities": []}


def _is_ready(request: Request) -> bool:
    agent = getattr(request.app.ctx, "agent", None)
    return agent is not None and agent.is_ready()


def _place(problem: BaseException) -> str:
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
