"""`linli ask`: one question at the terminal, through Rasa where a hall is serving, else without it."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.conversation import Channel, Conversation, Turn
from hall.settings import Settings
from language.reply import Reply

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers, settings: Settings) -> None:
    """Add `ask`; it sets `run`, a function of the arguments that returns the exit code."""
    parser = subparsers.add_parser("ask", help="ask the hall a question")
    parser.add_argument("question", help='for example "居住证怎么办"')
    parser.add_argument("--json", action="store_true", help="print the whole reply as JSON")
    parser.add_argument("--conversation", help="go on with a conversation of this name")
    parser.add_argument("--locale", choices=("zh", "en"), default="zh")
    parser.set_defaults(run=lambda arguments: run_ask(arguments, settings))


def run_ask(arguments: argparse.Namespace, settings: Settings) -> int:
    """Ask, print the reply, return 0; 2 for an empty question."""
    from hall.startup import open_ready

    if not arguments.question.strip():
        print('Ask something: linli ask "居住证怎么办"', file=sys.stderr)
        return 2
    wiring = open_ready(_beside_the_running_hall(settings))
    turn = Turn(
        Channel.CHAT,
        arguments.conversation or secrets.token_hex(16),
        text=arguments.question,
        locale=arguments.locale,
    )
    started = time.monotonic()
    reply = asyncio.run(_say(wiring.conversation, turn))
    if arguments.json:
        milliseconds = round((time.monotonic() - started) * 1000)
        print(json.dumps({**reply.to_public(), "ms": milliseconds}, ensure_ascii=False, indent=1))
    else:
        print(_plain(reply))
    return 0


async def _say(conversation: Conversation, turn: Turn) -> Reply:
    return await conversation.say(turn)


def _beside_the_running_hall(settings: Settings) -> Settings:
    """Return the settings with the address of the Rasa that a hall serving from this folder started."""
    from hall.state import read_state

    state = read_state(settings.folder)
    if settings.engine_url or state is None or not state.get("engine_url"):
        return settings
    token = Path(state["engine_token_file"]).read_text("utf-8").strip()
    return replace(settings, engine_url=state["engine_url"], engine_token=token)


def _plain(reply: Reply) -> str:
    lines = [reply.text]
    for position, choice in enumerate(reply.choices, start=1):
        lines.append(f"  [{position}] {choice.label}" + (f"：{choice.note}" if choice.note else ""))
    return "\n".join(lines)
