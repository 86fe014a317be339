"""The listener that Rasa calls for actions: loopback only, behind a token, echoing nothing.

What actions say is sealed before it leaves: Rasa keeps it for a turn that comes again, and reads none of it.
"""

from __future__ import annotations

import hmac
import json
import logging
import traceback
from typing import Any

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as json_response

from bot.sealed_replies import seal_reply
from cases.sealing import Sealer

logger = logging.getLogger(__name__)


def make_actions_app(executor: ActionExecutor, token: str, sealer: Sealer) -> Sanic[Any, Any]:
    """Return the app. rasa_sdk's own error handler would echo the tracker, so its server is not used."""
    app = Sanic("linli_actions", configure_logging=False)
    app.config.ACCESS_LOG = False
    # Sanic rewrites its own methods at a start and fails when a second app does so too: the public one does.
    app.config.TOUCHUP = False

    @app.post("/webhook")
    async def run_action(request: Request) -> HTTPResponse:
        offered = request.headers.get("x-linli-token", "")
        if not token or not hmac.compare_digest(offered.encode(), token.encode()):
            return json_response({"error": "token"}, status=401)
        call = json.loads(request.body)
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return json_response({"error": "rejected", "action_name": rejection.action_name}, status=400)
        except ActionNotFoundException as missing:
            return json_response({"error": "unknown", "action_name": missing.action_name}, status=404)
        except Exception as problem:  # noqa: BLE001  the edge: the hall then answers by itself
            # Frames without their values: a message could quote what a person wrote.
            where = "".join(traceback.format_tb(problem.__traceback__))
            logger.error("action %s failed: %s\n%s", call.get("next_action"), type(problem).__name__, where)
            return json_response({"error": "failed", "action_name": call.get("next_action")}, status=500)
        return json_response(_sealed(result.model_dump(), call, sealer) if result else {})

    return app


def _sealed(result: dict[str, Any], call: dict[str, Any], sealer: Sealer) -> dict[str, Any]:
    turn = str(call["tracker"]["latest_message"]["metadata"]["hall"].get("turn", ""))
    responses = [
        {**response, "custom": seal_reply(sealer, response["custom"], turn)}
        for response in result["responses"]
        if response.get("custom")
    ]
    return {**result, "responses": responses}
