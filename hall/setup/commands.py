"""Run other programs during setup: output into the log, the last lines kept, never outliving us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hall.setup.screen import Step

TETHER = Path(__file__).parent.parent / "tether.py"
TAIL_LINES = 12
# Debian and its relatives; elsewhere the programs use their own lists.
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
MAX_LOG_BYTES = 5_000_000

_NETWORK = re.compile(
    r"error sending request|failed to (fetch|download)|could ?n[o']t (connect|resolve)|dns error"
    r"|connection (refused|reset|timed out)|name or service not known|temporary failure"
    r"|network is unreachable|no route to host"
    r"|ECONNREFUSED|ENOTFOUND|ETIMEDOUT|ECONNRESET|EAI_AGAIN|max retries exceeded|newconnectionerror"
    r"|no matching distribution found|tunnel|proxy",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(
    r"UnknownIssuer|certificate.verify.failed|self.signed certificate|invalid peer certificate", re.I
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_DISK = re.compile(r"no space left on device|disk quota exceeded|ENOSPC", re.IGNORECASE)


class SetupFailed(Exception):
    """A step that could not be done. The message is a sentence with the remedy.

    `passing` says that trying again later, with nothing changed here, may help (the network was away).
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


@dataclass(frozen=True)
class Outcome:
    """How a program ended: its exit code and its last lines."""

    code: int
    tail: str

    @property
    def succeeded(self) -> bool:
        """True when the program ended with exit code 0."""
        return self.code == 0


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what would make one Python look into another's folders."""
    unwanted = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in environment.items() if name not in unwanted}


def system_trust(environment: Mapping[str, str], bundle: Path = CA_BUNDLE) -> dict[str, str]:
    """Return variables that make uv, pip and npm trust what the machine trusts.

    By themselves they bring their own lists. What the person has set stays.
    """
    if not bundle.exists():
        return {}
    # uv called its variable UV_NATIVE_TLS before it called it UV_SYSTEM_CERTS.
    wanted = {
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",
        "PIP_CERT": str(bundle),
        "NODE_EXTRA_CA_CERTS": str(bundle),
    }
    return {name: value for name, value in wanted.items() if name not in environment}


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    step: Step | None = None,
    timeout_seconds: float | None = None,
) -> Outcome:
    """Run `command` in `folder`, its output going to `log`; a program that is missing ends with code 127."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.unlink()
    tied = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *command]
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with log.open("a", encoding="utf-8") as record:
        record.write(f"$ {' '.join(command)}\n")
        record.flush()
        with subprocess.Popen(
            tied,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            try:
                with _killed_after(timeout_seconds, process):
                    assert process.stdout is not None
                    for line in process.stdout:
                        record.write(line)
                        record.flush()
                        if text := _COLOUR.sub("", line).strip():
                            tail.append(text)
                            if step is not None:
                                step.detail = text
                    code = process.wait()
            except BaseException:  # Ctrl-C: it has had the signal too, and does not get to dally
                process.kill()
                raise
        record.write(f"= exit code {code}\n")
    return Outcome(code, "\n".join(tail))


@contextmanager
def _killed_after(seconds: float | None, process: subprocess.Popen[str]) -> Iterator[None]:
    alarm = threading.Timer(seconds or threading.TIMEOUT_MAX, process.kill)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def failure(what: str, outcome: Outcome, log: Path, again: str) -> SetupFailed:
    """Return the exception for a program that failed: the cause, by its last lines, and the remedy."""
    if _DISK.search(outcome.tail):
        return SetupFailed(f"{what}: the disk is full. Free some space, then {again}.")
    if _CERTIFICATE.search(outcome.tail):
        return SetupFailed(
            f"{what}: the package registry shows a certificate that this machine does not trust. Add your"
            " organisation's certificate (update-ca-certificates), or name its file in SSL_CERT_FILE,"
            f" PIP_CERT and NODE_EXTRA_CA_CERTS, then {again}. Details: {log}",
            passing=True,
        )
    if _NETWORK.search(outcome.tail):
        return SetupFailed(
            f"{what}: the package registry cannot be reached. Check the network, the proxy (HTTPS_PROXY) or"
            f" the index settings of uv, pip and npm, then {again}. Details: {log}",
            passing=True,
        )
    last = "\n    ".join(outcome.tail.splitlines()[-5:])
    return SetupFailed(
        f"{what} (exit code {outcome.code}). Details: {log}, then {again}. It said last:\n    {last}"
    )
