"""What a conversation needs from the rest of the hall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.alerts import Alerts
from bot.memory import Memory
from bot.notices import TalkNotices
from bot.promises import Promises
from bot.rasa_client import RasaClient
from bot.turn import Channel
from bot.turn_order import TurnOrder
from cases.residents import Residents
from cases.sealing import Sealer
from cases.vault import Vault
from knowledge.answering import Answering
from knowledge.switches import Standing
from language.moments import Clock
from language.reply import Reply


@dataclass(frozen=True)
class Means:
    """What a conversation needs; wired by hall/."""

    answering: Callable[[], Answering]  # the release that is current at the moment of asking
    rasa: RasaClient
    memory: Memory
    alerts: Alerts
    promises: Promises
    notices: TalkNotices
    order: TurnOrder
    vault: Vault
    residents: Residents
    sealer: Sealer
    secret: bytes  # makes the keys of talks
    clock: Clock
    observe: Callable[[Reply, Channel, int], None]  # told of every turn, with its milliseconds
    standing: Callable[[], Standing] = Standing  # what staff have switched off at the moment of asking
