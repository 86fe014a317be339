"""Names a browser in a word or two, so that a member knows their own sessions in a list."""

from __future__ import annotations

# In this order: Edge says that it is Chrome, and everybody that they are Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Return `Chrome, Windows` and the like; nothing of what else the browser tells is kept."""
    found = [
        next((name for sign, name in table if sign in user_agent), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in found if name)
