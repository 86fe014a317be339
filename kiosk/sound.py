"""Reading a screen aloud: always what the screen says; a browser cannot send text to be read."""

from __future__ import annotations

import hmac
from hashlib import blake2b

from sanic import HTTPResponse, Request, file, json
from sanic.exceptions import NotFound, ServiceUnavailable

from kiosk import rendering
from kiosk.door import Door, field, log_fault
from kiosk.form_screens import KIND, current_step, question
from kiosk.session import PACES, KioskSession, Visit
from language.reply import Reply

_MAC_CHARS = 20


class SoundScreens:
    """Two steps, since an audio element can only GET: ask for the address of the sound, then fetch it."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs

    async def speak(self, request: Request, visit: Visit) -> HTTPResponse:
        """Return `{"url": ...}` of the sound for `of` (home, form, status, answer/<n>)."""
        of, asked = field(request, "of"), field(request, "rate")
        pace = asked if asked in PACES else visit.session.pace
        if self._needs.speech is None or not spoken_text(visit.session, of):
            raise NotFound("nothing to read aloud here")
        name = f"{of.replace('/', '-')}.{visit.session.locale}.{pace}"
        await self._wav(visit.session, of, pace)
        return json({"url": f"/kiosk/audio/{name}.{_mac(visit.token, name)}.wav"})

    async def audio(self, request: Request, visit: Visit, token: str) -> HTTPResponse:
        """Return the sound. Its address works in the session that asked for it, and nowhere else."""
        name, _, mac = token.removesuffix(".wav").rpartition(".")
        if not hmac.compare_digest(mac.encode(), _mac(visit.token, name).encode()):
            raise NotFound("no such sound")
        of, _, pace = name.split(".")
        return await self._wav(visit.session, of.replace("-", "/"), pace)

    async def _wav(self, session: KioskSession, of: str, pace: str) -> HTTPResponse:
        speech, voices = self._needs.speech, self._needs.voices
        text = spoken_text(session, of)
        if speech is None or not text:
            raise NotFound("nothing to read aloud here")
        rate = {"slow": voices.slow_wpm, "fast": voices.fast_wpm}.get(pace, voices.rate_wpm)
        try:
            # What a visitor filled in is read back: no detector sees all that is personal in free text.
            cacheable = False if of in ("form", "status") else None
            path = await speech.wav(text, rate, voices.by_locale[session.locale], cacheable)
        except Exception as failure:
            log_fault("reading aloud", failure)
            raise ServiceUnavailable("reading aloud does not work now: read the screen") from failure
        return await file(path, mime_type="audio/wav", headers={"Cache-Control": "no-store"})


def spoken_text(session: KioskSession, of: str) -> str:
    """Return what is read aloud on a screen; empty for a screen that has nothing to say."""
    say = rendering.sayer(session.locale)
    if of == "status" and session.looked_up is not None:
        reply = Reply.from_wire(session.looked_up)
        return reply.speech or reply.text
    if of in ("home", "status"):
        return say(f"speech_{of}")
    if of == "form" and session.draft is not None:
        step = current_step(session.draft)
        if session.draft.refusal:
            return session.draft.refusal
        return say("form_kind") if step == KIND else question(session.draft, step, session.locale).speech
    screen, _, number = of.partition("/")
    shown = session.answers.get(number)
    if screen != "answer" or shown is None:
        return ""
    reply = shown.read()
    return reply.speech or reply.text


def _mac(token: str, name: str) -> str:
    return blake2b(name.encode(), key=token.encode()[:64], digest_size=16, person=b"kiosk-sound").hexdigest()[
        :_MAC_CHARS
    ]
