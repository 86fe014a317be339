"""Numbers as Chinese words: 15 is 十五, and 110 read digit by digit is 幺幺零."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
MAX_DIGITS = 16


def digit_words(digits: str, is_code: bool = False) -> str:
    """Return digits read one by one. In telephone numbers and codes (`is_code`) one is 幺."""
    words = "".join(_DIGITS[int(digit)] for digit in digits if digit.isdecimal())
    return words.replace("一", "幺") if is_code else words


def number_words(digits: str, counts_things: bool = False) -> str:
    """Return a decimal number (`15`, `2.5`, `02`) as words; with `counts_things` a bare 2 is 两.

    A number longer than MAX_DIGITS is read digit by digit.
    """
    whole, _, fraction = digits.partition(".")
    whole = whole.lstrip("0") or "0"
    if len(whole) > MAX_DIGITS:
        return digit_words(digits)
    if fraction:
        return f"{_whole_words(whole)}点{digit_words(fraction)}"
    if whole == "2" and counts_things:
        return "两"
    return _whole_words(whole)


def _whole_words(whole: str) -> str:
    if whole == "0":
        return "零"
    groups = [whole[max(0, end - 4) : end] for end in range(len(whole), 0, -4)]
    words = ""
    for position in reversed(range(len(groups))):
        group = groups[position]
        value = int(group)
        if not value:
            continue
        said = _group_words(group.lstrip("0"))
        if words and group.startswith("0"):
            said = f"零{said}"
        if said in ("二", "零二") and position:
            said = said.replace("二", "两")  # 两万
        words += said + _GROUPS[position]
    return words[1:] if words.startswith("一十") else words


def _group_words(group: str) -> str:
    words, owes_zero = "", False
    for index, digit in enumerate(group):
        place = len(group) - 1 - index
        if digit == "0":
            owes_zero = bool(words)
            continue
        said = "两" if digit == "2" and (place == 3 or (place == 2 and not words)) else _DIGITS[int(digit)]
        words += ("零" if owes_zero else "") + said + _PLACES[place]
        owes_zero = False
    return words
