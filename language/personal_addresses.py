"""Finds addresses: a street or village with a house number, or a building with a room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("address_words.yml")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_NUMBER = (
    r"(?:[A-Za-z]?\d{1,5}[A-Za-z]?(?:[-~]\d{1,4})?|[一二三四五六七八九十百千零〇两]{1,7}|[甲乙丙丁东西南北])"
)
_ESTATE = r"(?:小区|花园|公寓|大厦|家园|新城|新村|苑|坊|公馆|名邸|雅居)"
_STREET = r"(?:公路|大道|大街|支路|路|街|巷|新村|村|胡同|弄堂|宅|浜|桥镇)"
_MAX_NAME_CHARS = 16
_MAX_STREET_CHARS = 5  # of a street without a district before it: 中山北一, 上海南京西
_DISTRICT = re.compile(rf"[{_HAN}]{{1,4}}?(?:省|自治区|市|区|县|镇|乡|街道)")


@cache
def _words() -> tuple[tuple[str, ...], str]:
    lists: dict[str, str] = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple(lists["before"].split()), lists["not_a_house"]


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    house = rf"号楼|号院|号(?![{_words()[1]}])"
    first = rf"\s?{_NUMBER}\s?(?:支弄|弄|{house}|栋|幢|座|单元|室|组|队)"
    later = rf"(?:[ ,]?{_NUMBER}\s?(?:支弄|弄|{house}|栋|幢|座|单元|层|楼|室|户))"
    room = r"(?:[ -]?\d{2,5}(?![\d年月日号弄元块人个天]))?"
    street = rf"(?P<name>[{_HAN}]{{1,{_MAX_NAME_CHARS}}}){_STREET}{first}{later}{{0,5}}{room}"
    # Without a street: a lane with a house, or a building with a room. 3号楼 alone is nobody's address.
    home = (
        rf"(?:(?P<name>[{_HAN}]{{1,8}}){_ESTATE}\s?)?(?<![\dA-Za-z])(?:"
        rf"\d{{1,5}}弄\s?{_NUMBER}\s?(?:{house}|栋|幢){later}{{0,3}}{room}"
        rf"|\d{{1,5}}\s?(?:号楼|号|栋|幢|座|单元){later}{{0,2}}[ -]?\d{{2,5}}\s?室)"
    )
    return re.compile(street), re.compile(home)


def find_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the addresses in a half-width text, not in order; they may overlap."""
    street, home = _patterns()
    for match in street.finditer(text):
        name = match.group("name")
        kept = _street_name(name)
        if kept:
            yield match.start() + len(name) - kept, match.end()
    for match in home.finditer(text):
        name = match.group("name") or ""
        kept = _street_name(name)
        # 我们小区3号楼502室: nothing is left of the estate's name, so the address begins behind it.
        yield (match.start() + len(name) - kept if kept else _first_number(match)), match.end()


def _first_number(match: re.Match[str]) -> int:
    return match.start() + next(i for i, character in enumerate(match.group()) if character.isdigit())


def _street_name(name: str) -> int:
    """Return how many of the last characters of `name` belong to the address."""
    start = max((name.rfind(word) + len(word) for word in _words()[0] if word in name), default=0)
    rest = name[start:]
    district = _DISTRICT.match(rest)
    return len(rest) if district else min(len(rest), _MAX_STREET_CHARS)
