"""Two wishes in one sentence: the first is answered, the second offered (居住证怎么办，另外你们几点下班)."""

from __future__ import annotations

import re

_JOINT = re.compile(
    r"[,，。.;；、?？!！\s]+(?:另外|还有就是|还有|顺便|顺带|对了|再就是|(?=(?:我)?(?:还|再)(?:想|要)?问))"
    r"[,，、\s]*(?:我)?(?:还|再|也)?(?:想|要)?(?:问(?:一下|问|下)?)?[,，、\s]*"
)
_LEAST_CHARS, _MOST_CHARS = 3, 40


def split(text: str) -> tuple[str, str] | None:
    """Return the two wishes that a text joins by 另外, 还有 or 还想问, or None; it knows no guides."""
    joint = _JOINT.search(text)
    if joint is None:
        return None
    first, second = text[: joint.start()].strip(), text[joint.end() :].strip()
    if len(first) < _LEAST_CHARS or not _LEAST_CHARS <= len(second) <= _MOST_CHARS:
        return None
    return first, second
