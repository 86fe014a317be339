"""What residents would get if a draft were live: the live release with one guide put in, or taken out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, ref

from knowledge.answering import Answering
from knowledge.comparison import Comparison, compare
from knowledge.gold import GoldQuestion, gate
from knowledge.guide import Completeness, Guide, Theme
from knowledge.guide_file import GUIDE_FIELDS, parse_guide
from knowledge.matching import Matcher
from knowledge.problems import GuideError, GuideErrors

# What a draft without these is shown with: residents see nothing without a title.
_STAND_INS: Mapping[str, str] = {
    "id": "draft",
    "title": "（还没有事项名称）",
    "plain_name": "（还没有通俗名称）",
    "department": "（还没有条线）",
    "theme": Theme.EVERYDAY.value,
    "completeness": Completeness.PARTIAL.value,
}
_NO_SOURCE_YET = "（这几栏还没有写来源）"
# An editor tries many questions on one version of a draft; building takes about a second. An index of a large
# hall is large: no more of them than needed.
_KEPT = 2
# Blanking one field may make another one wrong: a status without its note, a fact without its source.
_ROUNDS = 6


@dataclass(frozen=True)
class Subject:
    """What is tried: a guide as it would be, or, without `guide`, that it is taken away.

    `version` tells the states of one guide apart.
    """

    guide_id: str
    guide: Guide | None
    version: str
    revision: int = 0


class Trial(Answering):
    """Answers as the live release would with the subject in it."""

    @classmethod
    def of(cls, live: Answering, subject: Subject, matcher: Matcher | None = None) -> Trial:
        """Return it; without a `matcher` only what is asked by a guide's id is answered from the subject."""
        trial = cls.__new__(cls)
        trial.__dict__.update(live.__dict__)
        guides = {one: held for one, held in live._guides.items() if one != subject.guide_id}
        if subject.guide is not None:
            guides[subject.guide_id] = (subject.guide, subject.revision)
        trial._guides = guides
        trial._by_title = {guide.title: guide for guide, _ in guides.values()}
        trial._matcher = matcher or live._matcher
        return trial

    def guides(self) -> Sequence[Guide]:
        """Return the guides by id."""
        return [self._guides[guide_id][0] for guide_id in sorted(self._guides)]


class Trials:
    """Makes trials and keeps the last few: the same draft is asked again and again."""

    def __init__(self, live: Callable[[], Answering]) -> None:
        self._live = live
        # The live index is only looked at weakly: a release that was replaced must not be held by its trials.
        self._kept: dict[tuple[str, str], tuple[ReferenceType[Matcher], Trial]] = {}
        self._lock = threading.Lock()

    def live(self) -> Answering:
        """Return what answers residents now."""
        return self._live()

    def preview(self, subject: Subject) -> Trial:
        """Return a trial that answers by id alone; it costs nothing."""
        return Trial.of(self._live(), subject)

    def trial(self, subject: Subject) -> Trial:
        """Return a whole trial, with an index that knows the subject's wordings; takes about a second."""
        key = (subject.guide_id, subject.version)
        live = self._live()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0]() is live.matcher:
                return kept[1]
            # Learning takes too long for a click; what a single guide changes in the numbers is little.
            matcher = Matcher.build(
                Trial.of(live, subject).guides(),
                learned=live.matcher.learned,
                encoder=live.matcher.meanings,
            )
            made = Trial.of(live, subject, matcher)
            self._kept.pop(key, None)
            self._kept[key] = (ref(live.matcher), made)
            for old in list(self._kept)[:-_KEPT]:
                del self._kept[old]
            return made

    def compare(
        self,
        subject: Subject,
        questions: Sequence[GoldQuestion],
        unanswered: Sequence[str],
        progress: Callable[[float], None] = lambda share: None,
    ) -> Comparison:
        """Ask the subject and the live release the same questions; `progress` is told the share done."""
        progress(0.0)
        trial, live = self.trial(subject), self._live()
        progress(0.3)
        known = {guide.id for guide in trial.guides()}
        report = gate(
            trial.consider,
            live.consider,
            questions,
            guides=known,
            progress=lambda share: progress(0.3 + 0.5 * share),
        )
        moved = compare(trial.consider, live.consider, (), unanswered).moved
        progress(1.0)
        return Comparison(report, moved)


def showable(content: Mapping[str, Any]) -> tuple[Guide, list[GuideError]]:
    """Return a draft as far as it can be shown, and what is wrong with it.

    What cannot be read is left blank; fields that every guide has get a stand-in.
    """
    held = dict(content)
    errors: list[GuideError] = []
    for _ in range(_ROUNDS):
        try:
            return parse_guide(held, ""), errors
        except GuideErrors as wrong:
            errors = errors or list(wrong.errors)
            for error in wrong.errors:
                _mend(held, error)
            held = {name: _without_gaps(value) for name, value in held.items()}
    return parse_guide(dict(_STAND_INS), ""), errors


def _mend(content: dict[str, Any], error: GuideError) -> None:
    """Blank what an error names: the item of a list where it names one, else the whole field."""
    name = error.field.partition("[")[0].partition(".")[0]
    place = error.field.partition("[")[2].partition("]")[0]
    value = content.get(name)
    if name not in GUIDE_FIELDS:
        content.pop(name, None)
    elif error.code == "no_source":
        content["sources"] = [*(content.get("sources") or ()), {"title": _NO_SOURCE_YET, "fields": [name]}]
    elif isinstance(value, list) and place.isdigit() and int(place) < len(value):
        content[name] = [None if at == int(place) else one for at, one in enumerate(value)]
    else:
        content[name] = _STAND_INS.get(name)
    if name == "status_note":
        content["status"] = None


def _without_gaps(value: Any) -> Any:
    return [one for one in value if one is not None] if isinstance(value, list) else value
