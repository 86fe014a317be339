"""Authlib's OpenID Connect client over httpx, as it stands without a web framework."""

from __future__ import annotations

from authlib.integrations.base_client.async_app import AsyncOAuth2Mixin
from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin
from authlib.integrations.base_client.sync_app import BaseApp
from authlib.integrations.httpx_client import AsyncOAuth2Client


class OidcClient(AsyncOAuth2Mixin, AsyncOpenIDMixin, BaseApp):  # type: ignore[misc]  # Authlib has no types
    """Makes authorization addresses, exchanges codes, and checks id tokens against the published keys."""

    client_cls = AsyncOAuth2Client
