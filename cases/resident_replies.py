"""What a resident is offered with a case, and told after rating it, reopening it, withdrawing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from cases import status
from cases.case import CaseStatus, CaseView, IllegalMove, NotYours, TooManyAttempts
from cases.desk import SHANGHAI
from cases.residents import Act, Rating, Residents, open_to
from cases.work.rules import load_rules
from language.reply import Choice, Decision, Reply, text_block
from language.texts import Texts

KEEP = "keep_case"  # the intent of the choice that leaves a case as it is
ASKS_REASON, ASKS_SURE, DONE = "ask_reason", "ask_sure", "case_done"  # what `Reply.act` says of these replies
LOW = Rating.DISSATISFIED
REASON_CHARS = (2, 500)


@dataclass(frozen=True)
class Who:
    """Who acts on which case: number and code, the talk, its language.

    `code` is None where the talk itself has filed the case. `held` is how choices name the case: `number` and
    `code` as tokens of the vault; empty where the door holds them itself.
    """

    number: str
    code: str | None
    conversation: str
    locale: str = "zh"
    held: Mapping[str, str] = field(default_factory=dict)


class ResidentReplies:
    """Carries out what a resident wants of a case, and words what came of it. No staff is ever named."""

    def __init__(self, residents: Residents) -> None:
        self._residents = residents

    def look_up(self, who: Who) -> Reply:
        """Say how the case stands, and offer what can be done with it now."""
        try:
            view = self._residents.look_up(who.number, who.code, who.conversation)
        except TooManyAttempts as problem:
            return status.too_many_reply(problem.minutes, who.locale)
        if view is None:
            return status.not_found_reply(who.locale)
        return self._stands(view, who)

    def ask_rating(self, who: Who) -> Reply:
        """Say how the case stands and ask for a rating, where it can be rated."""
        return self._attempt(Act.RATE, who, None, lambda view: self._stands(view, who))

    def rate(self, who: Who, rating: Rating) -> Reply:
        """Rate the case, once."""
        level, is_low = level_name(rating, who.locale), rating <= LOW

        def thank(view: CaseView) -> Reply:
            # The case stays in reach: whoever is content may yet find that it is not solved.
            return self._says("rated_low" if is_low else "rated", who, self._choices(view, who), level=level)

        def rate() -> CaseView | None:
            return self._residents.rate(who.number, who.code, who.conversation, rating)

        return self._attempt(Act.RATE, who, rate, thank)

    def ask_reason(self, who: Who) -> Reply:
        """Ask why the case shall be opened again, where it can be."""
        return self._attempt(Act.REOPEN, who, None, lambda view: self._question("ask_reason", who))

    def reopen(self, who: Who, reason: str) -> Reply:
        """Have the case opened again; asks once more where no reason was given."""
        reason = reason.strip()[: REASON_CHARS[1]]
        if len(reason) < REASON_CHARS[0]:
            return self._attempt(Act.REOPEN, who, None, lambda view: self._question("ask_reason_again", who))
        return self._attempt(
            Act.REOPEN,
            who,
            lambda: self._residents.reopen(who.number, who.code, who.conversation, reason),
            lambda view: self._says("reopened", who, number=view.number),
        )

    def ask_sure(self, who: Who) -> Reply:
        """Ask whether the case shall really be withdrawn, where it can be."""
        texts = _texts()
        sure = {**who.held, "intent": Act.WITHDRAW.value, "sure": True, "yes": True}
        choices = (
            Choice(texts.say("choice_sure", who.locale), payload=sure),
            Choice(texts.say("choice_keep", who.locale), payload={**who.held, "intent": KEEP}),
        )

        def ask(view: CaseView) -> Reply:
            return replace(self._says("ask_sure", who, choices, number=view.number), act=ASKS_SURE)

        return self._attempt(Act.WITHDRAW, who, None, ask)

    def withdraw(self, who: Who) -> Reply:
        """Withdraw the case."""
        return self._attempt(
            Act.WITHDRAW,
            who,
            lambda: self._residents.withdraw(who.number, who.code, who.conversation),
            lambda view: self._says("withdrawn", who, number=view.number),
        )

    def leave(self, who: Who) -> Reply:
        """Say that nothing was changed, and offer again what can be done."""
        try:
            view = self._residents.look_up(who.number, who.code, who.conversation)
        except TooManyAttempts as problem:
            return status.too_many_reply(problem.minutes, who.locale)
        return self._says("kept", who, self._choices(view, who) if view is not None else ())

    def _attempt(
        self,
        act: Act,
        who: Who,
        do: Callable[[], CaseView | None] | None,
        done: Callable[[CaseView], Reply],
    ) -> Reply:
        """Do what is possible now (`do` None: only ask first); say why not where it is not."""
        try:
            view = self._residents.look_up(who.number, who.code, who.conversation)
            if view is not None and act in open_to(view, self._residents.now()):
                try:
                    moved = do() if do is not None else view
                except (IllegalMove, NotYours):
                    # Somebody was faster: what is possible has changed since.
                    view = self._residents.look_up(who.number, who.code, who.conversation)
                else:
                    return done(moved) if moved is not None else status.not_found_reply(who.locale)
        except TooManyAttempts as problem:
            return status.too_many_reply(problem.minutes, who.locale)
        if view is None:
            return self._code_needed(who) if who.code is None else status.not_found_reply(who.locale)
        values: dict[str, object] = {"days": load_rules().reopen_within.days}
        if view.rating:
            values["level"] = level_name(Rating(view.rating), who.locale)
        return self._says(_why_not(act, view), who, self._choices(view, who), **values)

    def _stands(self, view: CaseView, who: Who) -> Reply:
        stands, more = status.status_reply(view, who.locale), self._remarks(view, who.locale)
        space = " " if who.locale == "en" else ""
        head = text_block(space.join((stands.blocks[0].text, *more)))
        speech = space.join((stands.speech, *more[:1]))
        blocks = (head, *stands.blocks[1:])
        return replace(stands, blocks=blocks, speech=speech, choices=self._choices(view, who))

    def _choices(self, view: CaseView, who: Who) -> tuple[Choice, ...]:
        return choices(view, who.held, self._residents.now(), who.locale)

    def _remarks(self, view: CaseView, locale: str) -> tuple[str, ...]:
        """Return what is said besides how the case stands: asked to rate once, thanked afterwards."""
        acts, texts = open_to(view, self._residents.now()), _texts()
        said = []
        if Act.RATE in acts:
            said.append(texts.say("ask_rating", locale))
        elif view.rating:
            said.append(texts.say("was_rated", locale, level=level_name(Rating(view.rating), locale)))
        if Act.REOPEN in acts and view.reopen_until is not None:
            until = view.reopen_until.astimezone(SHANGHAI)
            said.append(texts.say("may_reopen", locale, year=until.year, month=until.month, day=until.day))
        return tuple(said)

    def _question(self, key: str, who: Who) -> Reply:
        payload = {**who.held, "intent": KEEP}
        choice = Choice(_texts().say("choice_no_reason", who.locale), payload=payload)
        return replace(self._says(key, who, (choice,)), act=ASKS_REASON)

    def _code_needed(self, who: Who) -> Reply:
        again = status.not_found_reply(who.locale).choices
        return self._says("code_needed", who, again)

    def _says(self, key: str, who: Who, choices: tuple[Choice, ...] = (), **values: object) -> Reply:
        sentence = _texts().say(key, who.locale, **values)
        return Reply(Decision.STATUS, (text_block(sentence),), sentence, choices, private=True, act=DONE)


def choices(view: CaseView, held: Mapping[str, str], now: datetime, locale: str = "zh") -> tuple[Choice, ...]:
    """Return what can be done with the case now, as choices that name it by `held`."""
    acts, texts = open_to(view, now), _texts()
    others = {Act.REOPEN: "choice_reopen", Act.WITHDRAW: "choice_withdraw"}
    return (
        *(rating_choices(held, locale) if Act.RATE in acts else ()),
        *(
            Choice(texts.say(key, locale), payload={**held, "intent": act.value})
            for act, key in others.items()
            if act in acts
        ),
    )


def rating_choices(held: Mapping[str, str], locale: str = "zh") -> tuple[Choice, ...]:
    """Return the five national levels as choices, the best first."""
    return tuple(
        Choice(
            level_name(rating, locale),
            note=_texts().say("points", locale, stars=rating.value),
            payload={**held, "intent": Act.RATE.value, "stars": rating.value},
        )
        for rating in sorted(Rating, reverse=True)
    )


def level_name(rating: Rating, locale: str = "zh") -> str:
    """Return what a level is called."""
    return _texts().say(f"level_{rating.value}", locale)


def in_form_reply(locale: str = "zh") -> Reply:
    """Return the word that a form that is open comes first."""
    sentence = _texts().say("in_form", locale)
    return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence)


def _why_not(act: Act, view: CaseView) -> str:
    """Return which sentence tells why a case cannot be rated, opened again or withdrawn now."""
    if view.status in (CaseStatus.WITHDRAWN, CaseStatus.MERGED):
        return f"is_{view.status}"
    if act is Act.WITHDRAW:
        return "is_resolved"
    if act is Act.RATE and view.rating:
        return "is_rated"
    if view.status in (CaseStatus.RESOLVED, CaseStatus.RATED, CaseStatus.CLOSED):
        return "is_closed" if act is Act.RATE else "too_late"
    return "not_resolved"


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_suffix(".yml"))
