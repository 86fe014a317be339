"""Which guide a question in English means, or one that mixes English and Chinese, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from knowledge.english import terms_of
from knowledge.english_index import EnglishIndex, Found
from knowledge.forms import Entry
from knowledge.learning import Calibration
from knowledge.verdicts import Match, Verdict
from language.reply import Decision
from language.script import is_english

EXACT_CONFIDENCE = 0.98
GENERAL_CONFIDENCE = 0.85
# Fitted on the shipped phrasings, each asked while held aside, and on questions about other things: likeness,
# coverage, distance to the next, constant.
_TRUST = Calibration(np.array([2.32, 1.79, 2.02, -2.86]))
_WIDEST_GAP = 1.0
# Phrasings held aside share fewer words with the rest than real questions do, so the confidence is a careful
# one: of 148 other questions 9 in 10 pass the first, 3 in 100 wrongly; of 25 about other things none either.
ANSWER_FROM = 0.45
CLARIFY_FROM = 0.2
# Of the weight of a question's words; by 15 questions about other things, and the 148 about ours.
LEAST_COVERED = 0.55

_LATIN_WORDS = re.compile(r"[A-Za-z][A-Za-z'’\-]*(?:[\s,.?!'’\-]+[A-Za-z0-9][A-Za-z0-9'’\-]*)*")
# A shorter word inside Chinese is an abbreviation, as is one in capitals: app, CT, IC卡.
_LONE_WORD_CHARS = 4
# How far the order that the Chinese half gives counts beside that of the English one.
_OTHER_HALF = 0.8


class EnglishMatcher:
    """Ranks the guides that have English titles and phrasings."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        listed = list(entries)
        self._index = EnglishIndex(listed)
        self._families = {
            entry.id: frozenset((entry.id, *entry.neighbours)) for entry in listed if entry.english
        }
        self._owners = _owners(listed)

    def judge(self, text: str, limit: int) -> Verdict | None:
        """Return what a question in English means; None for another, or where no word of it is known."""
        if not is_english(text) or not self._index or not self._index.knows_words_of(text):
            return None
        found = self._index.rank(text)
        ours = [one for one in found if one.is_ours]
        if not ours:
            return Verdict(Decision.DECLINE, ())
        if not found[0].is_ours:
            return Verdict(Decision.DECLINE, self._matches(ours[:limit], CLARIFY_FROM / 2))
        owner = self._owners.get(self._index.key(text))
        if owner:
            ours.sort(key=lambda one: one.id != owner)
            return Verdict(Decision.ANSWER, self._matches(ours[:limit], EXACT_CONFIDENCE, exact=True))
        sharing = self._index.sharing(text)
        if len(sharing) > 1:
            return self._general(sharing, ours, limit)
        return Verdict(*self._weighed(found, ours[:limit]))

    def judge_beside(self, words: str, chinese: Verdict, limit: int) -> Verdict | None:
        """Return what English words mean in a message whose Chinese was judged by itself."""
        alone = self.judge(words, limit)
        if alone is None or (alone.decision is Decision.DECLINE and chinese.decision is Decision.DECLINE):
            return alone
        found = self._index.rank(words)
        said = {match.guide_id: 1 / (1 + place) for place, match in enumerate(chinese.matches)}
        marks = {
            one.id: one.score / found[0].score + _OTHER_HALF * said.get(one.id, 0.0)
            for one in found
            if one.is_ours
        }
        for guide, share in said.items():
            marks.setdefault(guide, _OTHER_HALF * share)
        ranked = sorted(marks, key=lambda guide: -marks[guide])[:limit]
        sure = max((one.matches[0].confidence for one in (alone, chinese) if one.matches), default=0.0)
        shares = [sure / (1 + place) for place in range(len(ranked))]
        matches = tuple(Match(guide, round(share, 4)) for guide, share in zip(ranked, shares, strict=True))
        decided = (
            Decision.ANSWER if Decision.ANSWER in (alone.decision, chinese.decision) else Decision.CLARIFY
        )
        return Verdict(decided, matches)

    def _general(self, sharing: list[str], ours: list[Found], limit: int) -> Verdict:
        """Judge a question that names only what several titles share.

        Answered with the most common one where the others are its neighbours, else asked back.
        """
        family = self._families[sharing[0]]
        is_family = 2 * sum(guide in family for guide in sharing) >= len(sharing)
        rest = [one.id for one in ours if one.id not in sharing]
        sure = GENERAL_CONFIDENCE if is_family else ANSWER_FROM
        matches = tuple(
            Match(guide, round(sure / (1 + place), 4))
            for place, guide in enumerate([*sharing, *rest][:limit])
        )
        return Verdict(Decision.ANSWER if is_family else Decision.CLARIFY, matches)

    def english_of(self, text: str) -> str:
        """Return the English words in a Chinese message; empty where they name nothing here."""
        if is_english(text):
            return ""
        words = " ".join(
            run
            for run in _LATIN_WORDS.findall(text)
            if " " in run.strip() or (len(run) >= _LONE_WORD_CHARS and not run.isupper())
        )
        return words if words and self._index and self._index.knows_words_of(words) else ""

    def _weighed(self, found: list[Found], ours: list[Found]) -> tuple[Decision, tuple[Match, ...]]:
        best = found[0]
        gap = min(best.score - found[1].score, _WIDEST_GAP) if len(found) > 1 else _WIDEST_GAP
        sure = _TRUST.confidence(np.array([best.likeness, best.coverage, gap]))
        if best.coverage < LEAST_COVERED:
            # Cooking rice is not the rice allowance: one word of several in common says little.
            sure = min(sure, ANSWER_FROM / 2 if best.coverage >= LEAST_COVERED / 2 else CLARIFY_FROM / 2)
        if sure >= ANSWER_FROM:
            return Decision.ANSWER, self._matches(ours, sure)
        return Decision.CLARIFY if sure >= CLARIFY_FROM else Decision.DECLINE, self._matches(ours, sure)

    def _matches(self, ours: list[Found], sure: float, *, exact: bool = False) -> tuple[Match, ...]:
        """Return the guides as matches; what the first is not sure of, the others have between them."""
        total = sum(one.score for one in ours[1:]) or 1.0
        others = (Match(one.id, round(min(sure, (1 - sure) * one.score / total), 4)) for one in ours[1:])
        return (Match(ours[0].id, round(sure, 4), exact=exact), *others)


def _owners(entries: Iterable[Entry]) -> dict[frozenset[str], str]:
    """Return whose text each set of terms is; empty where several have it."""
    owners: dict[frozenset[str], str] = {}
    for entry in entries:
        for text in entry.english:
            key = frozenset(terms_of(text).grouped)
            owners[key] = entry.id if owners.get(key, entry.id) == entry.id else ""
    return owners
