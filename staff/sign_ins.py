"""Who is signed in, in which browser: sessions on the server, known to the browser by a token alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from knowledge.transactions import writing
from language.moments import Clock
from staff.accounts import Member, member_of
from staff.tables import MemberRow, SessionRow

LONGEST = timedelta(hours=8)
IDLE = timedelta(minutes=30)
# An ended session is remembered so long, for what is still typed in its pages.
REMEMBERED = timedelta(days=1)
# Noting each request would be a write each; half a minute more or less is no matter.
_TOUCH_EVERY = timedelta(seconds=30)
_KEY_CHARS = 16


@dataclass(frozen=True)
class SignedIn:
    """Whose token this is, and whether the session still stands."""

    member: Member
    stands: bool
    key: str  # names the session on the page of sessions; not the token


@dataclass(frozen=True)
class Standing:
    """One session as a list shows it."""

    key: str
    login: str
    name: str
    browser: str
    started_at: datetime
    touched_at: datetime


class SignIns:
    """The sessions. A member who is disabled has none that stands."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        longest: timedelta = LONGEST,
        idle: timedelta = IDLE,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._longest = longest
        self._idle = idle

    def open(self, member: Member, browser: str) -> str:
        """Start a session; return its token, which nobody but the browser gets to know."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        with writing(self._sessions) as session:
            session.add(
                SessionRow(
                    token_hash=_hash(token),
                    member_id=member.id,
                    browser=browser[:80],
                    started_at=now,
                    touched_at=now,
                )
            )
            session.execute(update(MemberRow).where(MemberRow.id == member.id).values(signed_in_at=now))
        return token

    def find(self, token: str, *, touch: bool = True) -> SignedIn | None:
        """Return whose token this is; None for one that was never given or is long forgotten."""
        now = self._clock()
        with self._sessions() as session:
            row = session.get(SessionRow, _hash(token))
            if row is None:
                return None
            member = session.get_one(MemberRow, row.member_id)
        stands = self._stands(row, now) and member.disabled_at is None
        if stands and touch and now - row.touched_at >= _TOUCH_EVERY:
            self._touch(row.token_hash, now)
        return SignedIn(member_of(member), stands, _key(row.token_hash))

    def end(self, token: str) -> None:
        """End a session."""
        self._end(SessionRow.token_hash == _hash(token))

    def end_all(self, member: Member, *, but: str = "") -> None:
        """End every session of a member, except the one with the token `but`."""
        self._end(SessionRow.member_id == member.id, SessionRow.token_hash != _hash(but))

    def end_one(self, key: str) -> str | None:
        """End the session that a list named so; return whose it was."""
        found = next((one for one in self.standing() if one.key == key), None)
        if found is None:
            return None
        self._end(func.substr(SessionRow.token_hash, 1, _KEY_CHARS) == key)
        return found.login

    def standing(self) -> list[Standing]:
        """Return the sessions that stand, the last used first."""
        now = self._clock()
        query = select(SessionRow, MemberRow).join(MemberRow, MemberRow.id == SessionRow.member_id)
        with self._sessions() as session:
            rows = session.execute(query.where(SessionRow.touched_at > now - self._idle)).all()
        found = [
            Standing(_key(r.token_hash), m.login, m.name, r.browser, r.started_at, r.touched_at)
            for r, m in rows
            if self._stands(r, now) and m.disabled_at is None
        ]
        return sorted(found, key=lambda one: one.touched_at, reverse=True)

    def purge(self) -> None:
        """Forget sessions that ended a day ago."""
        oldest = self._clock() - self._longest - REMEMBERED
        with writing(self._sessions) as session:
            session.execute(delete(SessionRow).where(SessionRow.started_at < oldest))

    def _stands(self, row: SessionRow, now: datetime) -> bool:
        is_fresh = now - row.started_at < self._longest and now - row.touched_at < self._idle
        return row.ended_at is None and is_fresh

    def _touch(self, token_hash: str, now: datetime) -> None:
        with writing(self._sessions) as session:
            session.execute(
                update(SessionRow).where(SessionRow.token_hash == token_hash).values(touched_at=now)
            )

    def _end(self, *which: object) -> None:
        with writing(self._sessions) as session:
            session.execute(
                update(SessionRow)
                .where(*which, SessionRow.ended_at.is_(None))  # type: ignore[arg-type]  # column expressions
                .values(ended_at=self._clock())
            )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _key(token_hash: str) -> str:
    return token_hash[:_KEY_CHARS]
