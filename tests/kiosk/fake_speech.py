"""A voice for tests that says nothing, at once."""

from __future__ import annotations

import io
import wave
from pathlib import Path


class FakeSpeech:
    """Speaks silence of a quarter of a second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[tuple[str, int, str]] = []
        self.is_broken = False

    async def wav(self, text: str, rate_wpm: int, voice: str, cacheable: bool | None = None) -> Path:
        """Return a file of silence."""
        if self.is_broken:
            raise RuntimeError("no voice")
        self.said.append((text, rate_wpm, voice))
        path = self.folder / f"{len(self.said)}.wav"
        sound = io.BytesIO()
        with wave.open(sound, "wb") as out:
            out.setparams((1, 2, 22050, 0, "NONE", ""))
            out.writeframes(bytes(2 * 22050 // 4))
        path.write_bytes(sound.getvalue())
        return path
