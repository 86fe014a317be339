"""What is said of every answer about every guide: short, whole, and nothing that only eyes understand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from knowledge.answering import Finding
from knowledge.guide import Aspect
from knowledge.library import load_shipped
from knowledge.matching import Match
from language.brevity import fits, said_briefly, sentences
from language.reply import Decision, Reply
from tests.knowledge.shipped import answering

LOCALES = ("zh", "en")
HALL = (
    *("hours", "hours:tomorrow", "hours:5", "hours:weekend", "hours:holiday", "hours:noon"),
    *("address", "address:parking", "address:ride", "phone", "windows"),
)
# Anything else is for eyes: digits in Chinese, brackets, dashes, addresses of pages.
SAYABLE = {
    "zh": re.compile(r"[\u3400-\u9fffA-Za-z，。！？；：、 ]+"),
    "en": re.compile(r"[A-Za-z0-9,.!?;:' \-]+"),
}


@pytest.fixture(scope="module")
def said() -> dict[str, list[tuple[str, str]]]:
    """By locale, what each answer about a guide writes as speech and what is said of it."""
    return {
        locale: [
            (reply.speech, said_briefly(reply.speech))
            for guide in load_shipped()
            for aspect in Aspect
            for reply in [answering().answer_guide(guide.id, aspect, locale)]
        ]
        for locale in LOCALES
    }


def others(locale: str) -> Iterator[Reply]:
    """Yield what is said besides answers about guides."""
    hall = answering()
    for aspect in HALL:
        yield hall.answer_hall(aspect, locale)
    yield hall.decline(locale)
    yield hall.hand_over(locale)
    yield hall.browse({}, locale)
    for text in ("要带什么", "证丢了", "what do I need to bring", "card"):
        yield hall.reply(hall.consider(text), locale)
    for theme in hall.guides_by_theme():
        yield hall.browse({"theme": str(theme)}, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_answer_about_every_guide_can_be_kept_by_the_ear(
    said: dict[str, list[tuple[str, str]]], locale: str
) -> None:
    assert [words for _, words in said[locale] if not fits(words)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_answer_about_every_guide_can_be_said(
    said: dict[str, list[tuple[str, str]]], locale: str
) -> None:
    assert [words for _, words in said[locale] if not SAYABLE[locale].fullmatch(words)] == []


def test_no_answer_was_cut_where_it_had_to_be_worded(said: dict[str, list[tuple[str, str]]]) -> None:
    """Cutting at a pause is for texts that nobody worded for the ear; guides have words for it."""
    for written, words in said["zh"]:
        assert len(sentences(words)) == len(sentences(said_briefly(written)))
        assert words.endswith(("。", "？"))


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_else_the_room_says_can_be_kept_and_said(locale: str) -> None:
    for reply in others(locale):
        words = said_briefly(reply.speech)
        assert words
        assert fits(words), words
        assert SAYABLE[locale].fullmatch(words), words


def test_two_things_asked_at_once_are_both_pointed_to() -> None:
    reply = answering().answer_guide("residence-permit-first", "fee", also="materials")
    assert fits(said_briefly(reply.speech))


def test_which_guide_is_meant_is_asked_by_name_where_the_names_are_short() -> None:
    named = Finding(Decision.CLARIFY, (Match("legal-aid", 0.3), Match("notary-basics", 0.2)))
    assert answering().reply(named).speech == "您问的是哪一件：打官司没钱，申请免费律师、做公证？"
    longest = sorted(load_shipped(), key=lambda guide: -len(guide.plain_name))[:4]
    long = Finding(Decision.CLARIFY, tuple(Match(guide.id, 0.3) for guide in longest))
    assert answering().reply(long).speech == "您问的是哪一件？屏幕上有4件，说第几个就行。"


def test_what_a_guide_leaves_blank_is_said_to_be_unknown() -> None:
    for guide in load_shipped():
        for aspect in Aspect:
            if aspect not in (Aspect.OVERVIEW, Aspect.HOURS) and not guide.knows(aspect):
                speech = answering().answer_guide(guide.id, aspect).speech
                assert "没有写" in speech or "取消" in speech or "改名" in speech, speech
