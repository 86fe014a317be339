"""The vault: personal data of a conversation, kept sealed, with a token in its place for everyone else.

A token looks like `[[phone:kfbamcdpeo]]`: two brackets, the kind, a colon, ten letters out of a-p. It is
plain lower-case ASCII without digits, so NFKC, lower-casing, JSON, a character tokenizer and a search for
numbers leave it as it is. The letters are a keyed hash of conversation, kind and value: the same value in
the same conversation gives the same token, and nobody without the key learns anything from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Row, bindparam, delete, select
from sqlalchemy.orm import Session, sessionmaker

from cases.masks import mask as mask
from cases.sealing import Sealer as Sealer
from cases.sealing import Unopenable
from cases.sealing import load_or_make_key as load_or_make_key
from cases.tables import SealedValueRow, insert_into
from language.moments import Clock

TOKEN = re.compile(r"\[\[([a-z_]{2,20}):([a-p]{10})\]\]")
# Made once: every turn of a form reads its fields.
_COLUMNS = SealedValueRow.__table__.c
_KEPT = select(_COLUMNS.conversation, _COLUMNS.token, _COLUMNS.sealed).where(
    _COLUMNS.conversation == bindparam("conversation"),
    _COLUMNS.token.in_(bindparam("tokens", expanding=True)),
    _COLUMNS.expires_at > bindparam("now"),
)
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class Vault:
    """Keeps values by conversation until they expire. A token of one conversation opens in no other."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        sealer: Sealer,
        clock: Clock,
        keep_for: timedelta = timedelta(days=1),
    ) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock
        self._keep_for = keep_for

    def keep(self, conversation: str, kind: str, value: str) -> str:
        """Seal `value` and return its token; keeping it again prolongs its time."""
        return self.keep_each(conversation, kind, [value])[0]

    def keep_each(self, conversation: str, kind: str, values: Sequence[str]) -> list[str]:
        """Seal several values of one kind in one transaction and return their tokens, in order."""
        tokens = [self._token(conversation, kind, value) for value in values]
        expires_at = self._clock() + self._keep_for
        rows = {
            token: {
                "conversation": conversation,
                "token": token,
                "sealed": self._sealer.seal(value, _context(conversation, token)),
                "expires_at": expires_at,
            }
            for token, value in zip(tokens, values, strict=True)
        }
        if rows:
            with self._sessions.begin() as session:
                row = insert_into(session, SealedValueRow)
                fresh = {"sealed": row.excluded.sealed, "expires_at": row.excluded.expires_at}
                kept = row.on_conflict_do_update(index_elements=["conversation", "token"], set_=fresh)
                session.connection().execute(kept, list(rows.values()))
        return tokens

    def reveal(self, conversation: str, token: str) -> str | None:
        """Return the value behind a token, or None: unknown, expired, or of another conversation."""
        return self._values(conversation, {token}).get(token)

    def reveal_each(self, conversation: str, tokens: Iterable[str]) -> dict[str, str]:
        """Return the values behind several tokens, by token; those that do not open are left out."""
        return self._values(conversation, set(tokens))

    def reveal_all(self, conversation: str, text: str) -> str:
        """Return `text` with its tokens replaced by their values; tokens that do not open stay."""
        values = self._values(conversation, {match.group() for match in TOKEN.finditer(text)})
        return TOKEN.sub(lambda match: values.get(match.group(), match.group()), text)

    def mask_all(self, conversation: str, text: str) -> str:
        """Return `text` with its tokens replaced by masked values, `138****1234`."""
        values = self._values(conversation, {match.group() for match in TOKEN.finditer(text)})

        def shown(match: re.Match[str]) -> str:
            value = values.get(match.group())
            return mask(match.group(1), value) if value is not None else "***"

        return TOKEN.sub(shown, text)

    def forget(self, conversation: str) -> None:
        """Delete every value of a conversation that has ended; its tokens open nothing any more."""
        with self._sessions.begin() as session:
            session.execute(delete(SealedValueRow).where(SealedValueRow.conversation == conversation))

    def purge_expired(self) -> int:
        """Delete what has expired; return how many values that were."""
        with self._sessions.begin() as session:
            done = session.execute(delete(SealedValueRow).where(SealedValueRow.expires_at <= self._clock()))
            return cast("CursorResult[Any]", done).rowcount

    def _values(self, conversation: str, tokens: set[str]) -> dict[str, str]:
        if not tokens:
            return {}
        with self._sessions() as session:
            rows = session.connection().execute(
                _KEPT, {"conversation": conversation, "tokens": list(tokens), "now": self._clock()}
            )
            found = rows.all()
        return {row.token: value for row in found if (value := self._open(row)) is not None}

    def _open(self, row: Row[Any, Any, Any]) -> str | None:
        try:
            return self._sealer.open(row.sealed, _context(row.conversation, row.token))
        except Unopenable:
            return None  # sealed under a key that is gone: as good as expired

    def _token(self, conversation: str, kind: str, value: str) -> str:
        signature = self._sealer.sign("token", "\x00".join((conversation, kind, value)))
        token = f"[[{kind}:{signature.partition(':')[2][:10].translate(_LETTERS)}]]"
        if not TOKEN.fullmatch(token):
            raise ValueError(f"'{kind}' cannot be the kind of a token: use 2 to 20 of a-z and _")
        return token


def _context(conversation: str, token: str) -> str:
    return f"vault/{conversation}/{token}"
