"""Reading a telephone number from what people write and say: 幺三八…, +86, area codes, extensions, 400."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DIGITS = str.maketrans("零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖", "001122345678912" + "3456789")
_SPOKEN = "零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_SPOKEN_RUN = re.compile(rf"[{_SPOKEN}\d](?:[ ,，、.。—–-]?[{_SPOKEN}\d]){{2,}}")
# People pause in a number (138，1234，5678); two numbers never touch, since a mobile one has eleven digits.
_GAP = r"[ ,，、.·—–-]{0,2}"
_MOBILE = re.compile(rf"(?<!\d)(?:\+?86|0086)?{_GAP}(1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!\d)")
_SERVICE = re.compile(r"(?<!\d)([48]00)[ -]?(\d{3})[ -]?(\d{4})(?!\d)")
# Area codes are 010, 02x or 0xxx; numbers behind them have 7 or 8 digits. Without an area code it is local.
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:(?:\+|00)?86[ -]?\(?0?|\(?0)(10|2\d|[3-9]\d\d)\)?[ -]{0,2})?([2-9](?:[ -]?\d){6,7})(?!\d)"
    r"(?:[ ,，]?(?:-|转|分机号?|ext\.?) ?(\d{1,5})(?!\d))?"
)
_CALLED = re.compile(r"(?:电话|座机|固话|号码|联系方式|phone|tel)\D{0,5}$", re.IGNORECASE)


def read_phones(text: str, is_asked: bool = True) -> set[str]:
    """Return the numbers in a half-width text: `13812345678`, `021-58881234转801`, `400-820-1234`.

    Where no number was asked for, 7 or 8 digits may be a date: they count behind 电话 and the like only.
    """
    digits = _SPOKEN_RUN.sub(lambda run: run.group().translate(_DIGITS), text)
    return {number for number, is_sure in _numbers(digits) if is_asked or is_sure}


def _numbers(text: str) -> Iterator[tuple[str, bool]]:
    for match in _MOBILE.finditer(text):
        yield _bare(match.group(1)), True
    rest = _MOBILE.sub("|", text)
    for match in _SERVICE.finditer(rest):
        yield "-".join(match.groups()), False  # a hotline, more often than not
    rest = _SERVICE.sub("|", rest)
    for match in _LANDLINE.finditer(rest):
        area, local, extension = match.groups()
        number = f"0{area}-{_bare(local)}" if area else _bare(local)
        is_called_one = area is not None or _CALLED.search(rest, 0, match.start()) is not None
        yield f"{number}转{extension}" if extension else number, is_called_one


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
