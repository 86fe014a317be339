"""When to speak in a group, and what belongs into a private chat."""

from __future__ import annotations

from bot.turn import Turn
from language.reply import Decision, Reply

# These show or ask for a person's own matters; the neighbours need not read along.
_PRIVATE_MATTERS = {Decision.FORM, Decision.CASE, Decision.STATUS}


def may_speak(turn: Turn) -> bool:
    """Return whether the assistant was spoken to: always in a private chat, in a group when mentioned."""
    return not turn.is_group or turn.mentioned or turn.choice is not None


def is_private_matter(turn: Turn, reply: Reply, told_personal_data: bool) -> bool:
    """Return whether this should go on in private."""
    return turn.is_group and (reply.decision in _PRIVATE_MATTERS or told_personal_data)
