"""Makes the rooms and the conversation from settings: the one place where everything meets."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import socket
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from actions.registry import TEXTS as ACTION_TEXTS
from actions.rooms import Rooms
from bot.alerts import Alerts
from bot.conversation import Conversation, Means
from bot.memory import Memory
from bot.notices import TalkNotices
from bot.promises import Promises
from bot.rasa_client import RasaClient
from bot.turn_order import TurnOrder
from bot.turn_tickets import TurnTickets
from cases.desk import Desk
from cases.notices.book import NoticeBook
from cases.notices.left import LeftNotices
from cases.notices.outbox import Outbox
from cases.residents import Residents
from cases.sealing import Sealer, load_or_make_key
from cases.vault import Vault
from hall.built_index import BuiltIndex
from hall.built_releases import BuiltReleases
from hall.current_release import CurrentRelease
from hall.database import open_engine, open_hasty, open_sessions
from hall.encoding import Encoding, load_encoding
from hall.metrics import observe_turn
from hall.release_follow import Follower
from hall.settings import Settings
from kiosk.speech import Speech
from knowledge.answering import Answering
from knowledge.encoder import Encoder
from knowledge.gold import Gold
from knowledge.hall_profile import HallProfile
from knowledge.hall_profile_file import load_profile
from knowledge.library import Library
from knowledge.release_builds import BuildStore
from knowledge.release_presence import Presence, ReleaseWatch
from knowledge.release_queue import ReleaseQueue
from knowledge.releases import Releases
from knowledge.switches import Switches
from knowledge.unanswered import Unanswered
from language.moments import Clock, utc_now
from language.texts import Texts

logger = logging.getLogger(__name__)


@dataclass
class Wiring:
    """The hall's parts, each made when it is first asked for: a command needs few of them."""

    settings: Settings
    clock: Clock = utc_now

    @cached_property
    def engine(self) -> Engine:
        """The hall's database."""
        return open_engine(self.settings.database_url)

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions of the hall's database."""
        return open_sessions(self.engine)

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The keys that seal personal data, newest first."""
        return load_or_make_key(self.settings.key_file)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals and signs with those keys."""
        return Sealer(self.keys)

    @cached_property
    def vault(self) -> Vault:
        """Personal data of conversations."""
        return Vault(self.sessions, self.sealer, self.clock)

    @cached_property
    def desk(self) -> Desk:
        """The case store."""
        return Desk(self.sessions, self.sealer, self.clock)

    @cached_property
    def library(self) -> Library:
        """The guides and their revisions."""
        return Library(self.sessions, self.clock)

    @cached_property
    def profile(self) -> HallProfile:
        """What the hall says about itself."""
        return load_profile()

    @cached_property
    def encoding(self) -> Encoding:
        """The sentence encoder that the matcher asks, or why there is none."""
        encoding = load_encoding(self.settings)
        if encoding.problem:
            logger.info("%s", encoding.problem)
        return encoding

    @property
    def encoder(self) -> Encoder | None:
        """The sentence encoder; None without the setting, or where it cannot be used."""
        return self.encoding.encoder

    @cached_property
    def release(self) -> CurrentRelease:
        """The release that is answered from."""
        index = BuiltIndex(self.settings.folder / "index", self.encoder)
        return CurrentRelease(self.library, self.profile, self.clock, index, self.builds, self.release_watch)

    @cached_property
    def worker_id(self) -> str:
        """What this process calls itself to others."""
        return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"

    @cached_property
    def releases(self) -> Releases:
        """Proposing and publishing releases."""
        return Releases(self.sessions, self.clock, self.profile.timezone)

    @cached_property
    def release_queue(self) -> ReleaseQueue:
        """The releases that wait to be built."""
        return ReleaseQueue(self.sessions, self.clock)

    @cached_property
    def release_watch(self) -> ReleaseWatch:
        """Which release is current, and which may become so."""
        return ReleaseWatch(self.sessions, self.clock)

    @cached_property
    def presence(self) -> Presence:
        """Which processes answer, and what they have loaded."""
        return Presence(self.sessions, self.clock)

    @cached_property
    def builds(self) -> BuiltReleases:
        """The stored builds of releases."""
        return BuiltReleases(BuildStore(self.sessions, self.clock, self.sealer), self.encoder)

    @cached_property
    def follower(self) -> Follower:
        """Has this process swap when another release becomes current."""
        return Follower(self.release, self.release_watch, self.presence, self.worker_id)

    @cached_property
    def gold(self) -> Gold:
        """The questions whose right guide is known."""
        return Gold(self.sessions, self.clock)

    @cached_property
    def unanswered(self) -> Unanswered:
        """The questions that went badly."""
        context = "unanswered"
        return Unanswered(
            self.sessions,
            self.clock,
            seal=lambda text: self.sealer.seal(text.decode(), context),
            open=lambda sealed: self.sealer.open(sealed, context).encode(),
        )

    @cached_property
    def switches(self) -> Switches:
        """What staff have switched off."""
        return Switches(self.sessions, self.clock)

    def answering(self) -> Answering:
        """Return what answers from the current release, without what is switched off."""
        return self.release.answering().under(self.switches.standing())

    @cached_property
    def memory(self) -> Memory:
        """What conversations remember."""
        return Memory(self.sessions, self.sealer, self.clock, self.unanswered)

    @cached_property
    def alerts(self) -> Alerts:
        """Who calls for staff."""
        return Alerts(self.sessions, self.clock, self.profile.is_open)

    @cached_property
    def promises(self) -> Promises:
        """Replies that come late."""
        return Promises(self.sessions, self.sealer, self.clock)

    @cached_property
    def outbox(self) -> Outbox:
        """What residents are owed."""
        return Outbox(self.desk.store, self.worker_id)

    @cached_property
    def left_notices(self) -> LeftNotices:
        """Notices that wait in talks."""
        return LeftNotices(self.desk.store)

    @cached_property
    def notice_book(self) -> NoticeBook:
        """How many notices wait, and where."""
        return NoticeBook(self.desk.store)

    @cached_property
    def talk_notices(self) -> TalkNotices:
        """The places of notices in talks."""
        return TalkNotices(self.sessions, self.left_notices, Residents(self.desk), self.clock)

    @cached_property
    def turn_tickets(self) -> TurnTickets | None:
        """The queue of turns that all processes share; None where this is the only one."""
        if self.engine.dialect.name == "sqlite" and self.settings.hall_workers == 1:
            return None
        return TurnTickets(open_hasty(self.settings.database_url, self.engine))

    @cached_property
    def rasa(self) -> RasaClient:
        """The way to Rasa."""
        return RasaClient(self.settings.engine_url, self.settings.engine_token, self.sealer)

    @cached_property
    def conversation(self) -> Conversation:
        """The hallway that chat and kiosk share."""
        # The oldest key: rotating it must not tear running talks from their memory.
        secret = hmac.digest(self.keys[-1], b"linli/talk-key", hashlib.sha256)
        return Conversation(
            Means(
                answering=self.answering,
                rasa=self.rasa,
                memory=self.memory,
                alerts=self.alerts,
                promises=self.promises,
                notices=self.talk_notices,
                order=TurnOrder(self.turn_tickets),
                vault=self.vault,
                residents=Residents(self.desk),
                sealer=self.sealer,
                secret=secret,
                clock=self.clock,
                observe=observe_turn,
                standing=self.switches.standing,
            )
        )

    @cached_property
    def speech(self) -> Speech:
        """The voice; its child process starts with the first sentence."""
        return Speech(self.settings.folder / "speech")

    @cached_property
    def rooms(self) -> Rooms:
        """What actions open onto."""
        return Rooms(self.answering, self.desk, self.vault, Texts(ACTION_TEXTS))
