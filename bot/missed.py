"""Which turns went badly, so that staff can learn from them: declined, or asked back twice in a row."""

from __future__ import annotations

from dataclasses import dataclass

from bot.memory import Talk
from knowledge.answering import Finding
from knowledge.unanswered import Missed, Reason
from language.reply import Decision, HandledBy, Reply

# What a person may find wrong: the other decisions are not about what was asked.
_ABOUT_A_QUESTION = frozenset({Decision.ANSWER, Decision.CLARIFY, Decision.DECLINE})


@dataclass(frozen=True)
class Asked:
    """What was asked, without personal data, and what it was taken for; `picked` where it was a choice."""

    text: str
    finding: Finding
    picked: bool = False


def question_of(asked: Asked | None, talk: Talk, reply: Reply) -> str | None:
    """Return the question that a turn answered; None in a form, where texts are a person's own matters."""
    if asked is None or talk.asks is not None or reply.asks is not None:
        return None
    return asked.text if asked.text and reply.decision in _ABOUT_A_QUESTION else None


def missed(asked: Asked | None, talk: Talk, reply: Reply) -> Missed | None:
    """Return what staff should see of a turn, None where nothing went wrong with the knowledge.

    What was refused by the screen, what names no service, what is about the hall and what was picked from a
    list is no gap in the guides.
    """
    text = question_of(asked, talk, reply)
    if asked is None or text is None or asked.picked or reply.handled_by is HandledBy.SCREEN:
        return None
    if asked.finding.bare_aspect or asked.finding.about_hall or reply.guide is not None:
        return None
    nearest = asked.finding.matches[0].guide_id if asked.finding.matches else None
    if reply.decision is Decision.DECLINE:
        return Missed(text, Reason.DECLINED, nearest)
    if reply.decision is Decision.CLARIFY and talk.clarified > 0:
        return Missed(text, Reason.CLARIFIED_TWICE, nearest)
    return None
