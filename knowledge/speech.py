"""What is said of an answer: two short sentences where it can, the screen has the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knowledge.guide import Aspect, Guide, GuideStatus
from knowledge.wording import Setting, phone_of, plain, spoken
from language.brevity import fits, said_aloud, sentences, without_asides


def spoken_answer(guide: Guide, aspects: tuple[Aspect, ...], said: Sequence[str], setting: Setting) -> str:
    """Return what is said where the screen says `said`: the first wording that the ear can keep."""
    wordings = list(_wordings(guide, aspects, said, setting))
    return next((one for one in wordings if fits(said_aloud(one))), wordings[-1])


def spoken_names(guides: Sequence[Guide], setting: Setting) -> str:
    """Return the question which of the guides is meant, with their names where they are short enough."""
    names = setting.say("names_or").join(plain(guide, setting.locale) for guide in guides)
    named = spoken(setting.say("clarify_spoken", names=names))
    return named if fits(said_aloud(named)) else setting.say("clarify_spoken_many", count=len(guides))


def _wordings(
    guide: Guide, aspects: tuple[Aspect, ...], said: Sequence[str], setting: Setting
) -> Iterator[str]:
    """Yield ways to say it, the fullest first; the last is always short."""
    name = plain(guide, setting.locale)
    between = "" if setting.locale == "zh" else " "
    whole = _with_pause(between.join(said), name)
    yield spoken(whole)
    yield spoken(without_asides(whole))
    if guide.status is GuideStatus.ABOLISHED:
        yield spoken(setting.say("spoken_abolished", name=name))
        return
    first = sentences(without_asides(_with_pause(said[0], name)))
    if aspects[0] is Aspect.OVERVIEW or guide.knows(aspects[0]):
        if len(said) > 1 or len(first) > 1:
            yield spoken(between.join((first[0], setting.say("spoken_more"))))
        yield spoken(setting.say(f"spoken_{aspects[0]}", name=name))
    elif aspects[0] is Aspect.HOURS and setting.hours_today in said[0]:
        yield spoken(setting.hours_today)
    else:
        yield spoken(setting.say("spoken_blank", phone=without_asides(phone_of(guide, setting))))


def _with_pause(text: str, name: str) -> str:
    """Return the text with a pause after the name, whose quotation marks nobody hears."""
    return re.sub(rf"“{re.escape(name)}”(?=[\u3400-\u9fff])(?!的)", f"{name}，", text)
