"""Where a talk stands after a turn: what it is about, what may be picked, how often it led nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.choices import GOOD_FOR
from bot.talk import GUIDES_REMEMBERED, Offered, Talk
from language.reply import Decision, HandledBy, Reply

# Turns that are no answer to anything: they change neither subject nor count.
_ASIDE = {Decision.SMALLTALK, Decision.SILENT}
# What a rating in words is about.
_RATED = {
    Decision.ANSWER, Decision.CLARIFY, Decision.DECLINE, Decision.HANDOFF, Decision.CASE, Decision.STATUS,
}  # fmt: skip
# Acts of the talk that mean: this led nowhere.
_IN_VAIN = {"upset", "none_of_these"}
# Said once more it would not be a reply any more.
SAID_AGAIN = "say_again"
_NOT_AGAIN = {"rate", "leave_question", "adjust_voice", SAID_AGAIN}


def led_nowhere(reply: Reply) -> bool:
    """Return whether a turn did not bring the person further."""
    if reply.act in (SAID_AGAIN, "which_of_them"):
        return False
    if reply.decision is Decision.SMALLTALK:
        return reply.act in _IN_VAIN
    # A guide that is switched off, or a hall that is, was understood all the same.
    is_withheld = reply.guide is not None or reply.act == "withheld"
    return reply.decision in (Decision.DECLINE, Decision.CLARIFY) and not is_withheld


def talk_after(talk: Talk, reply: Reply, now: datetime) -> Talk:
    """Return where the talk stands after a reply whose choices bear their ids; `now` is aware."""
    is_aside = reply.decision in _ASIDE or reply.act == SAID_AGAIN
    failures = talk.failures + 1 if led_nowhere(reply) else talk.failures if is_aside else 0
    is_asked_back = reply.decision is Decision.CLARIFY and not is_aside
    clarified = talk.clarified + 1 if is_asked_back else talk.clarified if is_aside else 0
    after = replace(
        talk,
        asks=reply.asks,
        clarified=clarified,
        failures=failures,
        last_turn=reply.turn if reply.decision in _RATED else talk.last_turn,
        offered=_offered(talk, reply, now),
        awaits=None,
        again=_again(reply) or talk.again,
        # Whoever is in danger, or did not speak to the hall, is told of the unfinished request later.
        abandoned=talk.abandoned and not may_be_told(reply),
    )
    if reply.decision in (Decision.ANSWER, Decision.DECLINE) and reply.guide is not None:
        return _about(after, reply.guide.id, reply.aspect)
    return after


def may_be_told(reply: Reply) -> bool:
    """Return whether the reply may begin with what was left unfinished."""
    is_urgent = reply.decision in (Decision.EMERGENCY, Decision.SILENT)
    return not is_urgent and reply.act != "withheld"


def _about(talk: Talk, guide: str, aspect: str | None) -> Talk:
    if guide == talk.guide:
        return replace(talk, aspect=aspect)
    earlier = (talk.guide, *talk.before) if talk.guide else talk.before
    before = tuple(dict.fromkeys(known for known in earlier if known != guide))
    return replace(talk, guide=guide, aspect=aspect, before=before[:GUIDES_REMEMBERED])


def _offered(talk: Talk, reply: Reply, now: datetime) -> Offered:
    """Return what may be picked now: this reply's choices, else for a while those of the last one.

    A form takes words for values, so only what it offers itself may be picked in it.
    """
    if reply.choices or reply.asks is not None:
        return Offered.by(reply, now + GOOD_FOR, asked_back=_asks_which(reply))
    # What a form offered went with it.
    return Offered() if talk.asks is not None else replace(talk.offered, is_last=False)


def _asks_which(reply: Reply) -> bool:
    """Return whether the person was asked to name one of the choices."""
    return reply.decision is Decision.CLARIFY or reply.act in ("browse", "rate")


def _again(reply: Reply) -> Mapping[str, Any] | None:
    """Return how to say this reply once more: an answer about a guide is made anew, the rest is kept."""
    if reply.decision is Decision.SILENT or reply.act in _NOT_AGAIN or not reply.blocks:
        return None
    if reply.decision is Decision.ANSWER and reply.guide is not None and reply.asks is None:
        return {"guide": reply.guide.id, "aspect": reply.aspect}
    if reply.handled_by is HandledBy.SCREEN and reply.decision is Decision.DECLINE:
        return None
    kept = replace(reply, choices=(), asks=None, turn="", confidence=None)
    return {"reply": kept.to_wire()}
