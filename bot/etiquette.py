"""When to speak in a group, and what belongs into a private chat."""

from __future__ import annotations

import re

from bot.turn import Turn
from language.reply import Decision, Reply

# These show or ask for a person's own matters; the neighbours need not read along.
_PRIVATE_MATTERS = {Decision.FORM, Decision.CASE, Decision.STATUS}


# Platforms leave the name by which the assistant was called in the text.
_CALLED = re.compile(r"^(?:\s*@\S{1,30}(?=\s|$))+|(?:\s@\S{1,30})+\s*$")


def without_call(turn: Turn) -> str:
    """Return what was said in a group without the @name of the assistant; the bare name is a greeting."""
    said = turn.text or ""
    if not turn.is_group or not turn.mentioned:
        return said
    return _CALLED.sub("", said).strip() or ("你好" if "@" in said else said)


def may_speak(turn: Turn) -> bool:
    """Return whether the assistant was spoken to: always in a private chat, in a group when mentioned."""
    return not turn.is_group or turn.mentioned or turn.choice is not None


def is_private_matter(turn: Turn, reply: Reply, told_personal_data: bool) -> bool:
    """Return whether this should go on in private."""
    return turn.is_group and (reply.decision in _PRIVATE_MATTERS or told_personal_data)
