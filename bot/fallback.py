"""Answers a turn when Rasa is away: questions, choices, the way to a person; never an answer to a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.memory import Talk
from knowledge.answering import Answering, Finding
from language.reply import Decision, HandledBy, Reply, text_block
from language.texts import Texts

_HERE = Path(__file__).parent


# What only the hallway can do, and what is answered with the sentence of its name.
_OF_THE_TALK = {"rate", "say_again", "adjust_voice", "none_of_these", "leave_question"}
_SAID = {"greet", "thank", "goodbye", "upset"}


def act_in(text: str) -> str | None:
    """Return the act that a text names in plain words, or None."""
    return next((act for act, words in _words().items() if any(word in text for word in words)), None)


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load((_HERE / "fallback_words.yml").read_text("utf-8"))
    return words


class Fallback:
    """Rasa's understudy. It knows plain words for the acts a hall cannot do without, nothing else."""

    def __init__(self, answering: Callable[[], Answering]) -> None:
        self._answering = answering
        self._texts = Texts(_HERE / "texts.yml")

    def reply(
        self, text: str, finding: Finding, talk: Talk, choice: Mapping[str, Any] | None, locale: str
    ) -> Reply:
        """Return the reply to a turn that Rasa did not answer."""
        return replace(self._reply(text, finding, talk, choice, locale), handled_by=HandledBy.FALLBACK)

    def _reply(
        self, text: str, finding: Finding, talk: Talk, choice: Mapping[str, Any] | None, locale: str
    ) -> Reply:
        answering = self._answering()
        if choice is not None and choice.get("intent") == "choose":
            return answering.choose(choice, locale)
        if talk.asks is not None:
            # What was said may be the answer to a form's field; only the form may read it.
            return replace(self._say(Decision.FORM, "form_away", locale), asks=talk.asks)
        act = str(choice["intent"]) if choice is not None else self._act(text, finding)
        if act == "ask_person":
            return answering.hand_over(locale)
        if act == "file_request":
            return self._say(Decision.FORM, "file_away", locale)
        if act == "check_case":
            return self._say(Decision.STATUS, "status_away", locale)
        if act == "browse":
            return answering.browse(choice or {}, locale)
        if act in _OF_THE_TALK:
            return Reply(Decision.SMALLTALK, act=act)
        if act in _SAID:
            return replace(self._say(Decision.SMALLTALK, act, locale), act=act)
        return answering.reply(finding, locale, guide=talk.guide)

    def soon(self, reply: Reply, locale: str) -> Reply:
        """Return what to say instead of `reply` where the turn is kept and done as soon as Rasa is back."""
        if reply.asks is not None:
            key = "form_soon"
        else:
            key = {Decision.FORM: "file_soon", Decision.STATUS: "status_soon"}.get(
                reply.decision, "still_at_work"
            )
        sentence = self._texts.say(key, locale)
        return replace(reply, blocks=(text_block(sentence),), speech=sentence, choices=())

    def _act(self, text: str, finding: Finding) -> str | None:
        if finding.matches and finding.matches[0].exact:
            return None
        return act_in(text)

    def _say(self, decision: Decision, key: str, locale: str) -> Reply:
        sentence = self._texts.say(key, locale)
        return Reply(decision, (text_block(sentence),), speech=sentence)
