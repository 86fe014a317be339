"""Answers from the published guides: which guide a question means, and the Reply that says so.

`consider` decides, `reply` writes; between the two a Finding may travel as JSON (to the actions and back).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from knowledge import browsing
from knowledge.about_hall import hall_reply, whom_to_call
from knowledge.card import card, notices, source_block
from knowledge.finding import Finding as Finding
from knowledge.guide import Aspect, Guide, Theme
from knowledge.hall_profile import HallProfile
from knowledge.matching import Match, Matcher
from knowledge.minute import Settings
from knowledge.rendering import direct_answers
from knowledge.speech import spoken_answer, spoken_names
from knowledge.switches import Standing
from knowledge.wording import Setting, spoken
from language.moments import Clock
from language.reply import Choice, Decision, GuideRef, Reply, text_block
from language.texts import Texts

TEXTS = Path(__file__).with_name("texts.yml")
MAX_CHOICES = 4
MAX_MATCHES = 10

# What people ask next, in the order in which it is offered.
_OFFERED = (
    Aspect.MATERIALS,
    Aspect.WHERE,
    Aspect.FEE,
    Aspect.TIME_LIMIT,
    Aspect.ELIGIBILITY,
    Aspect.ONLINE,
    Aspect.AGENT,
    Aspect.PROCESS,
)


class GuideUnknown(KeyError):
    """No published guide has this id (it may have been withdrawn). Ask again by name."""


class Answering:
    """The published guides of one release, and how to answer from them."""

    def __init__(
        self,
        published: Iterable[tuple[Guide, int]],
        profile: HallProfile,
        matcher: Matcher,
        texts: Texts,
        clock: Clock,
    ) -> None:
        self._guides = {guide.id: (guide, revision) for guide, revision in published}
        self._by_title = {guide.title: guide for guide, _ in self._guides.values()}
        self._profile = profile
        self._matcher = matcher
        self._texts = texts
        self._clock = clock
        self._standing = Standing()
        self._settings = Settings(profile, texts, clock)

    def under(self, standing: Standing) -> Answering:
        """Return the same, but guides that are switched off give way to the text of the staff."""
        if not standing.switches:
            return self
        withholding = copy.copy(self)
        withholding._standing = standing
        return withholding

    @property
    def matcher(self) -> Matcher:
        """What finds the guide that is meant."""
        return self._matcher

    def consider(self, text: str) -> Finding:
        """Decide what a question means, without saying anything. Takes a few milliseconds."""
        reading = self._matcher.wordings.read(text)
        about_hall = self._matcher.wordings.about_hall(text)
        if about_hall or reading.is_bare:
            decision = Decision.ANSWER if about_hall else Decision.CLARIFY
            return Finding(decision, (), reading.aspect, reading.is_bare, about_hall, reading.also)
        verdict = self._matcher.judge(text, MAX_MATCHES)
        return Finding(verdict.decision, verdict.matches, reading.aspect, also=reading.also)

    def reply(self, finding: Finding, locale: str = "zh", guide: str | None = None) -> Reply:
        """Write the reply to a finding.

        `guide` is the id of the guide last spoken of; a bare aspect (要带什么材料) is about that one. A guide
        withdrawn in the meantime counts as not found.
        """
        if finding.about_hall:
            return self.answer_hall(finding.about_hall, locale)
        if finding.bare_aspect and guide in self._guides:
            return self.answer_guide(guide, finding.aspect, locale, also=finding.also)
        if finding.bare_aspect and finding.aspect is Aspect.PHONE:
            return self.answer_hall("phone", locale)
        if finding.bare_aspect:
            return self._ask_which_service(finding, locale)
        matches = [match for match in finding.matches if match.guide_id in self._guides]
        if finding.decision is Decision.DECLINE or not matches:
            return self.decline(locale)
        if finding.decision is Decision.CLARIFY:
            return self._clarify(matches, finding, locale)
        top = matches[0]
        return self.answer_guide(
            top.guide_id, finding.aspect, locale, top.confidence, matches[1:], finding.also
        )

    def answer_guide(
        self,
        guide_id: str,
        aspect: Aspect | str | None = None,
        locale: str = "zh",
        confidence: float | None = None,
        runners_up: Iterable[Match] = (),
        also: Aspect | str | None = None,
    ) -> Reply:
        """Answer about one guide, the whole of it where no aspect is asked. Raises GuideUnknown.

        `also` is a second aspect asked in the same breath: a text block of its own, and its part of the card.
        """
        guide, revision = self._published(guide_id)
        asked = Aspect(aspect) if aspect else Aspect.OVERVIEW
        setting = self._setting(locale)
        verified_on = guide.verified_on.isoformat() if guide.verified_on else None
        english = guide.english.title if guide.english else None
        date = guide.source_date_for(asked)
        shown = GuideRef(guide.id, guide.title, revision, date, verified_on, english)
        switch = self._standing.of_guide(guide_id)
        if switch is not None:
            return replace(self._refer(switch.text(locale), setting), guide=shown, confidence=confidence)
        aspects = (asked, Aspect(also)) if also else (asked,)
        said = direct_answers(guide, aspects, setting)
        return Reply(
            decision=Decision.ANSWER,
            blocks=(
                *(text_block(text) for text in said),
                *card(guide, aspects, setting),
                *notices(guide, setting),
                source_block(guide, asked, setting),
            ),
            speech=spoken_answer(guide, aspects, said, setting),
            choices=tuple(self._next_choices(guide, aspects, runners_up, setting)),
            guide=shown,
            aspect=str(asked),
            confidence=confidence,
        )

    def choose(self, choice: Mapping[str, Any], locale: str = "zh") -> Reply:
        """Answer a picked choice: the payload `{"intent": "choose", "guide": id, "aspect": str | None}`."""
        try:
            guide_id, aspect, also = str(choice["guide"]), choice.get("aspect"), choice.get("also")
            return self.answer_guide(guide_id, aspect, locale, also=also)
        except GuideUnknown:
            return self.decline(locale)

    def answer_hall(self, hall_aspect: str, locale: str = "zh") -> Reply:
        """Answer about the hall itself: `hours`, `address`, `phone` or `windows`."""
        return hall_reply(self._profile, hall_aspect, self._setting(locale), self._clock())

    def decline(self, locale: str = "zh") -> Reply:
        """Say that this is not known here, and who knows."""
        setting = self._setting(locale)
        return self._refer(setting.say("decline", phone=setting.phone), setting)

    def _refer(self, text: str, setting: Setting) -> Reply:
        """Say something other than an answer, and offer a person."""
        ask_person = Choice(setting.say("choice_ask_person"), payload={"intent": "ask_person"})
        return Reply(Decision.DECLINE, (text_block(text),), spoken(text), (ask_person,))

    def hand_over(self, locale: str = "zh") -> Reply:
        """Say how to reach a person: in the hall while it is open, else when it opens; and by phone."""
        setting = self._setting(locale)
        is_open = self._profile.is_open(self._clock())
        key = "hand_over" if is_open else "hand_over_closed"
        ways = {"phone": setting.phone, "hours": setting.hours_today}
        said = spoken(setting.say(f"{key}_spoken", **ways))
        return Reply(Decision.HANDOFF, (text_block(setting.say(key, **ways)),), said)

    def whom_to_call(self, locale: str = "zh") -> str:
        """Return, inside a sentence, the hall's number and the citizens' hotline."""
        return whom_to_call(self._profile, self._texts, locale)

    def browse(self, choice: Mapping[str, Any], locale: str = "zh") -> Reply:
        """Show what there is: themes, then the services of one; `choice` is what was picked of them."""
        return browsing.browse(self.guides_by_theme(), choice, self._setting(locale))

    def guide(self, guide_id: str) -> Guide:
        """Return a published guide. Raises GuideUnknown."""
        return self._published(guide_id)[0]

    def guides_by_theme(self) -> dict[Theme, list[Guide]]:
        """Return the published guides under their themes, the most asked first; empty themes are left out."""
        shelves: dict[Theme, list[Guide]] = {theme: [] for theme in Theme}
        for guide in self._most_asked():
            shelves[guide.theme].append(guide)
        return {theme: guides for theme, guides in shelves.items() if guides}

    def neighbours(self, guide_id: str) -> list[tuple[Guide, str]]:
        """Return the published guides easily taken for this one, each with what tells it apart."""
        return [
            (self._by_title[neighbour.title], neighbour.differs or "")
            for neighbour in self.guide(guide_id).neighbours
            if neighbour.title in self._by_title
        ]

    def details_of(self, guide_id: str, locale: str = "zh") -> tuple[Choice, ...]:
        """Return what is known of a guide, as choices; none where it is not published."""
        guide = self._guides[guide_id][0] if guide_id in self._guides else None
        known = (aspect for aspect in _OFFERED if guide is not None and guide.knows(aspect))
        return tuple(_aspect_choice(guide, one, self._setting(locale)) for one in known if guide)

    def _published(self, guide_id: str) -> tuple[Guide, int]:
        try:
            return self._guides[guide_id]
        except KeyError:
            raise GuideUnknown(f"no published guide '{guide_id}': ask again by its name") from None

    def _setting(self, locale: str) -> Setting:
        return self._settings.of(locale)

    def _ask_which_service(self, finding: Finding, locale: str) -> Reply:
        setting, aspect = self._setting(locale), finding.aspect
        if aspect in (None, Aspect.OVERVIEW, Aspect.PROCESS):
            text = setting.say("clarify_bare_overview")
        else:
            text = setting.say("clarify_bare", aspect=setting.say(f"aspect_{aspect}"))
        choices = [_guide_choice(guide, "", locale, finding) for guide in self._most_asked()[:MAX_CHOICES]]
        return Reply(Decision.CLARIFY, (text_block(text),), spoken(text), tuple(choices))

    def _clarify(self, matches: list[Match], finding: Finding, locale: str) -> Reply:
        setting = self._setting(locale)
        text = setting.say("clarify")
        offered = [self.guide(match.guide_id) for match in matches[:MAX_CHOICES]]
        choices = tuple(
            _guide_choice(guide, self._told_apart(guide, offered), locale, finding) for guide in offered
        )
        return Reply(
            Decision.CLARIFY,
            (text_block(text),),
            spoken_names(offered, setting),
            choices,
            confidence=matches[0].confidence,
        )

    def _told_apart(self, guide: Guide, others: Iterable[Guide]) -> str:
        """Return what tells `guide` apart from the others: a neighbour's word on it, else whom it is for."""
        for other in others:
            for neighbour in other.neighbours:
                if neighbour.title == guide.title and neighbour.differs:
                    return neighbour.differs
        return guide.audience or guide.title

    def _next_choices(
        self, guide: Guide, asked: tuple[Aspect, ...], runners_up: Iterable[Match], setting: Setting
    ) -> list[Choice]:
        """Return up to four ways on: neighbours that were nearly meant, the whole guide, other aspects."""
        near = {match.guide_id: place for place, match in enumerate(runners_up)}
        neighbours = sorted(self.neighbours(guide.id), key=lambda pair: near.get(pair[0].id, len(near)))
        room_for_neighbours = MAX_CHOICES - 1 if Aspect.OVERVIEW in asked else 1
        choices = [
            _guide_choice(other, differs, setting.locale)
            for other, differs in neighbours[:room_for_neighbours]
        ]
        aspects = [] if Aspect.OVERVIEW in asked else [Aspect.OVERVIEW]
        aspects += [aspect for aspect in _OFFERED if aspect not in asked and guide.knows(aspect)]
        for aspect in aspects[: MAX_CHOICES - len(choices)]:
            choices.append(_aspect_choice(guide, aspect, setting))
        return choices

    def _most_asked(self) -> list[Guide]:
        guides = (guide for guide, _ in self._guides.values())
        return sorted(guides, key=lambda guide: (-guide.popularity, guide.id))


def _guide_choice(guide: Guide, note: str, locale: str, finding: Finding | None = None) -> Choice:
    """Return the choice of a guide; what was asked of it goes along.

    What tells it apart is written in Chinese; other readers get the official name beside the title.
    """
    if locale != "zh":
        note = guide.title
    asked = finding.to_wire() if finding else {"aspect": None, "also": None}
    payload = {"intent": "choose", "guide": guide.id, "aspect": asked["aspect"], "also": asked["also"]}
    return Choice(guide.plain_name_in(locale), guide=guide.title, note=note, payload=payload)


def _aspect_choice(guide: Guide, aspect: Aspect, setting: Setting) -> Choice:
    payload = {"intent": "choose", "guide": guide.id, "aspect": str(aspect)}
    return Choice(setting.say(f"choice_{aspect}"), guide=guide.title, payload=payload)
