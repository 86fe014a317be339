"""Finds people's names: by what stands before them in a text, or in the answer to a question for a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from language.pinyin import syllable

_FILE = Path(__file__).with_name("surnames.yml")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_DOTS = "·•・‧∙"

_ROLE = "(?:联系|申请|经办|被保险|投保|当事|委托|代办|监护)人(?:姓名)?|户主"
_THE_NAME = f"名字|姓名|称呼我?|{_ROLE}"
# After these a name follows, whatever the text goes on with.
_LEAD = re.compile(
    rf"(?:(?:我|本人|他|她)(?:就|的名字)?叫做?|名叫|叫做|(?:{_THE_NAME})(?:[叫是为]|(?=[:\s])))[:\s,]{{0,3}}(?=[{_HAN}])"
)
# After these it may be a name, if the text stops behind it or goes on as it does behind names.
_WEAK_LEAD = re.compile(rf"(?:叫|{_THE_NAME}|我就?是|我系|这里是|本人是?|联系|转告)[:\s,]{{0,3}}(?=[{_HAN}])")
_FAMILY_ONLY = re.compile(r"(?:免贵|我|本人|先生|女士|^|(?<=[\s,，。.、]))姓[:\s]{0,2}")
_MINORITY = re.compile(rf"[{_HAN}]{{1,8}}(?:[{_DOTS}][{_HAN}]{{1,10}}){{1,4}}")
_LATIN_REST = r"(?:[ .]{1,2}[A-Z][A-Za-z'’-]{0,24}){0,3}"
_LATIN = (
    re.compile(
        r"(?:(?i:my (?:full )?name(?: is|'s|’s)|(?<![a-z])name ?[:=]|call me)"
        r"|我叫|叫我|姓名[是为]?|名字[是叫]|联系人[是叫]?)"
        rf"[:\s]{{0,3}}(?P<name>[A-Z][A-Za-z'’-]{{1,24}}{_LATIN_REST})"
    ),
    # VIP and IT follow 我是 as well.
    re.compile(rf"(?:(?i:this is )|我是)[:\s]{{0,3}}(?P<name>[A-Z][a-z'’-]{{1,24}}{_LATIN_REST})"),
)
_ANSWER_LEAD = re.compile(
    r"^(?:(?:就|请)?(?:我的名字[叫是]?|我叫|叫我|我就?是|本人是?|姓名[是为]?|名字[是叫]?|联系人[是叫]?|称呼|就?叫|喊我|"
    r"(?i:my name is|my name's|i am|i'm|it's|call me|name))[:\s,]*)+"
)
_ANSWER_TAIL = re.compile(r"(?:就行|就好|就可以了?|就是我|即可|谢谢|[吧呀啊哦呢])+$")
_LATIN_WORDS = re.compile(r"[A-Za-z][A-Za-z'’.-]*(?: [A-Za-z][A-Za-z'’.-]*){0,3}")
_HAN_ONLY = re.compile(f"[{_HAN}]+")
_MAX_ANSWER_CHARS = 40


@dataclass(frozen=True)
class _Words:
    single: frozenset[str]
    compound: tuple[str, ...]
    titles: tuple[str, ...]
    ordinary: tuple[str, ...]
    never_in_names: frozenset[str]
    occupation_ends: frozenset[str]
    after_names: tuple[str, ...]
    answers: frozenset[str]
    english_answers: frozenset[str]
    pinyin: frozenset[str]  # family names in Latin letters


@cache
def _words() -> _Words:
    lists: dict[str, str] = yaml.safe_load(_FILE.read_text("utf-8"))
    single = frozenset("".join(lists["single"].split()))
    return _Words(
        single,
        tuple(lists["compound"].split()),
        tuple(sorted(lists["titles"].split(), key=len, reverse=True)),
        tuple(lists["ordinary"].split()),
        frozenset(lists["never_in_names"]),
        frozenset(lists["occupation_ends"]),
        tuple(lists["after_names"].split()),
        frozenset(lists["answers"].split()),
        frozenset(lists["english_answers"].split()),
        frozenset(syllable(character) for character in single),
    )


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the names in a half-width text, not in order; they may overlap."""
    for match in _LEAD.finditer(text):
        yield from _name_at(text, match.end(), is_sure=True)
    for match in _WEAK_LEAD.finditer(text):
        yield from _name_at(text, match.end(), is_sure=False)
    for match in _FAMILY_ONLY.finditer(text):
        yield from _family_at(text, match)
    for latin in _LATIN:
        for match in latin.finditer(text):
            if match.group("name").split()[0].lower() not in _words().english_answers:
                yield match.span("name")


