"""The ways on: nobody is left without a next step, and nobody is kept from knowing what was not filed."""

from __future__ import annotations

from dataclasses import replace

from bot.talk import Talk
from bot.talk_after import led_nowhere, may_be_told
from cases.status import LookUpField
from knowledge.answering import MAX_CHOICES
from language.reply import Choice, Decision, Reply, text_block
from language.texts import Texts

# So many turns in a row that led nowhere are enough.
FAILURES_BEFORE_WAYS = 2
_WAYS = (
    ("rephrase", {"intent": "none_of_these", "rephrase": True}),
    ("browse", {"intent": "browse"}),
    ("ask_person", {"intent": "ask_person"}),
    ("leave_question", {"intent": "leave_question"}),
)


def with_ways_on(reply: Reply, talk: Talk, texts: Texts, locale: str) -> Reply:
    """Return the reply with the four ways on where this is the second turn in a row that led nowhere."""
    if not led_nowhere(reply) or talk.failures + 1 < FAILURES_BEFORE_WAYS:
        return reply
    sentence = texts.say("ways_on", locale)
    if reply.act == "upset" and reply.asks is None:
        # The first time it said where else to turn; now the ways do.
        sorry = texts.say("upset_again", locale)
        reply = replace(reply, blocks=(text_block(sorry),), speech=sorry)
    ways = tuple(Choice(texts.say(f"choice_{name}", locale), payload=payload) for name, payload in _WAYS)
    # What is likeliest meant stays in reach; to ask in other words nobody needs a button.
    likeliest = reply.choices[:1] if reply.decision is Decision.CLARIFY else ()
    choices = (*likeliest, *ways[len(likeliest) :])[:MAX_CHOICES]
    if reply.asks is not None:
        # A form's own choices answer its field.
        choices = reply.choices
    return replace(
        reply,
        blocks=(*reply.blocks, text_block(sentence)),
        speech=texts.say("ways_on_spoken", locale),
        choices=choices,
    )


def with_unfinished(reply: Reply, talk: Talk, texts: Texts, locale: str) -> Reply:
    """Return the reply with, before it, that a request of days ago was not filed; never in danger."""
    if not talk.abandoned or not may_be_told(reply):
        return reply
    is_starting = reply.asks is not None and reply.asks not in list(LookUpField)
    sentence = texts.say("abandoned_now" if is_starting else "abandoned", locale)
    spoken = texts.say("abandoned_spoken", locale)
    choices = reply.choices
    # A scale stays whole.
    if not is_starting and len(choices) <= MAX_CHOICES:
        payload = {"intent": "file_request", "yes": reply.decision is Decision.SMALLTALK}
        again = Choice(texts.say("choice_start_again", locale), payload=payload)
        others = choices[: MAX_CHOICES - 1]
        choices = (again, *others) if payload["yes"] else (*others, again)
    return replace(
        reply,
        blocks=(text_block(sentence), *reply.blocks),
        speech=spoken + ("" if locale == "zh" else " ") + reply.speech,
        choices=choices,
    )
