"""A visitor's session at the kiosk: what it holds, and where it rests between two touches.

Several processes serve one kiosk, so sessions rest in the database. What a visitor typed is personal: the row
is sealed with a key made from the cookie, which only the kiosk's browser holds. Ending the session deletes
the row; a browser that forgot its cookie leaves nothing that anyone could read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, update
from sqlalchemy.orm import Session, sessionmaker

from kiosk.tables import KioskSessionRow
from language.moments import Clock
from language.reply import Reply

TOKEN_BYTES = 16
# A visitor asks a handful of questions; what is older than this many screens is out of reach of "back".
ANSWERS_KEPT = 12
TRAIL_KEPT = 20
PACES = ("slow", "normal", "fast")
LOUDEST = 3
_PACE_STEPS = {"slower": -1, "faster": 1}


@dataclass
class Shown:
    """One reply as it was shown: what was asked, what came back, in which language, how it was rated."""

    question: str
    reply: dict[str, Any]
    locale: str = "zh"
    tapped: bool = False  # a guide of a list; nobody asked in words
    rated: str = ""

    def read(self) -> Reply:
        """Return the reply."""
        return Reply.from_wire(self.reply)


@dataclass
class Draft:
    """A request being filled in on the touch form. `request_key` makes filing it twice file it once."""

    request_key: str
    group: str = ""  # which tile opened it: repair, complaint, or neither
    values: dict[str, str] = field(default_factory=dict)
    step: str = ""  # the field on the screen; empty: the first without a value
    refusal: str = ""  # why the last value was not taken, in words
    typed: str = ""  # that value, so that it can be mended instead of typed again
    reported: str = ""  # the category, where a neighbour reported it a few days ago
    receipt: dict[str, str] | None = None


@dataclass
class KioskSession:
    """Everything the kiosk remembers of one visitor."""

    conversation: str
    locale: str = "zh"
    elder: bool = False
    contrast: bool = False
    volume: int = 2  # 0 (silent) to 3
    pace: str = "normal"  # of the voice: slow, normal or fast
    read_aloud: bool = False
    trail: list[str] = field(default_factory=list)
    answers: dict[str, Shown] = field(default_factory=dict)
    next_answer: int = 1
    draft: Draft | None = None
    leaving: str = ""  # id of the choice that cancels the form which the conversation is in; empty: in none
    looked_up: dict[str, Any] | None = None
    number: str = ""  # of the case that was looked up, so that a mistyped code is typed again alone
    code: str = ""  # its code, while the case is on the screen
    looked_in: str = ""  # the language of what is said of it
    notice: str = ""

    def adjust_voice(self, wish: str) -> None:
        """Make the voice of this visit slower, faster, louder or softer by a step; softer is never silent."""
        if wish in _PACE_STEPS:
            place = PACES.index(self.pace) + _PACE_STEPS[wish]
            self.pace = PACES[min(max(place, 0), len(PACES) - 1)]
        elif wish == "louder":
            self.volume = min(self.volume + 1, LOUDEST)
        elif wish == "softer":
            self.volume = max(self.volume - 1, 1)

    def visit(self, path: str) -> None:
        """Note that `path` is on the screen now; going to the screen before it is going back."""
        if self.trail and self.trail[-1] == path:
            return
        if len(self.trail) > 1 and self.trail[-2] == path:
            self.trail.pop()
            return
        self.trail = [*self.trail, path][-TRAIL_KEPT:]

    def previous(self) -> str:
        """Return the path of the screen before this one; home when there is none."""
        return self.trail[-2] if len(self.trail) > 1 else "/"

    def current(self) -> str:
        """Return the path of the screen that is shown."""
        return self.trail[-1] if self.trail else "/"

    def keep(self, shown: Shown) -> str:
        """Keep a reply for as long as "back" can reach it; return its number."""
        number = str(self.next_answer)
        self.next_answer += 1
        self.answers[number] = shown
        for oldest in list(self.answers)[:-ANSWERS_KEPT]:
            del self.answers[oldest]
        return number

    def to_wire(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> KioskSession:
        """Read back what `to_wire` wrote."""
        return cls(
            **{
                **wire,
                "answers": {number: Shown(**shown) for number, shown in wire["answers"].items()},
                "draft": Draft(**wire["draft"]) if wire["draft"] else None,
            }
        )


@dataclass
class Visit:
    """One request's view of a session: the cookie's token, the session, and how it was when it was read."""

    token: str
    session: KioskSession
    before: str | None  # None for a session that was not stored yet


class KioskSessions:
    """Opens, keeps and ends sessions; every call is one short transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, idle: timedelta) -> None:
        """`idle` is how long a session lives without a request; longer than the screen's own idle time."""
        self._sessions = sessions
        self._clock = clock
        self._idle = idle

    def open(self, token: str | None) -> Visit:
        """Return the visit that `token` belongs to, or a fresh one when it is unknown, idle or malformed."""
        body = self._read(token) if token else None
        if token is None or body is None:
            return Visit(secrets.token_hex(TOKEN_BYTES), _fresh(), None)
        return Visit(token, KioskSession.from_wire(json.loads(body)), body)

    def save(self, visit: Visit) -> None:
        """Store the session and note that it is in use."""
        body = json.dumps(visit.session.to_wire(), ensure_ascii=False)
        values: dict[str, Any] = {"touched_at": self._clock()}
        if body != visit.before:
            values["body"] = _seal(visit.token, body)
        with self._sessions.begin() as database:
            # One statement, nothing read before: SQLite refuses to turn a reader of an older state into a
            # writer, and a visitor who types fast sends several requests at a time.
            if visit.before is None:
                database.add(KioskSessionRow(key_digest=_digest(visit.token), **values))
                return
            # A session that ended while this request was on its way stays ended.
            row = KioskSessionRow.key_digest == _digest(visit.token)
            database.execute(update(KioskSessionRow).where(row).values(**values))

    def end(self, token: str) -> KioskSession | None:
        """Forget the session, and every other left idle; return what it held, None where it was gone."""
        body = self._read(token)
        with self._sessions.begin() as database:
            database.execute(delete(KioskSessionRow).where(KioskSessionRow.key_digest == _digest(token)))
        self.purge_idle()
        return KioskSession.from_wire(json.loads(body)) if body is not None else None

    def purge_idle(self) -> None:
        """Delete the sessions of kiosks that lost power or line before they could end them."""
        with self._sessions.begin() as database:
            oldest = self._clock() - self._idle
            database.execute(delete(KioskSessionRow).where(KioskSessionRow.touched_at < oldest))

    def _read(self, token: str) -> str | None:
        with self._sessions() as database:
            row = database.get(KioskSessionRow, _digest(token))
            if row is None or row.touched_at < self._clock() - self._idle:
                return None
            return _unseal(token, row.body)


def _fresh() -> KioskSession:
    return KioskSession(conversation=secrets.token_hex(TOKEN_BYTES))


def _digest(token: str) -> str:
    return blake2b(token.encode(), digest_size=16, person=b"kiosk-row").hexdigest()


def _cipher(token: str) -> AESGCM:
    return AESGCM(blake2b(token.encode(), digest_size=32, person=b"kiosk-seal").digest())


def _seal(token: str, body: str) -> bytes:
    nonce = secrets.token_bytes(12)
    return nonce + _cipher(token).encrypt(nonce, body.encode(), None)


def _unseal(token: str, sealed: bytes) -> str | None:
    try:
        return _cipher(token).decrypt(sealed[:12], sealed[12:], None).decode()
    except InvalidTag:
        return None
