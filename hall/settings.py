"""Every setting of a hall: environment variables LINLI_*, also from a .env file; README.md lists them all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[1]


LEAST_KEY_CHARS = 16


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what it may be."""


@dataclass(frozen=True)
class Settings:
    """What an operator may set. Ports besides `port` are picked free."""

    host: str
    port: int
    folder: Path  # everything that a hall writes: database, keys, models, sound
    database_url: str
    tracker_url: str
    hall_workers: int
    without_rasa: bool
    api_token: str  # lets a caller beyond loopback name channel and sender
    turns_per_minute: int
    engines: int  # how many Rasa processes `linli serve` starts
    redis_url: str  # where Rasa processes share their locks; empty: each has its own
    engine_url: str  # one or several, between commas; set by the supervisor for the processes that it starts
    engine_token: str
    actions_url: str
    public_url: str  # what a QR code shows; empty: the address of the request
    kiosk_idle_seconds: int
    gold_margin: float  # the share of the gold questions by which a release may do worse than the live one
    oidc_issuer: str  # the organisation's own sign-in for staff; empty: none
    oidc_client_id: str
    oidc_client_secret: str
    oidc_role_claim: str
    open311_key: str = ""  # opens the Open311 interface; empty: there is none
    encoder: Path | None = None  # folder of a sentence encoder; None: the matcher works without one

    @property
    def key_file(self) -> Path:
        """Where the key that seals personal data is kept."""
        return self.folder / "secret.key"

    @property
    def state_file(self) -> Path:
        """Where a running hall writes what other commands need to find it."""
        return self.folder / "hall.json"

    @property
    def set_up_file(self) -> Path:
        """Where the code for the first administrator is written, while there is none."""
        return self.folder / "set-up.code"


