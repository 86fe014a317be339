"""The door for programs and the chat page: /api/chat, its late replies, and ratings."""

from __future__ import annotations

import hmac
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.limits import TurnLimit
from bot.conversation import Channel, ChoiceUnknown, Conversation, Turn, TurnUnknown

# Ten times what the conversation reads; more is not a question but an attack or an accident.
MAX_TEXT_CHARS = 5000
MAX_ID_CHARS = 200


class Problem(Exception):
    """A request that cannot be served; becomes problem JSON (RFC 9457) and says what to send instead."""

    def __init__(self, status: HTTPStatus, name: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail


@dataclass(frozen=True)
class Trust:
    """Who may say more than text: callers on this machine, or with the token."""

    api_token: str

    def is_local(self, request: Request) -> bool:
        """Return whether the caller is on this machine; a proxy here speaks for someone elsewhere."""
        if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
            return False
        try:
            return ip_address(request.ip).is_loopback
        except ValueError:
            return False

    def address(self, request: Request) -> str | None:
        """Return the address that turns are counted for; None for callers on this machine.

        Behind a proxy on this machine it is the one that the proxy saw, the last in its list.
        """
        if self.is_local(request):
            return None
        forwarded = str(request.headers.get("x-forwarded-for", ""))
        seen_by_proxy = forwarded.rpartition(",")[2].strip()
        return seen_by_proxy if seen_by_proxy and ip_address(request.ip).is_loopback else request.ip

    def may_name_sender(self, request: Request) -> bool:
        """Return whether the caller may name channel, sender and mention."""
        offered = request.token or ""
        has_token = bool(self.api_token) and hmac.compare_digest(offered.encode(), self.api_token.encode())
        return has_token or self.is_local(request)


def make_web(conversation: Conversation, trust: Trust, limit: TurnLimit) -> Blueprint:
    """Return the routes of /api/chat."""
    routes = Blueprint("web")

    @routes.post("/api/chat")
    async def chat(request: Request) -> HTTPResponse:
        started = time.monotonic()
        turn = _read_turn(request, trust)
        person = (turn.channel, turn.conversation, turn.sender or "")
        if not limit.allows(person, trust.address(request)):
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too-many-turns",
                "Too many turns: wait a minute, then send this one again.",
            )
        try:
            reply = await conversation.say(turn)
        except ChoiceUnknown:
            raise Problem(
                HTTPStatus.CONFLICT,
                "choice-unknown",
                "This choice was not offered here in the last ten minutes: send the question as text.",
            ) from None
        milliseconds = round((time.monotonic() - started) * 1000)
        return json_response({**reply.to_public(), "ms": milliseconds}, ensure_ascii=False)

    @routes.get("/api/chat/replies")
    async def replies(request: Request) -> HTTPResponse:
        turn = _talk_of(dict(request.query_args), request, trust)
        try:
            after = int(request.args.get("after", "0"))
        except ValueError:
            raise _bad("'after' is the id of the last reply that you have, a whole number.") from None
        late = await conversation.late_replies(turn, after)
        return json_response(
            {"replies": [{"id": number, **reply.to_public()} for number, reply in late]}, ensure_ascii=False
        )

    @routes.post("/api/feedback")
    async def feedback(request: Request) -> HTTPResponse:
        body = read_json(request)
        turn = _talk_of(body, request, trust)
        try:
            await conversation.rate(turn, _text(body, "turn", 64), _stars(body), _reason(body))
        except TurnUnknown:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                "turn-unknown",
                "'turn' is the id that a reply of this conversation carried.",
            ) from None
        return json_response({"kept": True})

    return routes


def problem_response(status: int, name: str, detail: str) -> HTTPResponse:
    """Return a problem as RFC 9457 asks."""
    body = {
        "type": f"/problems/{name}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return HTTPResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json"
    )


def read_json(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object. Raises Problem."""
    try:
        body = json.loads(request.body.decode("utf-8"))
    except UnicodeDecodeError:
        raise _bad("The body is not UTF-8: send JSON in UTF-8.") from None
    except (ValueError, RecursionError):
        raise _bad('The body is not JSON: send {"conversation": "...", "text": "..."}.') from None
    if not isinstance(body, dict):
        raise _bad('Send a JSON object: {"conversation": "...", "text": "..."}.')
    return body


def _read_turn(request: Request, trust: Trust) -> Turn:
    body = read_json(request)
    turn = _talk_of(body, request, trust)
    has_text, has_choice = body.get("text") is not None, body.get("choice") is not None
    if has_text == has_choice:
        raise _bad("Send either 'text' or 'choice'.")
    text = _text(body, "text", MAX_TEXT_CHARS) if has_text else None
    return Turn(
        channel=turn.channel,
        conversation=turn.conversation,
        sender=turn.sender,
        is_group=turn.channel is Channel.GROUP,
        mentioned=_flag(body, "mentioned"),
        text=text,
        choice=_text(body, "choice", MAX_TEXT_CHARS) if has_choice else None,
        spoken=_flag(body, "spoken"),
        locale="en" if body.get("locale") == "en" else "zh",
        message_id=_text(body, "message_id", MAX_ID_CHARS) if body.get("message_id") is not None else None,
    )


def _talk_of(body: dict[str, Any], request: Request, trust: Trust) -> Turn:
    names_more = body.get("channel", "chat") != "chat" or any(
        body.get(name) is not None for name in ("sender", "mentioned")
    )
    if names_more and not trust.may_name_sender(request):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "token-needed",
            "From another machine, 'channel', 'sender' and 'mentioned' need the token: leave them out.",
        )
    try:
        channel = Channel(body.get("channel", "chat"))
    except ValueError:
        raise _bad("'channel' is chat, group or kiosk.") from None
    sender = _text(body, "sender", MAX_ID_CHARS) if body.get("sender") is not None else None
    return Turn(channel, _text(body, "conversation", MAX_ID_CHARS), sender)


def _text(body: dict[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _bad(f"'{name}' is missing: it is a text of 1 to {most} characters.")
    if len(value) > most:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-long",
            f"'{name}' has at most {most} characters: shorten it.",
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise _bad(f"'{name}' holds half a character (a lone surrogate): send whole ones.")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _bad(f"'{name}' is true or false.")
    return value


def _stars(body: dict[str, Any]) -> int:
    if isinstance(body.get("helpful"), bool):
        return 5 if body["helpful"] else 1
    stars = body.get("stars")
    if isinstance(stars, bool) or not isinstance(stars, int) or not 1 <= stars <= 5:
        raise _bad("Send 'stars', 1 to 5, or 'helpful', true or false.")
    return stars


def _reason(body: dict[str, Any]) -> str:
    reason = body.get("reason") or ""
    if not isinstance(reason, str) or len(reason) > 500:
        raise _bad("'reason' is a text of at most 500 characters.")
    return reason


def _bad(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "bad-request", detail)
