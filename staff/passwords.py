"""Passwords: which are good enough, and how they are hashed (argon2id, RFC 9106)."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARS = 10
MOST_CHARS = 200  # hashing a megabyte would cost the hall its time
COMMON = Path(__file__).parent / "common_passwords.txt"
# The second recommended choice of RFC 9106: 64 MiB, three passes.
_MEMORY_KIB, _PASSES, _LANES = 65536, 3, 4
# Each hash takes 64 MiB: a flood of sign-ins waits in line instead of eating the machine's memory.
_AT_ONCE = 2


class PasswordRefused(ValueError):
    """A password that is too easy; `key` names the sentence in texts.yml."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def check_password(password: str, login: str) -> str:
    """Return the password as it is hashed (NFC). Raises PasswordRefused."""
    plain = unicodedata.normalize("NFC", password)
    if len(plain) < LEAST_CHARS:
        raise PasswordRefused("password_short")
    if len(plain) > MOST_CHARS:
        raise PasswordRefused("password_long")
    folded = plain.casefold()
    # A login with a digit or two behind it is as easy as the login.
    if login and login.casefold() in folded and len(folded) < len(login) + 4:
        raise PasswordRefused("password_is_login")
    if folded in _common() or len(set(folded)) < 4 or _is_run(folded):
        raise PasswordRefused("password_common")
    return plain


def _is_run(text: str) -> bool:
    """Return whether each character follows the one before: 1234567890, abcdefghij."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text("utf-8").split())


class Hasher:
    """Makes and checks hashes; takes as long for a member who does not exist."""

    def __init__(self, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES, lanes: int = _LANES) -> None:
        self._argon2 = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=lanes, type=Type.ID
        )
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash of a password."""
        with self._turn:
            return self._argon2.hash(password)

    def is_right(self, password: str, hashed: str | None) -> bool:
        """Return whether the password made this hash; None (nobody, no password yet) is never right."""
        with self._turn:
            if self._nobody is None:
                self._nobody = self._argon2.hash("nobody's password")
            try:
                plain = unicodedata.normalize("NFC", password[: MOST_CHARS + 1])
                self._argon2.verify(hashed or self._nobody, plain)
            except (VerificationError, InvalidHashError):
                return False
            return hashed is not None

    def is_old(self, hashed: str) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(hashed)