def looks_like_name(text: str) -> bool:
    """Return whether `text`, given in answer to a question for a name, is one (not 谢谢, 匿名 or a question).

    Understands 王小明, 欧阳娜娜, 我姓王, 王女士, 小李, 阿卜杜拉·买买提, John Smith.
    """
    if len(text) > _MAX_ANSWER_CHARS:
        return False
    answer = " ".join(unicodedata.normalize("NFKC", text).split()).strip("。.,，!！~ :：;；\"'“”")
    answer = _ANSWER_LEAD.sub("", answer)
    shorter = _ANSWER_TAIL.sub("", answer).strip(" ,，")
    answer = shorter or answer
    words = _words()
    if not answer or answer in words.answers:
        return False
    if _LATIN_WORDS.fullmatch(answer):
        return _is_latin_name(answer)
    if _MINORITY.fullmatch(answer):
        return True
    answer = answer.replace(" ", "")  # 王 小 明
    if not _HAN_ONLY.fullmatch(answer):
        return False
    return _is_han_name(re.sub("^(?:免贵|我|本人)?姓(?=.)", "", answer))


def _is_han_name(answer: str) -> bool:
    words = _words()
    is_familiar = len(answer) == 2 and answer[0] in "小老阿" and answer[1] in words.single  # 小李
    body = answer[1:] if is_familiar else answer
    for title in words.titles:
        if len(body) > len(title) and body.endswith(title):
            body = body[: -len(title)]
            return _family_length(body) > 0 and _is_free_of_words(body)
    family = _family_length(body)
    return bool(family) and len(body) <= 4 and _is_free_of_words(body)


def _is_latin_name(answer: str) -> bool:
    words = answer.replace(".", "").split()
    bare = [word.lower() for word in words]
    if not words or any(word in _words().english_answers for word in bare):
        return False
    if all(word[0].isupper() for word in words):
        return True
    if len(words) == 1:
        return len(bare[0]) > 1
    return any(word in _words().pinyin for word in (bare[0], bare[-1]))


def _family_length(text: str) -> int:
    words = _words()
    for family in words.compound:
        if text.startswith(family):
            return len(family)
    return 1 if text[:1] in words.single else 0


def _is_free_of_words(name: str) -> bool:
    words = _words()
    return not name.startswith(words.ordinary) and words.never_in_names.isdisjoint(name[1:])


def _name_at(text: str, start: int, is_sure: bool) -> Iterator[tuple[int, int]]:
    minority = _MINORITY.match(text, start)
    if minority:
        yield minority.span()
        return
    run = _HAN_ONLY.match(text, start)
    if run is None:
        return
    han = run.group()[:8]
    family = _family_length(han)
    length = _titled_length(han, family) or _name_length(han, family, len(run.group()), is_sure)
    if length:
        yield start, start + length


def _titled_length(han: str, family: int) -> int:
    if han[:1] in ("小", "老") and han[1:2] in _words().single and _ends_here(han[2:]):
        return 2
    if not family:
        return 0
    rest = han[family:]
    return next((family + len(title) for title in _words().titles if rest.startswith(title)), 0)


def _name_length(han: str, family: int, run_length: int, is_sure: bool) -> int:
    if not family or han.startswith(_words().ordinary):
        return 0
    # Longest first: most given names have two characters; 王明电(话) must not swallow the next word.
    for length in (family + 2, family + 1):
        name = han[:length]
        if len(name) < length or not _is_free_of_words(name) or not _ends_here(han[length:]):
            continue
        if is_sure or name[-1] not in _words().occupation_ends:
            return length
    if is_sure and run_length == 4 and family == 1 and _is_free_of_words(han[:4]):
        return 4  # 陈李小明, or alone behind 我叫
    # After 我叫 there is a name even when what follows is unknown; after 我是 there may be anything.
    return min(family + 2, len(han)) if is_sure and len(han) > family and _is_free_of_words(han[:2]) else 0


def _ends_here(rest: str) -> bool:
    return not rest or rest.startswith(_words().after_names)


def _family_at(text: str, match: re.Match[str]) -> Iterator[tuple[int, int]]:
    han = text[match.end() : match.end() + 8]
    family = _family_length(han)
    if not family or han.startswith(_words().ordinary):
        return
    said_who = match.group().strip(" :") != "姓"
    run = _HAN_ONLY.match(han)
    rest = (run.group() if run else "")[family:]
    title = next((title for title in _words().titles if rest.startswith(title)), "")
    if said_who or _ends_here(rest):
        yield match.end(), match.end() + family + len(title)
