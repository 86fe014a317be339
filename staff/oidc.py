"""Signing in with the organisation's own sign-in: OpenID Connect, code flow with PKCE and nonce."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import httpx

from cases.sealing import Sealer, Unopenable
from language.moments import Clock
from staff.outside_members import OutsidePerson
from staff.roles import read_roles

WELL_KNOWN = "/.well-known/openid-configuration"
BEGUN_LIVES = timedelta(minutes=10)
_TIMEOUT_SECONDS = 10.0
# What a public key signs. With a secret one, whoever knows it could make tokens up.
_SIGNATURES = frozenset(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {
    "EdDSA"
}
_CONTEXT = "staff/oidc"


class OutsideProblem(Exception):
    """The organisation's sign-in did not say who this is; the message is for the log, without secrets."""


@dataclass(frozen=True)
class OidcSettings:
    """Where the organisation's sign-in is, and who we are there."""

    issuer: str
    client_id: str
    client_secret: str
    role_claim: str


@dataclass(frozen=True)
class Begun:
    """A sign-in on its way: what must come back, and where the member was going."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    going: str
    kept: str
    at: float


class Oidc:
    """One organisation's sign-in."""

    def __init__(self, settings: OidcSettings, sealer: Sealer, clock: Clock) -> None:
        self._settings = settings
        self._sealer = sealer
        self._clock = clock
        self._ready = asyncio.Lock()
        self._client: Any = None

    async def begin(self, redirect_uri: str, going: str, kept: str) -> tuple[str, str]:
        """Return the address to send the browser to, and the sealed cookie that it must bring back.

        Raises OutsideProblem.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        client = await self._ready_client()
        begun = Begun(state, nonce, verifier, redirect_uri, going, kept, self._clock().timestamp())
        found = await client.create_authorization_url(
            redirect_uri, state=state, nonce=nonce, code_verifier=verifier
        )
        return str(found["url"]), self._sealer.seal(json.dumps(asdict(begun)), _CONTEXT).hex()

    def read_begun(self, cookie: str, state: str) -> Begun | None:
        """Return what was begun in this browser; None when it was not, or too long ago."""
        try:
            begun = Begun(**json.loads(self._sealer.open(bytes.fromhex(cookie), _CONTEXT)))
        except (ValueError, TypeError, Unopenable):
            return None
        is_fresh = 0 <= self._clock().timestamp() - begun.at < BEGUN_LIVES.total_seconds()
        is_same = secrets.compare_digest(begun.state.encode(), state.encode("utf-8", "replace"))
        return begun if is_fresh and is_same else None

    async def finish(self, begun: Begun, code: str) -> OutsidePerson:
        """Exchange the code, check the token that comes, and return whom it names. Raises OutsideProblem."""
        client = await self._ready_client()
        settings = self._settings
        try:
            token = await client.fetch_access_token(
                begun.redirect_uri, code=code, code_verifier=begun.verifier, grant_type="authorization_code"
            )
            claims = await client.parse_id_token(
                token,
                begun.nonce,
                claims_options={
                    "iss": {"essential": True, "value": settings.issuer},
                    "aud": {"essential": True, "value": settings.client_id},
                    "nonce": {"essential": True, "value": begun.nonce},
                },
            )
        # Authlib, joserfc and httpx each have a family of their own, and a token may be anything at all.
        except Exception as problem:  # noqa: BLE001  the edge: whoever sent it is not signed in
            raise OutsideProblem(f"no good token ({type(problem).__name__})") from None
        if not claims:
            raise OutsideProblem("the answer holds no id_token")
        return self._person(claims)

    def _person(self, claims: Mapping[str, Any]) -> OutsidePerson:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise OutsideProblem("the token names no subject")
        login = str(claims.get("preferred_username") or claims.get("email") or subject)
        name = str(claims.get("name") or login)
        return OutsidePerson(self._settings.issuer, subject, login, name, self._roles(claims))

    def _roles(self, claims: Mapping[str, Any]) -> Any:
        """Return the roles that the claim names; it may lie deeper: realm_access.roles."""
        if not self._settings.role_claim:
            return None
        found: Any = claims
        for part in self._settings.role_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return read_roles(str(name) for name in names)

    async def _ready_client(self) -> Any:
        """Return the client, once it has read where everything is. A failure is tried again next time."""
        async with self._ready:
            if self._client is None:
                self._client = await self._make_client()
        return self._client

    async def _make_client(self) -> Any:
        # Here, since a hall without such a sign-in shall not wait for Authlib at its start.
        from staff.oidc_client import OidcClient

        settings = self._settings
        client = OidcClient(
            None,
            client_id=settings.client_id,
            client_secret=settings.client_secret or None,
            server_metadata_url=settings.issuer.rstrip("/") + WELL_KNOWN,
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "timeout": _TIMEOUT_SECONDS,
                **({} if settings.client_secret else {"token_endpoint_auth_method": "none"}),
            },
        )
        try:
            metadata = await client.load_server_metadata()
        except (httpx.HTTPError, ValueError) as problem:
            raise OutsideProblem(f"its description cannot be read ({type(problem).__name__})") from None
        if not isinstance(metadata, dict) or metadata.get("issuer") != settings.issuer:
            raise OutsideProblem("its description names another issuer than LINLI_OIDC_ISSUER")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _SIGNATURES]
        return client
