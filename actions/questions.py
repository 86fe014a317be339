"""Answers to questions: about a guide, about the hall, and the calm "this I do not know"."""

from __future__ import annotations

from actions.heard import Heard
from actions.rooms import Events, HallAction
from language.reply import Decision, Reply, text_block


class ActionAnswer(HallAction):
    """A question about a service, or about the one just discussed."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Answer, clarify or decline: knowledge.answering decides."""
        return self._rooms.answering().reply(heard.finding, heard.locale, guide=heard.guide), []


class ActionAnswerHall(HallAction):
    """A question about the hall itself: when, where, which window."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Answer from the hall's profile."""
        answering = self._rooms.answering()
        if heard.finding.about_hall is None:
            return answering.reply(heard.finding, heard.locale, guide=heard.guide), []
        return answering.answer_hall(heard.finding.about_hall, heard.locale), []


class ActionChoose(HallAction):
    """A choice was touched."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Answer with the chosen guide or aspect."""
        return self._rooms.answering().choose(heard.choice, heard.locale), []


class ActionDecline(HallAction):
    """Nothing of ours fits."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Say so, and who may know."""
        return self._rooms.answering().decline(heard.locale), []


class ActionBrowse(HallAction):
    """Somebody wants to look through what there is."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Show the themes, or the services of the one that was picked; a form comes first."""
        if heard.slots.get("requested_slot") is not None:
            sentence = self._rooms.texts.say("browse_in_form", heard.locale)
            return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence, act="browse"), []
        return self._rooms.answering().browse(heard.choice, heard.locale), []
