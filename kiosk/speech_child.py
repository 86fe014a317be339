"""The one process that speaks: JSON lines in, WAV files and JSON lines out.

Run as `python -m kiosk.speech_child PARENT_PID`. pyttsx3 with espeak-ng holds only inside one thread of one
process: elsewhere files come late or cut, settings are applied late, and several threads crash it. So every
step here waits for the driver's own queue.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import wave
from pathlib import Path
from typing import IO, Any

_TRIES = 3  # the second try has always held where the first did not
_PR_SET_PDEATHSIG = 1


class VoiceMissing(Exception):
    """The driver has no such voice. Install it, or name another in the hall's settings."""


class NoSound(Exception):
    """The driver wrote nothing, three times in a row."""


def main() -> int:
    """Serve requests until standard input ends; return the exit status."""
    _die_with(int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid())
    answers = _protected_stdout()
    try:
        mouth = Mouth()
    except Exception as problem:  # noqa: BLE001 - whatever keeps the driver from starting, the parent must know
        _write(answers, {"error": "driver", "detail": type(problem).__name__})
        return 1
    _write(answers, {"driver": mouth.driver})
    for line in sys.stdin:
        _write(answers, _answer(mouth, json.loads(line)))
    return 0


class Mouth:
    """pyttsx3, wrapped so that it raises what it would swallow."""

    def __init__(self) -> None:
        import pyttsx3

        self._engine: Any = pyttsx3.init()
        self.driver = str(self._engine)
        # A new engine counts as busy, and would put every setting off until its first sentence.
        self._engine.runAndWait()

    def set_voice(self, voice: str) -> None:
        """Choose a voice. Raises VoiceMissing: the driver itself would go on in the voice it had before."""
        self._engine.setProperty("voice", voice)
        self._wait()
        # espeak reports sit/cmn-latn-pinyin+f2 for cmn-latn-pinyin+f2; a missing variant (+f2) is no harm.
        chosen = str(self._engine.getProperty("voice") or "").lower()
        if chosen != voice.lower() and chosen.split("/")[-1].split("+")[0] != voice.lower().split("+")[0]:
            raise VoiceMissing(voice)

    def speak(self, text: str, voice: str, rate_wpm: int, path: Path) -> float:
        """Write `text` as a WAV file and return its length in seconds. Raises VoiceMissing or NoSound."""
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        for _ in range(_TRIES):
            self.set_voice(voice)
            self._engine.setProperty("rate", rate_wpm)
            self._wait()
            self._engine.save_to_file(text, str(unfinished))
            self._engine.runAndWait()
            self._wait()
            seconds = _seconds(unfinished)
            if seconds:
                unfinished.replace(path)
                return seconds
            unfinished.unlink(missing_ok=True)
        raise NoSound

    def _wait(self) -> None:
        if self.driver == "espeak":
            from pyttsx3.drivers import _espeak

            _espeak.Synchronize()


def _answer(mouth: Mouth, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if "text" not in request:
            mouth.set_voice(request["voice"])
            return {"seconds": 0.0}
        path = Path(request["path"])
        return {"seconds": mouth.speak(request["text"], request["voice"], request["rate_wpm"], path)}
    except VoiceMissing:
        return {"error": "voice"}
    except NoSound:
        return {"error": "sound"}


def _seconds(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (OSError, EOFError, wave.Error):
        return 0.0


def _protected_stdout() -> IO[str]:
    """Return the real standard output for answers, and let everything that prints write to nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return answers


def _write(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _die_with(parent: int) -> None:
    """End this process when its parent is killed; the pipe alone may be held open by a sibling."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
