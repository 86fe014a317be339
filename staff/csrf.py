"""Tells a form of our own page from one that another site has sent."""

from __future__ import annotations

import hmac
from hashlib import blake2b
from urllib.parse import urlsplit

from sanic import Request

FIELD = "csrf"
HEADER = "x-csrf-token"


def csrf_of(token: str) -> str:
    """Return what forms carry for the session with this token: nobody can tell the token from it."""
    return blake2b(token.encode("utf-8", "surrogatepass"), digest_size=24, person=b"staff-csrf").hexdigest()


def is_csrf_right(token: str, offered: str) -> bool:
    """Return whether the form was made for this session."""
    return bool(token) and hmac.compare_digest(csrf_of(token).encode(), offered.encode("utf-8", "replace"))


def is_foreign(request: Request) -> bool:
    """Return whether a POST came from another site's page, or does not say where it came from.

    Every browser of the last years says so with Origin or Sec-Fetch-Site, and no page can make them up.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return True
    if origin is not None:
        return bool(urlsplit(origin).netloc != request.host)
    return site is None


def scheme_of(request: Request) -> str:
    """Return how the browser came here: behind a proxy that ends TLS, as the proxy says."""
    said = str(request.headers.get("x-forwarded-proto", "")).partition(",")[0].strip().lower()
    return said if said in ("http", "https") else request.scheme


def safe_path(path: str) -> str:
    """Return `path` when it lies in the console, else the console's first page: no way to other sites."""
    parts = urlsplit(path.replace("\\", "/"))
    is_ours = not parts.scheme and not parts.netloc and f"{parts.path}/".startswith("/staff/")
    is_plain = all(c.isprintable() and c != " " for c in path)
    return path if is_ours and is_plain and ".." not in parts.path and "\\" not in path else "/staff"
