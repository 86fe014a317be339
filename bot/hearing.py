"""What a turn says in the light of the talk: a pick in words, a correction, a way back, one wish or two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot import wishes
from bot.acts import declines
from bot.case_words import act_in_focus, wants_filed_case
from bot.fallback import act_in
from bot.picking import NoSuchChoice, Picked, pick
from bot.privacy import without_personal_data
from bot.references import Meant, Misunderstood, resolve, without_opener
from bot.screening import asks_something
from bot.talk import Awaits, Talk
from cases.intake import heard_request
from cases.troubles import stands_alone
from knowledge.answering import Answering, Finding
from knowledge.guide import Aspect
from language.moments import Clock
from language.reply import Decision

# Read within a millisecond or two; a long one, or one that a sentence encoder reads, keeps others waiting.
QUICK_CHARS = 40


class WhichOfThem:
    """A detail is asked of a service that the hall has asked for and not been told."""


@dataclass(frozen=True)
class Heard:
    """What a turn says. `choice` is the payload of what was picked, touched or said.

    `second` and `second_choice` are what was wanted besides. `slip` is set where the turn picks what is not
    there, rejects the last answer, or asks on about what was not picked; `answers` where it answers what
    the hallway asked for.
    """

    text: str
    finding: Finding
    choice: Mapping[str, Any] | None = None
    second: str | None = None
    second_choice: Mapping[str, Any] | None = None
    slip: NoSuchChoice | Misunderstood | WhichOfThem | None = None
    answers: Awaits | None = None

    @property
    def is_picked(self) -> bool:
        """Whether it was picked from what was on offer; a wish put off to be asked later was not."""
        return self.choice is not None and "asks" not in self.choice


class Hearing:
    """Reads turns; remembers nothing and says nothing."""

    def __init__(self, answering: Callable[[], Answering], clock: Clock) -> None:
        self._answering = answering
        self._clock = clock

    def of_choice(self, choice: Mapping[str, Any]) -> Heard:
        """Return what a touched choice says."""
        # The label of a tile that opens a form tells nothing of the matter.
        label = "" if choice.get("intent") == "file_request" else choice.get("label", "")
        text = str(choice.get("asks") or label)
        return Heard(text, self._answering().consider(without_personal_data(text)), choice)

    async def of_text_soon(self, text: str, talk: Talk) -> Heard:
        """Return what `of_text` does: a short text at once, where a thread would only take turns with us."""
        if len(text) <= QUICK_CHARS and self._answering().matcher.meanings is None:
            return self.of_text(text, talk)
        return await asyncio.to_thread(self.of_text, text, talk)

    def of_text(self, text: str, talk: Talk) -> Heard:
        """Return what a text says; `text` holds tokens in place of what is personal."""
        answering, text = self._answering(), without_opener(text)
        if "[[" not in text:
            picked = pick(text, talk.offered, talk.asks, self._clock())
            if isinstance(picked, NoSuchChoice):
                return Heard(text, answering.consider(text), slip=picked)
            heard = self._picked(picked, answering) if picked is not None else None
            if heard is not None:
                return heard
        if talk.asks is not None:
            return Heard(text, answering.consider(without_personal_data(text)))
        awaited = self._awaited(text, talk, answering)
        if awaited is None and (act := act_in_focus(text, talk, self._clock())) is not None:
            return Heard(text, answering.consider(text), act)
        if awaited is None and wants_filed_case(text):
            return Heard(text, answering.consider(text), {"intent": "check_case", "label": text})
        return awaited or self._in_the_open(text, talk, answering)

    def _picked(self, picked: Picked, answering: Answering) -> Heard | None:
        """Return the pick, with what was asked of it; None where the text goes on to something else."""
        heard = self.of_choice(picked.choice)
        if not picked.rest:
            return Heard(heard.text, heard.finding, picked.choice, second_choice=picked.second)
        asked = answering.consider(picked.rest)
        if asked.bare_aspect and picked.choice.get("intent") == "choose":
            wire = asked.to_wire()
            choice = {**picked.choice, "aspect": wire["aspect"], "also": wire["also"]}
            return Heard(heard.text, heard.finding, choice)
        is_about_it = asked.decision is Decision.DECLINE and asks_something(picked.rest)
        return heard if is_about_it else None

    def _is_undecided(self, talk: Talk) -> bool:
        """Return whether the last answer asked which service is meant, and nobody said which."""
        is_valid = self._clock().timestamp() <= talk.offered.until and talk.offered.asked_back
        return talk.clarified > 0 and is_valid and any(c.get("guide") for c in talk.offered.choices)

    def _awaited(self, text: str, talk: Talk, answering: Answering) -> Heard | None:
        """Return the text as an answer to what was asked for, None where it is about something else."""
        if talk.awaits is None:
            return None
        finding = answering.consider(without_personal_data(text))
        if talk.awaits is Awaits.CASE_REASON:
            # 还是没修好 is what was asked for; only a plain question about a service is none.
            is_question = finding.decision is Decision.ANSWER and asks_something(text)
            return None if is_question else Heard(text, finding, answers=talk.awaits)
        if not declines(text):
            is_known = finding.about_hall is not None or finding.bare_aspect
            is_known = is_known or (finding.decision is Decision.ANSWER and bool(finding.matches))
            if talk.awaits is Awaits.REASON:
                is_known = is_known and asks_something(text)
            if is_known or heard_request(text) == "named" or act_in(text) is not None:
                return None
        return Heard(text, finding, answers=talk.awaits)

    def _in_the_open(self, text: str, talk: Talk, answering: Answering) -> Heard:
        if "[[" in text:
            return Heard(text, answering.consider(without_personal_data(text)))
        meant = resolve(text, talk, answering)
        if isinstance(meant, Misunderstood):
            return Heard(text, answering.consider(text), slip=meant)
        if isinstance(meant, Meant):
            if meant.guide is None:
                return Heard(meant.text, meant.finding)
            choice = {"intent": "choose", "guide": meant.guide, "aspect": meant.aspect, "label": meant.text}
            return Heard(meant.text, meant.finding, choice)
        both = wishes.split(text)
        if both is not None and heard_request(both[0]) == "told" and stands_alone(both[1]):
            # 路灯坏了，另外居住证怎么办: the trouble is seen to, and what else was wanted is offered with it.
            return Heard(both[0], answering.consider(both[0]), second=both[1])
        understood = wishes.understand(text, answering.consider)
        is_detail = understood.finding.bare_aspect and understood.finding.aspect not in (
            None,
            Aspect.OVERVIEW,
        )
        if is_detail and self._is_undecided(talk):
            return Heard(text, understood.finding, slip=WhichOfThem())
        return Heard(understood.text, understood.finding, second=understood.second)
