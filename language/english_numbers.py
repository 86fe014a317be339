"""Numbers in English text as people say them; a voice reads the rest of them by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("speaking_words.yml")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](0?[1-9]|1[0-2])[-/.]([12]\d|3[01]|0?[1-9])(?!\d)")
_YEAR_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)-(0[1-9]|1[0-2])(?!\d|-\d)")
_TIMES = re.compile(
    r"(?<![\d:])((?:[01]?\d|2[0-4]):[0-5]\d)\s*[-–—~]\s*((?:[01]?\d|2[0-4]):[0-5]\d)(?![\d:])"
)
_RANGE = re.compile(r"(?<![\d.A-Za-z-])(\d{1,4})\s?[-–—~]\s?(\d{1,4})(?![\d-])")
_MONEY = re.compile(r"[¥￥]\s?([\d,]+(?:\.\d+)?)")
_PERCENT = re.compile(r"(?<=\d)\s?[%％]")
_FRACTION = re.compile(r"(?<![\d/])[1-9]/[1-9](?![\d/])")


def say_english_numbers(text: str) -> str:
    """Return `text` with dates, times, ranges, shares and sums of money written as they are said."""
    for pattern, say in _SAYINGS:
        text = pattern.sub(say, text)
    return text


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return words


def _say_date(date: re.Match[str]) -> str:
    return f"{int(date[3])} {_words()['months'][int(date[2]) - 1]} {date[1]}"


def _say_year_month(date: re.Match[str]) -> str:
    return f"{_words()['months'][int(date[2]) - 1]} {date[1]}"


def _say_money(money: re.Match[str]) -> str:
    return f"{money[1].replace(',', '')} yuan"


def _say_fraction(fraction: re.Match[str]) -> str:
    return str(_words()["fractions"].get(fraction.group(), fraction.group()))


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str], ...] = (
    (_DATE, _say_date),
    (_YEAR_MONTH, _say_year_month),
    (_TIMES, r"\1 to \2"),
    (_RANGE, r"\1 to \2"),
    (_MONEY, _say_money),
    (_PERCENT, " percent"),
    (_FRACTION, _say_fraction),
)
