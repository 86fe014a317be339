"""What a turn does to the talk itself: rates it, wants it once more, in another voice, rejects it, leaves it.

Rasa (or the fallback) says which act it is; only the hallway remembers the talk, so it is carried out here,
the same whichever of the two named it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.means import Means
from bot.memory import TurnUnknown
from bot.talk import Awaits, Talk
from bot.turn import Channel, Turn
from knowledge.answering import MAX_CHOICES, Finding, GuideUnknown
from language.normalise import fold
from language.reply import Choice, Decision, HandledBy, Reply, text_block
from language.texts import Texts

_WORDS = Path(__file__).with_name("act_words.yml")
LOW_STARS = 2
# 要几天好批下来 goes on about the service; a longer text brings a matter of its own.
_SHORT_QUESTION_CHARS = 14
_LEVELS = (5, 4, 3, 2, 1)


@dataclass(frozen=True)
class Said:
    """One turn as an act sees it: `text` without what is personal, `choice` what was picked."""

    turn: Turn
    key: str
    talk: Talk
    text: str
    choice: Mapping[str, Any]

    @property
    def locale(self) -> str:
        """The language to answer in."""
        return self.turn.locale


@dataclass(frozen=True)
class Done:
    """What an act replies, the talk as it stands by it, and what the next turn may answer."""

    reply: Reply
    talk: Talk
    awaits: Awaits | None = None


class Acts:
    """Carries out acts of the talk."""

    def __init__(self, means: Means, texts: Texts) -> None:
        self._means = means
        self._texts = texts
        self._by_name: dict[str, Callable[[Said], Done]] = {
            "rate": self._rate,
            "say_again": self._say_again,
            "adjust_voice": self._adjust_voice,
            "none_of_these": self._none_of_these,
            "leave_question": self._leave_question,
        }

    async def carry_out(self, reply: Reply, said: Said) -> Done:
        """Return what to say to an act that `reply` names; any other reply stays as it is."""
        act = self._by_name.get(reply.act or "")
        if act is None or reply.blocks:
            return Done(reply, said.talk)
        done = await asyncio.to_thread(act, said)
        return replace(done, reply=replace(done.reply, handled_by=reply.handled_by))

    def misunderstood(self, said: Said) -> Reply:
        """Say sorry for an answer that missed the point, and offer what else may have been meant."""
        others = [
            self._shown(choice)
            for choice in said.talk.offered.choices
            if choice.get("intent") == "choose" and choice.get("guide") != said.talk.guide
        ]
        key = "misunderstood_near" if others else "misunderstood"
        sentence = self._texts.say(key, said.locale)
        return Reply(
            Decision.CLARIFY,
            (text_block(sentence),),
            sentence,
            tuple(others[:MAX_CHOICES]),
            handled_by=HandledBy.SCREEN,
        )

    def which_of_them(self, said: Said, finding: Finding) -> Reply:
        """Ask once more which of the services on offer is meant; what was asked now goes along with each."""
        asked = finding.to_wire()
        choices = tuple(
            self._shown({**choice, "aspect": asked["aspect"], "also": asked["also"]})
            for choice in said.talk.offered.choices
            if choice.get("guide")
        )
        sentence = self._texts.say("which_of_them", said.locale)
        blocks = (text_block(sentence),)
        return Reply(
            Decision.CLARIFY, blocks, sentence, choices, handled_by=HandledBy.SCREEN, act="which_of_them"
        )

    def with_aspects(self, reply: Reply, said: Said) -> Reply:
        """Offer what is known of the service just discussed, where a short text after it found nothing."""
        guide = said.talk.guide
        if guide is None or not said.talk.is_on_guide or len(said.text) > _SHORT_QUESTION_CHARS:
            return reply
        known = self._means.answering().details_of(guide, said.locale)
        if not known:
            return reply
        sentence = self._texts.say("details_of", said.locale, name=known[0].guide)
        choices = (*known[: MAX_CHOICES - 1], *reply.choices[:1])
        return replace(reply, blocks=(*reply.blocks, text_block(sentence)), choices=choices)

    def no_such_choice(self, said: Said, count: int) -> Reply:
        """Say that a number was said which no choice bears, and show the choices again."""
        key = "no_such_choice" if count else "nothing_offered"
        sentence = self._texts.say(key, said.locale, count=count)
        choices = tuple(self._shown(choice) for choice in said.talk.offered.choices) if count else ()
        return Reply(
            Decision.CLARIFY, (text_block(sentence),), sentence, choices, handled_by=HandledBy.SCREEN
        )

    def _shown(self, offered: Mapping[str, Any]) -> Choice:
        payload = {
            name: value for name, value in offered.items() if name not in ("label", "note", "guide_title")
        }
        return Choice(
            offered["label"], guide=offered.get("guide_title"), note=offered.get("note", ""), payload=payload
        )

    def _rate(self, said: Said) -> Done:
        stars = said.choice.get("stars") or stars_in(said.text)
        if stars is None:
            levels = tuple(self._level(number, said.locale) for number in _LEVELS)
            key = "rate_how" if said.talk.last_turn else "rate_visit_how"
            return Done(self._says(key, said, act="rate", choices=levels), said.talk)
        turn_id = said.talk.last_turn
        is_second = self._keep(said.key, turn_id, stars, "")
        talk = replace(said.talk, rated={"turn": turn_id, "stars": stars})
        level = self._texts.say(f"level_{stars}", said.locale)
        if stars > LOW_STARS or talk.asked_reason or talk.asks is not None:
            key = "rated_again" if is_second else "rated"
            return Done(self._says(key, said, act="rate", level=level), talk)
        choices = tuple(self._way(intent, said.locale) for intent in ("ask_person", "leave_question"))
        reply = self._says("rated_low", said, act="rate", choices=choices, level=level)
        return Done(reply, replace(talk, asked_reason=True), Awaits.REASON)

    def keep_reason(self, said: Said) -> Reply:
        """Keep what was wrong with the answer that was rated low."""
        rated = said.talk.rated
        if rated is None or declines(said.text):
            return _by_screen(self._says("reason_none", said, act="rate"))
        self._keep(said.key, rated["turn"], rated["stars"], said.text)
        choices = (self._way("ask_person", said.locale),)
        return _by_screen(self._says("reason_kept", said, act="rate", choices=choices))

    def _keep(self, key: str, turn_id: str | None, stars: int, reason: str) -> bool:
        if turn_id is not None:
            try:
                return self._means.memory.rate(key, turn_id, stars, reason)
            except TurnUnknown:
                pass  # the turn was purged: the visit is rated instead
        return self._means.memory.rate_visit(key, stars, reason)

    def _level(self, stars: int, locale: str) -> Choice:
        return Choice(
            self._texts.say(f"level_{stars}", locale),
            note=self._texts.say("stars", locale, stars=stars),
            payload={"intent": "rate", "stars": stars},
        )

    def _say_again(self, said: Said) -> Done:
        if said.talk.asks is not None:
            # The form asks its field once more by itself.
            return Done(Reply(Decision.SMALLTALK), said.talk)
        again = self._last_reply(said) or self._says("nothing_to_repeat", said)
        return Done(replace(again, act="say_again"), said.talk)

    def _last_reply(self, said: Said) -> Reply | None:
        again = said.talk.again
        if again is None:
            return None
        if "reply" in again:
            kept = Reply.from_wire(again["reply"])
            return replace(kept, choices=tuple(map(self._shown, said.talk.offered.choices)))
        try:
            return self._means.answering().answer_guide(again["guide"], again["aspect"], said.locale)
        except GuideUnknown:
            return None

    def _adjust_voice(self, said: Said) -> Done:
        if said.turn.channel is not Channel.KIOSK:
            return Done(
                self._says("voice_text", said, act="adjust_voice", phone=self._phone(said)), said.talk
            )
        voice = voice_in(said.text)
        if voice is None:
            return Done(self._says("voice_how", said, act="adjust_voice"), said.talk)
        reply = replace(self._says(f"voice_{voice}", said, act="adjust_voice"), voice=voice)
        last = self._last_reply(said) if voice in ("slower", "louder") and said.talk.asks is None else None
        # Whoever could not follow hears the same once more.
        return Done(reply.then(last) if last is not None else reply, said.talk)

    def _none_of_these(self, said: Said) -> Done:
        if said.choice.get("rephrase"):
            return Done(self._says("rephrase", said, act="rephrase"), said.talk)
        return Done(self._says("none_of_these", said, act="none_of_these"), said.talk)

    def _leave_question(self, said: Said) -> Done:
        if said.talk.asks is not None:
            return Done(self._says("leave_later", said, act="leave_question"), said.talk)
        left = self._means.memory.leave(said.key)
        if left is None:
            return Done(self._says("leave_what", said, act="leave_question"), said.talk, Awaits.QUESTION)
        key = "left" if left.is_new else "left_before"
        reply = self._says(key, said, act="leave_question", question=left.question, phone=self._phone(said))
        return Done(reply, replace(said.talk, failures=0))

    def left(self, said: Said) -> Reply:
        """Say that the question of this turn, which is recorded with it, is left for staff."""
        if declines(said.text):
            return _by_screen(self._says("not_left", said))
        phone = self._phone(said)
        return _by_screen(self._says("left", said, act="leave_question", question=said.text, phone=phone))

    def _way(self, intent: str, locale: str) -> Choice:
        return Choice(self._texts.say(f"choice_{intent}", locale), payload={"intent": intent})

    def _phone(self, said: Said) -> str:
        return self._means.answering().whom_to_call(said.locale)

    def _says(
        self, key: str, said: Said, act: str | None = None, choices: tuple[Choice, ...] = (), **values: object
    ) -> Reply:
        sentence = self._texts.say(key, said.locale, **values)
        return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence, choices, act=act)


def _by_screen(reply: Reply) -> Reply:
    return replace(reply, handled_by=HandledBy.SCREEN)


def stars_in(text: str) -> int | None:
    """Return the stars (1 to 5) that a text gives in words or numbers, or None."""
    return next((stars for stars, pattern in _patterns("stars") if pattern.search(fold(text))), None)


def voice_in(text: str) -> str | None:
    """Return slower, faster, louder or softer where a text asks for it."""
    return next((voice for voice, pattern in _patterns("voice") if pattern.search(fold(text))), None)


def declines(text: str) -> bool:
    """Return whether a text says: I have nothing to add."""
    ((_, pattern),) = _patterns("declines")
    return pattern.match(fold(text).strip(" ,，。.!！")) is not None


@cache
def _patterns(name: str) -> tuple[tuple[Any, re.Pattern[str]], ...]:
    words = yaml.safe_load(_WORDS.read_text("utf-8"))[name]
    named = words if isinstance(words, dict) else {name: words}
    return tuple((value, re.compile(pattern)) for value, pattern in named.items())
