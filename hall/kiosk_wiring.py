"""Wires the kiosk: what its screens say about the hall, where ratings go, what reads aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sanic import Blueprint

from bot.conversation import Channel, TurnUnknown
from bot.turn import Turn
from hall.wiring import Wiring
from kiosk.blueprint import make_kiosk
from kiosk.needs import HallFacts, Needs, Rating, Timeouts
from kiosk.session import KioskSessions
from language.reply import Decision, Reply, text_block

# Longer than the longest screen time-out with its dialog, so that the screen always ends the session first.
SESSION_IDLE = timedelta(minutes=10)
_STARS = {True: 5, False: 1}


def make_hall_kiosk(wiring: Wiring) -> Blueprint:
    """Return the kiosk of this hall."""
    settings = wiring.settings
    return make_kiosk(
        Needs(
            conversation=wiring.conversation,
            guides=lambda: wiring.release.guides,
            answer_guide=lambda guide, aspect, locale: answer_guide(wiring, guide, aspect, locale),
            desk=wiring.desk,
            sessions=make_kiosk_sessions(wiring),
            rate=lambda rating: _rate(wiring, rating),
            call_staff=lambda conversation: _call_staff(wiring, conversation),
            hall=lambda locale: hall_facts(wiring, locale),
            clock=wiring.clock,
            zone=wiring.profile.timezone,
            speech=wiring.speech,
            timeouts=Timeouts(
                browse_seconds=settings.kiosk_idle_seconds, read_seconds=2 * settings.kiosk_idle_seconds
            ),
            public_url=settings.public_url,
        )
    )


def answer_guide(wiring: Wiring, guide_id: str, aspect: str | None, locale: str) -> Reply:
    """Return a guide for a page outside of any talk; while the kiosk is switched off, the staff's text.

    Raises GuideUnknown.
    """
    reply = wiring.answering().answer_guide(guide_id, aspect, locale)
    switch = wiring.switches.standing().at_door(Channel.KIOSK)
    if switch is None:
        return reply
    text = switch.text(locale)
    return replace(reply, decision=Decision.DECLINE, blocks=(text_block(text),), speech=text, choices=())


def make_kiosk_sessions(wiring: Wiring) -> KioskSessions:
    """Return the store of kiosk sessions: the kiosk opens them, housekeeping clears them up."""
    return KioskSessions(wiring.sessions, wiring.clock, SESSION_IDLE)


def hall_facts(wiring: Wiring, locale: str) -> HallFacts:
    """Return what screens say about the hall."""
    profile = wiring.profile
    opening = profile.opening(wiring.clock())
    desk = next((window for window in profile.windows), None)
    return HallFacts(
        name=profile.name,
        hotline=profile.hotline.number,
        phones=tuple(phone.number for phone in profile.phones),
        help_window=desk.number if desk else "",
        hours="、".join(str(span) for span in opening.today.spans),
        is_open=opening.is_open,
        next_opening=opening.next_opening,
        is_sample=profile.sample,
    )


def _call_staff(wiring: Wiring, conversation: str) -> bool:
    """Tell staff that a visitor waits at the kiosk; return whether there is anybody to tell."""
    key = wiring.conversation.key_of(Turn(Channel.KIOSK, conversation))
    return wiring.alerts.call(Channel.KIOSK, key)


def _rate(wiring: Wiring, rating: Rating) -> None:
    """Keep a rating given at the kiosk; one of an answer that is gone is no reason to trouble the visitor."""
    stars = rating.stars if rating.stars is not None else _STARS[bool(rating.helpful)]
    key = wiring.conversation.key_of(Turn(Channel.KIOSK, rating.conversation))
    try:
        wiring.memory.rate(key, rating.turn or "", stars, rating.reason or "")
    except TurnUnknown:
        wiring.memory.rate_visit(key, stars, rating.reason or "")
