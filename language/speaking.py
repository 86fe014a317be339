"""Turns what a screen says into what a voice can say: numbers as words, nothing that only eyes understand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from language.english_numbers import say_english_numbers
from language.numerals import digit_words, number_words

_FILE = Path(__file__).with_name("speaking_words.yml")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(r"\[\[[^\[\]]{0,60}\]\]")
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,300}>")
_URL = re.compile(
    r"(?:https?://|www\.)[!-~]+|(?<![@\w.])(?:[a-z\d-]+\.)+(?:com|cn|org|net|gov)\b(?:/[!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)
_PAUSES = re.compile(r"[()（）\[\]【】〔〕{}｛｝…→]+|(?<![\d%])—+|—+(?!\d)|\.{3,}|(?<=[^\s\d]) [-–] (?=\D)")
_MARKS = re.compile(r"[《》〈〉「」『』“”‘’\"#`_|<>\\^•●○■◆·※①②③④⑤⑥⑦⑧⑨]+")
_NEW_LINE = re.compile(r"(?<![。！？；，,.!?;：:])\s*\n\s*")
_DASH = r"\s*[-~～–—至]{1,2}\s*"
_N = r"\d+(?:\.\d+)?"

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-/.年](0?[1-9]|1[0-2])[-/.月]([12]\d|3[01]|0?[1-9])(?!\d)(?:日|号(?!楼))?"
)
_YEAR_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:-(0[1-9]|1[0-2])(?![\d年])|年(0?[1-9]|1[0-2])月)")
_YEARS = re.compile(rf"(?<![\d.])((?:19|20)\d\d)(?:年?{_DASH}((?:19|20)\d\d))?(?=年|年度)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：][0-5]\d)?(?![\d:])")
_TIME_RANGE = re.compile(rf"(?<=[点半分]){_DASH}(?=[零一二三四五六七八九十两]{{1,3}}点)")
_MASKED = re.compile(r"\d*\*{2,}(\d{2,4})?")
_CASE_NUMBER = re.compile(r"(?<!\d)(\d{6})-(\d{4})(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_LANDLINE = re.compile(
    r"(?<!\d)\(?(0\d{2,3})\)?[ -]?([2-9]\d{2,3})[ -]?(\d{4})(?!\d)"
    r"|(?<!\d)(0\d{2,3})-(\d{3,4})[ -]?(\d{4})(?!\d)"
    r"|(?<!\d)(0\d{2,3})-([19]\d{4,5})(?!\d)"
    r"|(?<!\d)([48]00)-(\d{3,4})-(\d{3,4})(?!\d)"
)
_EXTENSION = re.compile(
    r"(?<!\d)([2-9]\d{6,7})\s?(?:-|转|分机)\s?(\d{1,6})(?!\d)|(?<=[\d零幺二三四五六七八九])转(\d{1,6})(?!\d)"
)
_RATIO = re.compile(r"(?<![\d:：])(\d{1,3})[:：](\d{1,3})(?![\d:：])")
_PER = re.compile(rf"({_N})[%％‰]?(?:{_DASH}({_N}))?\s?([%％‰])")
_MONEY = re.compile(rf"[¥￥]\s?({_N})")
_FRACTION = re.compile(r"(?<![\d/])([1-9])/([2-9]|1\d|100)(?![\d/])")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_RANGE = re.compile(rf"(?<![\d.A-Za-z-])({_N}){_DASH}({_N})(?![\d-])")
_NUMBER = re.compile(rf"{_N}")
_NUMBER_TO_CALL = re.compile(r"(?<![\d.,$-])\d(?:\d|-(?=\d)){2,}(?![\d.,]*\d)")
_ABOUT = re.compile(r"(?<![\d点半分年月日号岁天元%％])[~～](?=\d)")
_LESS_OR_MORE = re.compile(r"([<>＜＞])\s?(?=\d)")
_HOURS = re.compile(r"(?<=\d)h(?![A-Za-z])")
_BELOW_ZERO = re.compile(rf"(?<![\w)）])-(?={_N}\s?(?:度|摄氏度))")
_MINUS = re.compile(r"(?<![\w)）-])-(?=\d)")
_TO = re.compile(
    r"(?<=[点分半日月年号层楼岁天元级一二三四五六])\s?[-~～–—]\s?(?=[周第零一二三四五六七八九十两百])"
)
_LIST_MARK = re.compile(r"(?m)^\s*(\d{1,2})\s*[.、．)）]\s*(?!\d)")
_LETTERS = re.compile(r"(?<![A-Za-z])[A-Z]{1,5}(?![A-Za-z])")
_ENDS = re.compile(r"[^。！？；!?;]+[。！？；!?;]*")
_HALVES = re.compile(r"[^，,、：:]+[，,、：:]*")


@dataclass(frozen=True)
class _Words:
    counted: re.Pattern[str]
    ranked: re.Pattern[str]
    codes: re.Pattern[str]
    hotlines: frozenset[str]
    signs: dict[str, str]


@cache
def _words() -> _Words:
    file = yaml.safe_load(_FILE.read_text("utf-8"))

    def starts(words: str) -> re.Pattern[str]:
        return re.compile(r"\s?(?:" + "|".join(sorted(words.split(), key=len, reverse=True)) + ")")

    return _Words(
        starts(file["counted"]),
        starts(file["ranked"]),
        re.compile("(?:" + "|".join(file["codes"].split()) + r")[是为]?[:： ]{0,2}$"),
        frozenset(file["hotlines"].split()),
        file["signs"],
    )


def speakable(text: str) -> str:
    """Return Chinese text ready for a voice: numbers as words, no links, marks, emoji or tokens."""
    text = _LESS_OR_MORE.sub(_say_less_or_more, _without_links(text).replace("／", "/"))
    for sign, word in _words().signs.items():
        text = text.replace(sign, word)
    text = _without_marks(text, pause="，")
    text = _LIST_MARK.sub(lambda mark: f"{number_words(mark[1])}，", text)
    text = _NEW_LINE.sub("。", text)
    for pattern, say in _SAYINGS:
        text = pattern.sub(say, text)
    text = _LETTERS.sub(lambda letters: f" {' '.join(letters.group())} ", text)
    text = re.sub(r"(?<=元)\s*/\s*(?=[年月日天人次张份本户])", "每", text)
    text = re.sub(r"(?<=每[人户])[·.]?(?=[年月日天次])", "每", text)
    text = re.sub(rf"(?<=[{_HAN}])[-–](?=[{_HAN}])", "，", text)
    text = re.sub(rf"(?<=[{_HAN}])\s*/\s*(?=[{_HAN}])", "、", text).replace("/", " ").replace("*", "")
    return _tidy(text)


def speakable_english(text: str) -> str:
    """Return English text ready for a voice, hotlines and telephone numbers digit by digit."""
    text = _without_marks(say_english_numbers(_without_links(text)), pause=", ")
    text = _NUMBER_TO_CALL.sub(_spell_out, text)
    return _tidy(text.replace("/", " ").replace("*", " "))


def pieces(text: str, most: int = 80) -> list[str]:
    """Return the sentences of a speakable text, long ones cut at commas, or after `most` characters."""
    found: list[str] = []
    for sentence in _ENDS.findall(text):
        for part in [sentence] if len(sentence) <= most else _HALVES.findall(sentence):
            found += [part[start : start + most] for start in range(0, len(part), most)]
    return [piece for piece in found if re.search(r"[^\W_]", piece)]


def _without_links(text: str) -> str:
    text = "".join(_half_width(character) for character in text)
    for pattern in (_TOKEN, _TAG, _URL, _EMAIL):
        text = pattern.sub(" ", text)
    return text


def _without_marks(text: str, pause: str) -> str:
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN or c in "+=°")
    return _MARKS.sub("", _PAUSES.sub(pause, _THOUSANDS.sub("", text)))


# Control, format, surrogate, private, unassigned; emoji and other symbols (money and + have words).
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"))


def _half_width(character: str) -> str:
    if "０" <= character <= "ｚ" and unicodedata.category(character)[0] in "LN":
        return chr(ord(character) - 0xFEE0)
    return " " if character == "\u3000" else character


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" +(?=[,.!?;])", "", text)
    text = re.sub(r",+(?=[.!?;])", "", text)
    text = re.sub(rf"(?<=[{_HAN}，。]) (?=[{_HAN}，。])", "", text)
    text = re.sub(r"[，,、\s]+(?=[。！？；!?;：])", "", text)
    text = re.sub(r"([。！？；：，、])[，、。；\s]+", r"\1", text)
    return text.strip(" ，、：,")


def _say_date(date: re.Match[str]) -> str:
    return f"{digit_words(date[1])}年{number_words(date[2])}月{number_words(date[3])}日"


def _say_year_month(date: re.Match[str]) -> str:
    return f"{digit_words(date[1])}年{number_words(date[2] or date[3])}月"


def _say_years(years: re.Match[str]) -> str:
    return digit_words(years[1]) + (f"到{digit_words(years[2])}" if years[2] else "")


def _say_time(time: re.Match[str]) -> str:
    hour, minute = number_words(time[1], counts_things=True), int(time[2])
    if minute == 0:
        return f"{hour}点"
    if minute == 30:
        return f"{hour}点半"
    return f"{hour}点{'零' if minute < 10 else ''}{number_words(str(minute))}分"


def _say_groups(number: re.Match[str]) -> str:
    return "，".join(digit_words(group, is_code=True) for group in number.groups() if group)


def _say_extension(number: re.Match[str]) -> str:
    office, extension = number[1] or "", number[2] or number[3]
    groups = [office[:-4], office[-4:]] if office else []
    said = "，".join(digit_words(group, is_code=True) for group in groups)
    return f"{said}转{digit_words(extension, is_code=True)}"


def _say_ratio(numbers: re.Match[str]) -> str:
    return f"{number_words(numbers[1])}比{number_words(numbers[2])}"


def _say_less_or_more(sign: re.Match[str]) -> str:
    return "小于" if sign[1] in "<＜" else "大于"


def _say_masked(number: re.Match[str]) -> str:
    return f"尾号{digit_words(number[1], is_code=True)}" if number[1] else ""


def _say_per(share: re.Match[str]) -> str:
    of = "千分之" if share[3] == "‰" else "百分之"
    until = f"到{of}{number_words(share[2])}" if share[2] else ""
    return f"{of}{number_words(share[1])}{until}"


def _say_money(money: re.Match[str]) -> str:
    return f"{number_words(_bare(money[1]), counts_things=True)}元"


def _say_fraction(fraction: re.Match[str]) -> str:
    if int(fraction[1]) >= int(fraction[2]):
        return fraction.group()
    return f"{number_words(fraction[2])}分之{number_words(fraction[1])}"


def _say_range(numbers: re.Match[str]) -> str:
    after = numbers.string[numbers.end() :]
    counts = _words().counted.match(after) is not None
    if not counts and all(_YEAR.fullmatch(number) for number in numbers.groups()):
        return f"{digit_words(numbers[1])}到{digit_words(numbers[2])}"
    return f"{number_words(_bare(numbers[1]), counts)}到{number_words(_bare(numbers[2]), counts)}"


def _say_number(number: re.Match[str]) -> str:
    digits, text = number.group(), number.string
    after, before = text[number.end() :], text[: number.start()]
    if _words().counted.match(after):
        is_ordinal = before.endswith("第")
        return number_words(_bare(digits), counts_things=not is_ordinal)
    if _words().ranked.match(after):
        is_room = after.lstrip().startswith(("室", "房")) and len(digits) > 2
        return digit_words(digits) if is_room or len(digits) > 3 else number_words(digits)
    starts_with_zero = len(digits) > 1 and digits.startswith("0") and "." not in digits
    belongs_to_letters = len(digits) > 2 and re.search(r"[A-Za-z]$", before)
    is_long = len(digits.partition(".")[0]) > 4
    is_announced = digits in _words().hotlines or _words().codes.search(before)
    is_code = is_long or starts_with_zero or is_announced or belongs_to_letters
    if is_code:
        return digit_words(digits, is_code=True)
    if _YEAR.fullmatch(digits):
        return digit_words(digits)
    return number_words(_bare(digits))


def _bare(digits: str) -> str:
    """Return 20.00 as 20: nobody reads cents that are none."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _spell_out(number: re.Match[str]) -> str:
    digits = number.group()
    if len(digits) < 5 and digits not in _words().hotlines:
        return digits
    return ", ".join(" ".join(group) for group in digits.split("-") if group)


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str], ...] = (
    (_DATE, _say_date),
    (_YEAR_MONTH, _say_year_month),
    (_YEARS, _say_years),
    (_TIME, _say_time),
    (_TIME_RANGE, "到"),
    (_MASKED, _say_masked),
    (_CASE_NUMBER, _say_groups),
    (_MOBILE, _say_groups),
    (_LANDLINE, _say_groups),
    (_EXTENSION, _say_extension),
    (_RATIO, _say_ratio),
    (_HOURS, "小时"),
    (_ABOUT, "约"),
    (_PER, _say_per),
    (_BELOW_ZERO, "零下"),
    (_MINUS, "负"),
    (_MONEY, _say_money),
    (_FRACTION, _say_fraction),
    (_RANGE, _say_range),
    (_NUMBER, _say_number),
    (_TO, "到"),
)
