"""Whether the published guides serve a matter that goes by several names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knowledge.answering import Answering
from knowledge.gold import Judge
from language.reply import Decision


def guide_for(judge: Judge, names: Sequence[str]) -> str | None:
    """Return the id of the guide that serves a matter, None where none does.

    More than half of the names must lead to it, and one of them without asking back. One name is not enough:
    of the 11 shipped categories of cases whose own name is answered, 5 get a guide about something else
    (消费纠纷 the one for labour disputes). Of the 8 that pass here every one is right; one that is missed
    costs a click.
    """
    found = [(one.decision, one.matches[0].guide_id) for one in map(judge, names) if one.matches]
    led = [guide for decision, guide in found if decision is not Decision.DECLINE]
    for guide in dict.fromkeys(led):
        if led.count(guide) * 2 > len(names) and (Decision.ANSWER, guide) in found:
            return guide
    return None


class Serving:
    """`guide_for` the release that is answered from, remembered until another one is."""

    def __init__(self, answering: Callable[[], Answering]) -> None:
        self._answering = answering
        self._asked: Answering | None = None
        self._known: dict[tuple[str, ...], str | None] = {}

    def __call__(self, names: tuple[str, ...]) -> str | None:
        """Return the id of the guide that serves a matter of these names, or None."""
        answering = self._answering()
        if answering is not self._asked:
            self._asked, self._known = answering, {}
        known = self._known
        if names not in known:
            known[names] = guide_for(answering.consider, names)
        return known[names]
