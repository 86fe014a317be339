"""Sealing what a resident tells in confidence: encryption, signatures and codes from one key file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12  # what AES-GCM is specified for


class SealError(Exception):
    """Sealed text or a key that cannot be used. Subclasses: Unopenable, KeyFileError."""


class Unopenable(SealError):
    """Sealed bytes were altered, moved to another place, or their key is not in the key file."""


class KeyFileError(SealError):
    """The key file cannot be read."""


class Sealer:
    """Seals, signs and derives codes with the first of `keys`; opens and checks with all of them.

    To rotate, put a new key first and keep the old ones behind it. Each sealed value and signature starts
    with the id of its key. `context` and `purpose` say what a value is for: a value sealed for one place
    does not open in another.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise SealError(f"a sealer needs at least one key, each of {KEY_BYTES} bytes")
        self._keys = {_key_id(key): key for key in keys}
        self._current = _key_id(keys[0])
        self._ciphers = {key_id: AESGCM(self._subkey(key_id, "seal")) for key_id in self._keys}

    def seal(self, text: str, context: str) -> bytes:
        """Return `text` encrypted and bound to `context`."""
        return self.seal_bytes(text.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        """Return the clear text. Raises Unopenable where key, context or bytes are not the ones of `seal`."""
        try:
            return self.open_bytes(sealed, context).decode()
        except UnicodeDecodeError:
            raise Unopenable("sealed bytes are no text: they were sealed for something else") from None

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """Return bytes encrypted and bound to `context`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, content, context.encode())
        return _VERSION + self._current + nonce + sealed

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """Return the clear bytes. Raises Unopenable where key, context or bytes are not those of sealing."""
        head = len(_VERSION) + _KEY_ID_BYTES
        key_id, nonce = sealed[len(_VERSION) : head], sealed[head : head + _NONCE_BYTES]
        if sealed[: len(_VERSION)] != _VERSION or key_id not in self._keys:
            raise Unopenable(
                "sealed with a key that is not in the key file: restore the key file from a backup"
            )
        try:
            opened = self._ciphers[key_id].decrypt(nonce, sealed[head + _NONCE_BYTES :], context.encode())
        except (InvalidTag, ValueError):
            raise Unopenable("sealed bytes were altered or moved: restore them from a backup") from None
        return bytes(opened)

    def is_current(self, sealed: bytes) -> bool:
        """Return whether bytes are sealed with the newest key."""
        return sealed[len(_VERSION) : len(_VERSION) + _KEY_ID_BYTES] == self._current

    def sign(self, purpose: str, text: str) -> str:
        """Return the keyed hash of `text` as `<key id>:<hex>`."""
        return self._signature(self._current, purpose, text)

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        """Return whether `signature` is what `sign` gave for this text, in constant time."""
        key_id = _parse_key_id(signature)
        if key_id not in self._keys:
            return False
        return hmac.compare_digest(self._signature(key_id, purpose, text), signature)

    def digits(self, purpose: str, text: str, length: int, like: str | None = None) -> str:
        """Return `length` decimal digits derived from `text`; the same ones each time.

        `like` is a signature whose key shall be used, so that old codes survive a rotation. Raises Unopenable
        when that key is gone.
        """
        key_id = _parse_key_id(like) if like else self._current
        if key_id not in self._keys:
            raise Unopenable(
                "made with a key that is not in the key file: restore the key file from a backup"
            )
        digest = hmac.digest(self._subkey(key_id, purpose), text.encode(), "sha256")
        return str(int.from_bytes(digest) % 10**length).zfill(length)

    def _signature(self, key_id: bytes, purpose: str, text: str) -> str:
        digest = hmac.digest(self._subkey(key_id, purpose), text.encode(), "sha256")
        return f"{key_id.hex()}:{digest.hex()}"

    def _subkey(self, key_id: bytes, purpose: str) -> bytes:
        # One key per purpose: a signature can then never serve as a code or as a cipher's key.
        return hmac.digest(self._keys[key_id], f"linli/{purpose}".encode(), "sha256")


def load_or_make_key(path: Path) -> tuple[bytes, ...]:
    """Return the keys of the key file, newest first; make the file (mode 0600) where there is none.

    The file holds one base64 key of 32 bytes per line. Two processes that start together get the same key.
    Raises KeyFileError when the file cannot be read.
    """
    if not path.exists():
        _make_key_file(path)
    try:
        lines = path.read_text("ascii").split()
        keys = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (OSError, UnicodeDecodeError, binascii.Error) as problem:
        raise KeyFileError(_remedy(path)) from problem
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyFileError(_remedy(path))
    return keys


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(
                draft, path
            )  # unlike a rename, a link never replaces the key that another process just made
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _remedy(path: Path) -> str:
    return (
        f"the key file {path} cannot be read: restore it from a backup. Do not delete it: "
        "without it no contact field and no code of a filed case can be read again"
    )


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"linli key id" + key).digest()[:_KEY_ID_BYTES]


def _parse_key_id(signature: str) -> bytes:
    try:
        return bytes.fromhex(signature.partition(":")[0])
    except ValueError:
        return b""
