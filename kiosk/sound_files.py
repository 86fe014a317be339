"""Keeps spoken texts as WAV files: what every visitor hears for days, what one visitor said for minutes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

FRAME_RATE = 22_050  # of espeak-ng; mono, 16 bits
_SWEEP_EVERY = 50  # new files


class SoundFiles:
    """A folder of sounds, shared by processes, bounded by size and age.

    Sounds with something personal lie in a folder of their own, under names that nobody can guess from the
    text, and are gone after `brief_seconds`.
    """

    def __init__(
        self,
        folder: Path,
        max_bytes: int = 300_000_000,
        max_age_seconds: float = 7 * 86_400,
        brief_seconds: float = 600,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._shared, self._brief = folder / "shared", folder / "brief"
        self._max_bytes, self._max_age, self._brief_seconds = max_bytes, max_age_seconds, brief_seconds
        self._now = now
        self._secret = secrets.token_bytes(32)
        self._mark = secrets.token_hex(4)  # tells this process's brief sounds from another's
        self._since_sweep = _SWEEP_EVERY

    def path(self, what: Sequence[object], is_brief: bool) -> Path:
        """Return where the sound of `what` (driver, voice, rate, text) lies or will lie."""
        name = "\0".join(map(str, what)).encode("utf-8", "surrogatepass")
        key = hashlib.blake2b(name, key=self._secret if is_brief else b"", digest_size=20).hexdigest()
        return self._brief / f"{self._mark}-{key}.wav" if is_brief else self._shared / f"{key}.wav"

    def touch(self, path: Path) -> None:
        """Note that a sound was heard: those not heard for long go first."""
        with contextlib.suppress(FileNotFoundError):  # another process threw it out
            os.utime(path)

    def prepare(self, path: Path) -> None:
        """Make the folder of a new sound, and now and then throw old ones out."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._since_sweep += 1
        if self._since_sweep >= _SWEEP_EVERY or path.parent == self._brief:
            self._since_sweep = 0
            self.sweep()

    def sweep(self) -> None:
        """Delete what is too old, then the oldest of what is too much."""
        now = self._now()
        _delete_older(self._brief, now - self._brief_seconds)
        _delete_older(self._shared, now - self._max_age)
        files = sorted(_files(self._shared), key=lambda file: file[1], reverse=True)
        total = 0
        for path, _, size in files:
            total += size
            if total > self._max_bytes:
                path.unlink(missing_ok=True)

    def forget_brief(self) -> None:
        """Delete the sounds with something personal that this process made."""
        for path in self._brief.glob(f"{self._mark}-*"):
            path.unlink(missing_ok=True)


def seconds(path: Path) -> float | None:
    """Return the length of a whole WAV file, or None when there is none."""
    try:
        with wave.open(str(path), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (OSError, EOFError, wave.Error):
        return None


def join(parts: Sequence[Path], whole: Path) -> None:
    """Write the parts one after the other into `whole`; no parts: a fifth of a second of silence."""
    unfinished = whole.with_suffix(f".{secrets.token_hex(4)}.part")
    with wave.open(str(unfinished), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(FRAME_RATE)
        if not parts:
            sound.writeframes(b"\0\0" * (FRAME_RATE // 5))
        for part in parts:
            with wave.open(str(part), "rb") as piece:
                sound.writeframes(piece.readframes(piece.getnframes()))
    unfinished.replace(whole)


def _files(folder: Path) -> list[tuple[Path, float, int]]:
    found = []
    for path in folder.glob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:  # another process was faster
            continue
        found.append((path, status.st_mtime, status.st_size))
    return found


def _delete_older(folder: Path, moment: float) -> None:
    for path, modified, _ in _files(folder):
        if modified < moment:
            path.unlink(missing_ok=True)