# Name, default, what it is for: the README's table is checked against this one.
TABLE: tuple[tuple[str, str, str], ...] = (
    ("LINLI_HOST", "127.0.0.1", "address the hall listens on"),
    ("LINLI_PORT", "8000", "port the hall listens on"),
    ("LINLI_FOLDER", "var", "folder for what a hall writes: database, keys, sound (models stay in var/)"),
    (
        "LINLI_DATABASE_URL",
        "",
        "database of the hall; empty: SQLite in LINLI_FOLDER; or postgresql+psycopg://…",
    ),
    ("LINLI_TRACKER_URL", "", "database of Rasa's conversations; empty: SQLite in LINLI_FOLDER"),
    ("LINLI_HALL_WORKERS", "1", "hall processes"),
    (
        "LINLI_WITHOUT_RASA",
        "0",
        "1: serve without the conversation engine (questions, forms and look-up by touch)",
    ),
    ("LINLI_API_TOKEN", "", "lets a caller from another machine name channel and sender in /api/chat"),
    ("LINLI_TURNS_PER_MINUTE", "120", "turns a minute for one person in one conversation (60 or more)"),
    ("LINLI_ENGINES", "1", "Rasa processes that `linli serve` starts"),
    ("LINLI_REDIS_URL", "", "Redis in which several Rasa processes lock conversations; empty: each its own"),
    (
        "LINLI_ENGINE_URL",
        "",
        "addresses of Rasa processes, between commas; empty: those that `linli serve` starts",
    ),
    ("LINLI_ENGINE_TOKEN", "", "token between hall and Rasa; empty: made at each start"),
    ("LINLI_ACTIONS_URL", "", "where Rasa calls the hall's actions; empty: a free loopback port"),
    ("LINLI_PUBLIC_URL", "", "address printed into QR codes; empty: the one the kiosk was opened with"),
    (
        "LINLI_KIOSK_IDLE_SECONDS",
        "60",
        "seconds without a touch until the kiosk asks whether someone is there",
    ),
    (
        "LINLI_GOLD_MARGIN_PERCENT",
        "1",
        "how many of 100 gold questions a release may lose before it is refused",
    ),
    (
        "LINLI_ENCODER",
        "",
        "folder of a sentence-embedding model (model.onnx, tokenizer.json); empty: none",
    ),
    ("LINLI_OIDC_ISSUER", "", "address of the organisation's OpenID Connect sign-in for staff; empty: none"),
    ("LINLI_OIDC_CLIENT_ID", "", "who Linli is there"),
    ("LINLI_OIDC_CLIENT_SECRET", "", "its secret; empty: a public client"),
    ("LINLI_OIDC_ROLE_CLAIM", "", "claim that names the roles; empty: administrators give roles"),
    ("LINLI_OPEN311_KEY", "", "api_key of the Open311 interface, 16 characters or more; empty: none"),
)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from the environment over `.env` over the defaults. Raises SettingsError."""
    written = environment if environment is not None else written_settings()
    values = {name: written.get(name, "") or default for name, default, _ in TABLE}
    folder = Path(values["LINLI_FOLDER"])
    folder = folder if folder.is_absolute() else ROOT / folder
    turns = _number(values, "LINLI_TURNS_PER_MINUTE", 60, 100_000)
    return Settings(
        host=values["LINLI_HOST"],
        port=_number(values, "LINLI_PORT", 0, 65535),
        folder=folder,
        database_url=values["LINLI_DATABASE_URL"] or f"sqlite:///{folder / 'linli.db'}",
        tracker_url=values["LINLI_TRACKER_URL"] or f"sqlite:///{folder / 'rasa.db'}",
        hall_workers=_number(values, "LINLI_HALL_WORKERS", 1, 64),
        without_rasa=values["LINLI_WITHOUT_RASA"] not in ("0", "", "false", "no"),
        api_token=values["LINLI_API_TOKEN"],
        turns_per_minute=turns,
        engines=_number(values, "LINLI_ENGINES", 1, 16),
        redis_url=values["LINLI_REDIS_URL"],
        engine_url=values["LINLI_ENGINE_URL"],
        engine_token=values["LINLI_ENGINE_TOKEN"],
        actions_url=values["LINLI_ACTIONS_URL"],
        public_url=values["LINLI_PUBLIC_URL"].rstrip("/"),
        kiosk_idle_seconds=_number(values, "LINLI_KIOSK_IDLE_SECONDS", 5, 3600),
        gold_margin=_number(values, "LINLI_GOLD_MARGIN_PERCENT", 0, 100) / 100,
        oidc_issuer=_issuer(values),
        oidc_client_id=values["LINLI_OIDC_CLIENT_ID"],
        oidc_client_secret=values["LINLI_OIDC_CLIENT_SECRET"],
        oidc_role_claim=values["LINLI_OIDC_ROLE_CLAIM"],
        open311_key=_open311_key(values),
        encoder=ROOT / values["LINLI_ENCODER"] if values["LINLI_ENCODER"] else None,
    )


def _issuer(values: Mapping[str, str]) -> str:
    issuer = values["LINLI_OIDC_ISSUER"]
    parts = urlsplit(issuer)
    is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if issuer and not (parts.scheme == "https" or is_here):
        raise SettingsError("LINLI_OIDC_ISSUER begins with https:// (http only on this machine).")
    if issuer and not values["LINLI_OIDC_CLIENT_ID"]:
        raise SettingsError("LINLI_OIDC_ISSUER needs LINLI_OIDC_CLIENT_ID: who Linli is there.")
    return issuer


def _open311_key(values: Mapping[str, str]) -> str:
    key = values["LINLI_OPEN311_KEY"]
    if key and len(key) < LEAST_KEY_CHARS:
        raise SettingsError(f"LINLI_OPEN311_KEY has {LEAST_KEY_CHARS} characters or more: it opens cases.")
    return key


def written_settings() -> dict[str, str]:
    """Return what is set, in the environment or in `.env`, as it is written there."""
    dotenv = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}
    return {**dotenv, **os.environ}


def _number(values: Mapping[str, str], name: str, least: int, most: int) -> int:
    try:
        number = int(values[name])
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise SettingsError(f"{name} is a whole number from {least} to {most}, not '{values[name]}'.")
    return number
