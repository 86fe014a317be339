"""Asking: a typed question, a tapped choice, or a guide from a list becomes an answer screen."""

from __future__ import annotations

import secrets
from dataclasses import replace

from sanic import HTTPResponse, Request, empty, json
from sanic.exceptions import NotFound

from bot.conversation import Channel, ChoiceUnknown, Turn
from kiosk import rendering
from kiosk.candidates import MAX_LETTERS
from kiosk.door import Door, field, go
from kiosk.needs import MAX_QUESTION_CHARS, Rating
from kiosk.session import TOKEN_BYTES, Shown, Visit
from language.reply import Reply


class AskScreens:
    """Screens that show a Reply."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs

    async def ask(self, request: Request, visit: Visit) -> HTTPResponse:
        """Take one turn: `text`, or `choice` with the `label` that was tapped."""
        choice = field(request, "choice") or None
        said = field(request, "label" if choice else "text").strip()
        if not choice and not said:
            visit.session.notice = "ask_empty"
            return go(visit.session.current())
        if len(said) > MAX_QUESTION_CHARS:
            visit.session.notice = "ask_too_long"
            return go(visit.session.current())
        if field(request, "answers") != "form" and not choice:
            await self._leave_form(visit)
        turn = Turn(
            channel=Channel.KIOSK,
            conversation=visit.session.conversation,
            text=None if choice else said,
            choice=choice,
            locale=visit.session.locale,
        )
        try:
            reply = await self._needs.conversation.say(turn)
        except ChoiceUnknown:
            visit.session.notice = "choice_gone"
            return go(visit.session.current())
        if not reply.late:  # it does not know yet what it will be part of
            visit.session.leaving = _way_out(reply)
        if reply.voice is not None:
            visit.session.adjust_voice(reply.voice)
        number = visit.session.keep(Shown(said, reply.to_wire(), visit.session.locale))
        return go(f"/kiosk/answer/{number}")

    async def answer(self, request: Request, visit: Visit, number: str) -> HTTPResponse:
        """Show a reply that was given in this session."""
        shown = visit.session.answers.get(number)
        if shown is None:
            raise NotFound("no such answer")
        path = f"/kiosk/answer/{number}"
        visit.session.visit(path)
        await self._fetch_late(visit, shown)
        if "late" in request.args and shown.read().late:
            return empty()  # nothing new: the screen stays as it is, and is not read aloud again
        reply = self._in_language(shown, visit.session.locale)
        address = self._door.public_address(request, f"/guide/{reply.guide.id}") if reply.guide else None
        return self._door.render(
            visit,
            "answer.html",
            shown=shown,
            number=number,
            reply=reply,
            look=rendering.kind_of_screen(reply),
            parts=rendering.arrange(reply),
            qr=self._qr(visit, address),
        )

    async def guide(self, request: Request, visit: Visit, guide_id: str) -> HTTPResponse:
        """Show a guide that was tapped in a list."""
        locale = visit.session.locale
        aspect = request.args.get("aspect")
        turn = Turn(Channel.KIOSK, visit.session.conversation, locale=locale)
        try:
            reply = await self._needs.conversation.open_guide(turn, guide_id, aspect)
        except KeyError:
            visit.session.notice = "guide_gone"
            return go(visit.session.current())
        guide = next((guide for guide in self._needs.guides() if guide.id == guide_id), None)
        asked = guide.plain_name_in(locale) if guide else guide_id
        shown = Shown(asked, reply.to_wire(), locale, tapped=True)
        # The guide keeps its number while the visitor goes back and forth, so that its rating stays.
        kept = next((n for n, old in visit.session.answers.items() if _shows_the_same(old, shown)), None)
        return go(f"/kiosk/answer/{kept or visit.session.keep(shown)}")

    async def rate(self, request: Request, visit: Visit) -> HTTPResponse:
        """Note whether an answer helped; where it did not, show where a person is to be found."""
        number, helpful = field(request, "answer"), field(request, "helpful") == "yes"
        shown = visit.session.answers.get(number)
        if shown is None:
            raise NotFound("no such answer")
        if not shown.rated:
            shown.rated = "yes" if helpful else "no"
            await self._door.note_rating(
                Rating(visit.session.conversation, shown.read().turn or None, helpful=helpful)
            )
        return go(f"/kiosk/answer/{number}" if helpful else "/kiosk/help")

    async def candidates(self, request: Request, visit: Visit) -> HTTPResponse:
        """Return words for typed pinyin."""
        typed = field(request, "letters")[:MAX_LETTERS]
        found = self._door.keyboard().suggest(typed)
        return json({"candidates": [{"text": word.text, "letters": word.letters} for word in found]})

    async def public_guide(self, request: Request, guide_id: str) -> HTTPResponse:
        """Show a guide to a phone that scanned the kiosk's code; it knows of no session."""
        try:
            reply = self._needs.answer_guide(guide_id, None, "zh")
        except KeyError:
            raise NotFound("no such guide") from None
        return self._door.render_public("guide.html", reply=reply, parts=rendering.arrange(reply))

    async def _fetch_late(self, visit: Visit, shown: Shown) -> None:
        """Put the real reply in the place of a promise, once it is there: the screen asks for it."""
        promise = shown.read()
        if not promise.late:
            return
        turn = Turn(Channel.KIOSK, visit.session.conversation)
        for _, reply in await self._needs.conversation.late_replies(turn, 0):
            if reply.turn == promise.turn:
                shown.reply = reply.to_wire()
                visit.session.leaving = _way_out(reply)

    async def _leave_form(self, visit: Visit) -> None:
        """Cancel the form that the conversation is in: a question asked on another screen fills no field."""
        session = visit.session
        if not session.leaving:
            return
        turn = Turn(Channel.KIOSK, session.conversation, choice=session.leaving, locale=session.locale)
        try:
            await self._needs.conversation.say(turn)
        except ChoiceUnknown:
            session.conversation = secrets.token_hex(TOKEN_BYTES)
        session.leaving = ""

    def _in_language(self, shown: Shown, locale: str) -> Reply:
        """Return the reply; about a guide it is written anew when the visitor changed the language since."""
        reply = shown.read()
        if shown.locale == locale or reply.guide is None:
            return reply
        try:
            anew = self._needs.answer_guide(reply.guide.id, reply.aspect, locale)
        except KeyError:
            return reply
        # The same answer for the rating, now in the other language.
        anew = replace(anew, turn=reply.turn, confidence=reply.confidence)
        shown.reply, shown.locale = anew.to_wire(), locale
        return anew

    def _qr(self, visit: Visit, address: str | None) -> str | None:
        if address is None:
            return None
        return rendering.qr_code(address, rendering.sayer(visit.session.locale)("qr_label"))


def _way_out(reply: Reply) -> str:
    """Return the id of the choice that cancels the form which `reply` is part of; empty outside of forms."""
    if reply.asks is None:
        return ""
    return next((choice.id for choice in reply.choices if choice.payload.get("intent") == "cancel"), "none")


def _shows_the_same(old: Shown, new: Shown) -> bool:
    """Return whether two replies are about the same aspect of the same guide; ids differ each time."""
    same = ("guide", "aspect", "blocks")
    return old.question == new.question and all(old.reply[part] == new.reply[part] for part in same)
