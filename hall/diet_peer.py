"""Rasa's DIETClassifier as a peer for `linli evaluate`, trained and asked in Rasa's own environment.

An honest comparison has its limits, and the report says so: one intent a guide is how Rasa is commonly used,
but DIET is given few epochs (EPOCHS), so that a run ends in minutes, and no pre-trained language model.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from knowledge.evaluation import Judge
from knowledge.forms import Entry
from knowledge.matching import Match, Verdict
from language.reply import Decision

ROOT = Path(__file__).resolve().parents[1]
# An epoch over 276 guides takes 10 s to 40 s on two cores.
EPOCHS = 10
# Rasa's FallbackClassifier as it comes: below this confidence, or this close to the next, it does not answer.
FALLBACK_BELOW = 0.3
FALLBACK_WITHIN = 0.1

_TAIL_BYTES = 2000

NOTE = (
    f"rasa-diet: one intent a guide, {EPOCHS} epochs, characters and pairs of them, no pre-trained model; "
    "own phrasings are held aside in one quarter of four, since each round trains anew; "
    f"it declines by the defaults of Rasa's FallbackClassifier ({FALLBACK_BELOW}, {FALLBACK_WITHIN})."
)


class DietFailed(RuntimeError):
    """Rasa's process ended before its time. Its last lines say why."""


def engine_python(root: Path = ROOT) -> Path | None:
    """Return the Python of Rasa's environment, or None where it is not installed."""
    python = root / ".rasa-venv" / "bin" / "python"
    return python if python.exists() else None


class DietPeer:
    """Builds judges that ask DIET; one child process at a time. Use it as a context manager, or close it."""

    def __init__(self, python: Path, epochs: int = EPOCHS) -> None:
        self._python = python
        self._epochs = epochs
        self._child: subprocess.Popen[str] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the peer

    def __enter__(self) -> DietPeer:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()
        self._said.close()

    def build(self, entries: Sequence[Entry]) -> Judge:
        """Train DIET on the entries' names and phrasings; ends the one that was trained before."""
        self.close()
        self._child = subprocess.Popen(
            [*_tethered(self._python), "-m", "bot.engine.diet_baseline"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
        )
        texts = [{"id": entry.id, "texts": [*entry.names, *entry.phrasings]} for entry in entries]
        self._ask({"entries": texts, "epochs": self._epochs})
        return self._judge

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is None:
            return
        self._child.terminate()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):  # what it never read goes with it
                    pipe.close()
        self._child.wait()
        self._child = None

    def _judge(self, text: str) -> Verdict:
        ranked = self._ask({"text": text})["ranked"]
        matches = tuple(Match(str(entry_id), round(float(sure), 4)) for entry_id, sure in ranked)
        if not matches or matches[0].confidence < FALLBACK_BELOW:
            return Verdict(Decision.DECLINE, matches)
        is_close = len(matches) > 1 and matches[0].confidence - matches[1].confidence < FALLBACK_WITHIN
        return Verdict(Decision.DECLINE if is_close else Decision.ANSWER, matches)

    def _ask(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self._child is not None
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise self._failed() from None
        answer = self._child.stdout.readline()
        if not answer:
            raise self._failed()
        read: dict[str, Any] = json.loads(answer)
        return read

    def _failed(self) -> DietFailed:
        """Return the error, with the end of what Rasa said."""
        self._said.seek(max(self._said.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
        said = self._said.read().decode("utf-8", "replace").strip().splitlines()
        code = self._child.wait() if self._child is not None else None
        return DietFailed("\n".join([f"Rasa's process ended before its time (code {code}):", *said[-5:]]))


def _tethered(python: Path) -> list[str]:
    """Return how to start a Python that dies with this process: a training would go on for minutes."""
    return [str(python), str(ROOT / "hall" / "tether.py"), str(os.getpid()), str(python)]
