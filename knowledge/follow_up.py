"""Answers that depend on the talk: a follow-up on the guide discussed, a choice, a person wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowledge.answering import Answering, Finding, GuideUnknown
from language.reply import Decision, Reply


def reply_in_talk(answering: Answering, finding: Finding, guide: str | None, locale: str) -> Reply:
    """Answer a finding; an aspect asked without a subject is about `guide`, the one just discussed."""
    if finding.bare_aspect and guide is not None:
        try:
            return answering.answer_guide(guide, finding.aspect, locale)
        except GuideUnknown:
            return answering.reply(finding, locale)
    return answering.reply(finding, locale)


def reply_to_choice(answering: Answering, choice: Mapping[str, Any], locale: str) -> Reply:
    """Answer a touched choice of a guide or an aspect; decline calmly when the guide was withdrawn since."""
    try:
        return answering.answer_guide(str(choice["guide"]), choice.get("aspect"), locale)
    except GuideUnknown:
        return answering.decline(locale)


def hand_over(answering: Answering, locale: str) -> Reply:
    """Say who can be asked in person, where and when."""
    return replace(answering.answer_hall("phone", locale), decision=Decision.HANDOFF)
