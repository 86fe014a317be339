"""A small OpenID Connect provider over real HTTP on loopback, which signs people in without asking them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "linli", "a-secret-between-the-two"


@dataclass
class IdentityProvider:
    """What it says of the person, and how it lies when a test asks for it."""

    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "zhang"})
    now: float = 0.0
    lies: dict[str, Any] = field(default_factory=dict)  # claims of the token that are not true
    signs_with: str = "key"  # "key", "other", "none", "secret"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self._other = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def _get(self, asked: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(asked.path)
        if parts.path == "/.well-known/openid-configuration":
            return _json(asked, self._description())
        if parts.path == "/keys":
            return _json(asked, {"keys": [self._key.as_dict(private=False)]})
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        asked.send_response(303)
        back = urlencode({"code": code, "state": query["state"]})
        asked.send_header("location", f"{query['redirect_uri']}?{back}")
        asked.end_headers()

    def _post(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers["content-length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        begun = self.codes.pop(sent.get("code", ""), None)
        who = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        challenge = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        expected = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        if begun is None:
            self.refused.append("code")
        elif asked.headers.get("authorization") != f"Basic {who}":
            self.refused.append("client")
        elif begun.get("code_challenge") != expected or begun.get("code_challenge_method") != "S256":
            self.refused.append("verifier")
        elif begun["redirect_uri"] != sent.get("redirect_uri"):
            self.refused.append("redirect_uri")
        else:
            token = {"access_token": "x", "token_type": "Bearer", "id_token": self._token(begun)}
            return _json(asked, token)
        return _json(asked, {"error": "invalid_grant"}, 400)

    def _token(self, begun: dict[str, str]) -> str:
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "nonce": begun.get("nonce", ""),
            **self.claims,
            **self.lies,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.signs_with == "none":
            parts = [_part({"alg": "none"}), _part(claims), ""]
            return ".".join(parts)
        if self.signs_with == "secret":
            return str(jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET)))
        key = self._key if self.signs_with == "key" else self._other
        return str(jwt.encode({"alg": "RS256", "kid": "one"}, claims, key))

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.lies.get("described_issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }


def _part(values: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _json(asked: BaseHTTPRequestHandler, body: dict[str, Any], status: int = 200) -> None:
    asked.send_response(status)
    asked.send_header("content-type", "application/json")
    asked.end_headers()
    asked.wfile.write(json.dumps(body).encode())
