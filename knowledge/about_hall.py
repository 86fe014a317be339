"""Answers about the hall itself, from its profile and the clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from knowledge.rendering import Setting
from language.reply import Decision, Reply, text_block
from language.texts import Texts

if TYPE_CHECKING:
    from knowledge.hall_profile import HallProfile


def whom_to_call(profile: HallProfile, texts: Texts, locale: str) -> str:
    """Return, inside a sentence, the hall's number and the citizens' hotline."""
    return texts.say("phone_hotline", locale, hotline=profile.hotline)


def hours_today(profile: HallProfile, texts: Texts, locale: str, now: datetime) -> str:
    """Return one sentence on today's hours and whether the hall is open now."""
    return ""


def hall_reply(profile: HallProfile, hall_aspect: str, setting: Setting, now: datetime) -> Reply:
    """Answer `hours`, `address`, `phone` or `windows`."""
    text = setting.say("hall_windows_unknown")
    return Reply(Decision.ANSWER, (text_block(text),), text, aspect=hall_aspect)
