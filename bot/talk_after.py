"""Where a talk stands after a turn."""

from __future__ import annotations

from bot.memory import Talk
from language.reply import Decision, Reply


def talk_after(talk: Talk, reply: Reply) -> Talk:
    """Return where the talk stands after a reply: a new guide replaces the old one, small talk leaves it."""
    # A guide that is switched off is declined, and is spoken of all the same.
    if reply.decision in (Decision.ANSWER, Decision.DECLINE) and reply.guide is not None:
        return Talk(reply.guide.id, reply.asks)
    if reply.decision is Decision.CLARIFY:
        return Talk(talk.guide, reply.asks, talk.clarified + 1)
    aside = reply.decision in (Decision.SMALLTALK, Decision.SILENT)
    return Talk(talk.guide, reply.asks, talk.clarified if aside else 0)
