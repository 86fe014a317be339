"""Finds personal data in what a person writes, so that it can be sealed before anyone else sees the text.

Leans towards finding: a number sealed in vain costs nothing, since it opens again when a case is filed. What
must stay legible is what questions are about: hotlines, amounts, ages, dates, numbers of windows and cases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from language.personal_addresses import find_addresses
from language.personal_names import find_names
from language.personal_names import looks_like_name as looks_like_name
from language.script import simplified


class Kind(StrEnum):
    """What a piece of personal data is; also the kind in a token."""

    PHONE = "phone"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    ADDRESS = "address"
    NAME = "name"
    WECHAT = "wechat"


@dataclass(frozen=True)
class Span:
    """A piece of personal data at `text[start:end]`."""

    kind: Kind
    start: int
    end: int


_TOKEN = re.compile(r"\[\[[a-z_]{2,20}:[a-z0-9]{2,20}\]\]")
_SPOKEN = re.compile(r"(?:[0-9零〇一幺二两三四五六七八九][ ,，、]?){7,}")
_SPOKEN_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")

_SEPARATOR = "[ -]{0,2}"
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
)
_ID_CARD = re.compile(rf"(?<![0-9A-Za-z])[1-9](?:{_SEPARATOR}\d){{16}}{_SEPARATOR}[\dXx](?![0-9A-Za-z])")
_OLD_ID_CARD = re.compile(rf"(?<![0-9A-Za-z])[1-8](?:{_SEPARATOR}\d){{14}}(?![0-9A-Za-z])")
_PASSPORT = re.compile(
    r"(?:护照|通行证|回乡证|台胞证|(?i:passport))[^\d,，。;；]{0,6}?(?P<value>[A-Za-z]{1,2}\d{7,10})(?!\d)"
)
# A case number and its code (261122-0001 447673) have 16 digits too; cards stand in fours or whole.
_BANK_CARD = re.compile(r"(?<![\dA-Za-z])(?!\d{6}[ -]\d{4,5}[ -]\d{6}(?!\d))\d(?:[ -]?\d){15,18}(?!\d)")
# 1[3-9] and nine more; never a part of a longer number, nor an amount.
_MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86[ -]?|\(\+?86\) ?)?1[3-9](?:{_SEPARATOR}\d){{9}}(?!\d)"
    r"(?! ?(?:元|块|亿|万(?!一)))"
)
# As it is read out, with a pause after three and after seven digits.
_PAUSED_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[,，、 ]{1,2}\d{4}[,，、 ]{1,2}\d{4}(?!\d)")
# Area codes are 010, 02x or 0xxx; numbers behind them have 7 or 8 digits, hotlines fewer.
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:(?:\+|00)86[ -]?)0?|\(?0)(?:10|2\d|[3-9]\d\d)(?:\) ?|[ -]{0,2})"
    r"[2-9]\d{2,3}[ -]?\d{4}(?!\d)(?:(?: ?转 ?|分机 ?|-)\d{1,5}(?!\d))?"
)
_LOCAL = re.compile(
    r"(?:电话|座机|固话|号码|联系方式|致电|拨打|回电|打我家|(?i:phone|tel))[^\d,，。;；]{0,5}?"
    r"(?P<value>[2-9]\d{3}[ -]?\d{4})(?!\d)(?! ?(?:元|块|年))"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][ ]?[A-HJ-NP-Za-hj-np-z][ ·•.-]?"
    r"(?=[A-Za-z]{0,5}\d)(?:[A-HJ-NP-Za-hj-np-z0-9]{5,6}|[A-HJ-NP-Za-hj-np-z0-9]{4}[学警港澳挂领])(?![A-Za-z0-9])"
)

# A WeChat name has 6 to 20 characters and begins with a letter; QQ numbers have 5 to 11 digits.
_WECHAT = re.compile(
    r"(?:微信|(?i:wechat|vx|weixin))(?:号码?|账号|名|id)?(?:[是为:：]| is)?\s{0,2}"
    r"(?P<value>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
)
_QQ = re.compile(r"(?i:qq)(?:号码?)?(?:[是为:：]| is)?\s{0,2}(?P<value>[1-9]\d{4,10})(?!\d)")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECK_DIGITS = "10X98765432"
# GB/T 2260 provinces; 81 to 83 are of Hong Kong, Macao and Taiwan people, 9 of foreigners.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9\d")
_ID_WORDS = re.compile(r"身份证|证件|公民号|(?i:id card|id number|id no)")
_CARD_WORDS = re.compile(r"银行卡|储蓄卡|借记卡|信用卡|卡号|账号|帐号|账户|(?i:card number|account)")
_WORDS_BEFORE = 14


def find(text: str) -> tuple[Span, ...]:
    """Return the personal data of `text` in order, without overlaps; offsets are of `text` as given.

    Tokens such as `[[phone:kfbamcdpeo]]` are left alone. Never raises.
    """
    folded = simplified(_fold(text))  # 我叫, 電話 and the words of addresses, in whatever script
    taken: list[tuple[int, int]] = [match.span() for match in _TOKEN.finditer(folded)]
    spans: list[Span] = []
    for kind, start, end in _candidates(folded):
        if start < end and all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
            spans.append(Span(kind, start, end))
    return tuple(sorted(spans, key=lambda span: span.start))


def _candidates(text: str) -> Iterator[tuple[Kind, int, int]]:
    # The order decides who gets a piece of text that two kinds claim.
    for match in _EMAIL.finditer(text):
        yield Kind.EMAIL, *match.span()
    for match in _ID_CARD.finditer(text):
        if _is_id_card(match.group(), _says(_ID_WORDS, text, match.start())):
            yield Kind.ID_CARD, *match.span()
    for match in _OLD_ID_CARD.finditer(text):
        if _is_old_id_card(match.group()):
            yield Kind.ID_CARD, *match.span()
    for match in _PASSPORT.finditer(text):
        yield Kind.ID_CARD, *match.span("value")
    for match in _BANK_CARD.finditer(text):
        if _passes_luhn(match.group()) or _says(_CARD_WORDS, text, match.start()):
            yield Kind.BANK_CARD, *match.span()
    for pattern in (_MOBILE, _PAUSED_MOBILE, _LANDLINE):
        for match in pattern.finditer(text):
            yield Kind.PHONE, *match.span()
    for match in _LOCAL.finditer(text):
        yield Kind.PHONE, *match.span("value")
    for pattern in (_WECHAT, _QQ):
        for match in pattern.finditer(text):
            yield Kind.WECHAT, *match.span("value")
    for match in _PLATE.finditer(text):
        yield Kind.PLATE, *match.span()
    for start, end in find_addresses(text):
        yield Kind.ADDRESS, start, end
    for start, end in find_names(text):
        yield Kind.NAME, start, end


def _fold(text: str) -> str:
    """Return `text` half-width and with plain dashes and digits, character by character: offsets stay."""
    folded = "".join(map(_fold_character, text))
    return _SPOKEN.sub(lambda run: run.group().translate(_SPOKEN_DIGITS), folded)


def _fold_character(character: str) -> str:
    if character.isascii():
        return " " if character.isspace() else character
    if ord(character) in _DASHES:
        return "-"
    narrow = unicodedata.normalize("NFKC", character)
    if len(narrow) == 1:
        # ٣ and the like are digits too; characters that show nothing hide numbers no better than spaces do.
        digit = unicodedata.decimal(narrow, None)
        if digit is not None:
            return str(digit)
        return " " if narrow.isspace() or unicodedata.category(narrow)[0] in "CZ" else narrow
    return character


def _says(words: re.Pattern[str], text: str, position: int) -> bool:
    return words.search(text, max(0, position - _WORDS_BEFORE), position) is not None


def _digits(value: str) -> str:
    return "".join(character for character in value.upper() if character.isalnum())


def _is_id_card(value: str, is_announced: bool) -> bool:
    number = _digits(value)
    if len(number) != 18:
        return False
    if is_announced:  # a mistyped number still tells nearly everything
        return True
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    has_region = _PROVINCES.match(number) is not None
    return has_region and _is_date(number[6:14]) and number[17] == _CHECK_DIGITS[total % 11]


def _is_old_id_card(value: str) -> bool:
    number = _digits(value)
    return _PROVINCES.match(number) is not None and _is_date("19" + number[6:12])


def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= 1900
    except ValueError:
        return False


def _passes_luhn(value: str) -> bool:
    number = [int(digit) for digit in reversed(_digits(value))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in number[1::2])
    return len(set(number)) > 1 and (sum(number[0::2]) + sum(doubled)) % 10 == 0
