"""Which guide a question means, and how sure that is: exact where it can be, else the nearest.

A Matcher is built for one release. It learns from the release's own texts (rehearsal.py), so that a
confidence means the same on a small and on a large knowledge base.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from knowledge.aspects import Wordings
from knowledge.concepts import Concepts
from knowledge.encoder import Encoder
from knowledge.english_matching import EnglishMatcher
from knowledge.entries import entries_of as entries_of
from knowledge.features import COLUMN
from knowledge.forms import Entry, Forms
from knowledge.guide import Guide
from knowledge.learned import Learned, shipped_learning
from knowledge.meanings import Meanings, texts_of
from knowledge.others import Others, not_ours, read_elsewhere, read_other_offices
from knowledge.ranking import Index
from knowledge.rehearsal import FEWEST_QUESTIONS, folds, learn_ranker, learn_trust, practise
from knowledge.scoring import Ranking, Scorer, shipped_defaults
from knowledge.verdicts import Match as Match
from knowledge.verdicts import Verdict as Verdict
from knowledge.weights import count_survival, shipped_survival, survival_shares
from language.normalise import normalise
from language.pinyin import sounds
from language.reply import Decision

# A question that is word for word a name or a known phrasing: not certain, since people mistake names.
EXACT_CONFIDENCE = 0.98
# A question that sounds like a name (居住正): typed or heard wrong, seldom another thing.
SOUND_CONFIDENCE = 0.9
SHORTEST_BY_SOUND = 3
# A general question answered with the most common of several neighbours.
GENERAL_CONFIDENCE = 0.85
# A topic of one character (证, or 办办办) names nothing.
SHORTEST_TOPIC = 2
# Fainter than this, asking back helps nobody: it would save 3 of 1,000 held-aside phrasings, and offer
# guides to one in fifteen who spoke of something else.
FAINTEST = 0.05
# A word that stands in no name, only in passing in some phrasing (股票), names nothing for certain either.
SHORT_TOPIC = 3
_IN_NAMES = COLUMN["names_pairs_of_question"]
# More guides than anyone would look through.
MOST_MATCHES = 10


class Matcher:
    """Ranks the guides of one release for a question. Build it with `build` or `from_entries`."""

    def __init__(self, scorer: Scorer, learned: Learned) -> None:
        self.learned = learned
        self.trust = learned.trust
        self.wordings: Wordings = scorer.index.forms.wordings
        self._scorer = scorer
        self._entries = scorer.index.entries
        self._names = _owners(scorer.index, named=True)
        self._english = EnglishMatcher(self._entries)
        self._sounds: dict[str, list[int]] = {}
        for name, owners in self._names.items():
            self._sounds.setdefault(_sound_of(name), []).extend(owners)
        self._phrasings = _owners(scorer.index, named=False)
        self._all_names = "\n".join(self._names)
        self._name_pairs = {a + b for name in self._names for a, b in pairwise(name)}
        self._name_starts = list(accumulate((len(name) + 1 for name in self._names), initial=0))[:-1]
        self._name_owners = list(self._names.values())

    @classmethod
    def build(
        cls,
        guides: Iterable[Guide],
        progress: Callable[[float], None] = lambda share: None,
        learned: Learned | None = None,
        encoder: Encoder | Meanings | None = None,
    ) -> Matcher:
        """Index the names and phrasings of `guides` and learn from them, or take what was `learned` before.

        Learning takes seconds to a minute; indexing alone well under one. With an `encoder` all texts are
        encoded first, besides those whose meanings are given.
        """
        others = Others(read_other_offices(), read_elsewhere())
        return cls.from_entries(entries_of(guides), progress, others, learned, encoder)

    @classmethod
    def from_entries(
        cls,
        entries: Sequence[Entry],
        progress: Callable[[float], None] = lambda share: None,
        others: Others | None = None,
        learned: Learned | None = None,
        encoder: Encoder | Meanings | None = None,
    ) -> Matcher:
        """Index entries; learn from their own texts where there are enough, else use the shipped numbers."""
        defaults = shipped_defaults()
        outside = others or Others((), read_elsewhere())
        everything = [*entries, *not_ours(entries, outside.offices)]

        def index_of(some: Sequence[Entry]) -> Index:
            own = count_survival([normalise(text) for text in (*one.names, *one.phrasings)] for one in some)
            survival = survival_shares(own, shipped_survival())
            return Index(some, forms, survival, meanings)

        forms, dealt = Forms(Wordings(), Concepts()), folds(everything)
        own_questions = sum(number < len(entries) for part in dealt for number, _ in part)
        if learned is None and own_questions < FEWEST_QUESTIONS:
            # Other offices' matters alone teach nothing about these guides.
            learned = shipped_learning()
        meanings = Meanings.by(encoder) if learned is None or learned.asks_encoder else None
        if meanings is not None:
            texts = texts_of(everything, outside.far if learned is None else ())
            meanings = meanings.of_texts(texts, lambda share: progress(share / 2))
        if learned is not None:
            return cls(Scorer(index_of(everything), learned.ranker, defaults.scales), learned)
        with forms.remembering():
            index = index_of(everything)
            begun = 0.5 if meanings else 0.0
            practised = practise(
                everything, dealt, index_of, lambda share: progress(begun + share * (1 - begun))
            )
        ranker = learn_ranker(practised, everything, defaults)
        scorer = Scorer(index, ranker, defaults.scales)
        return cls(scorer, Learned(ranker, learn_trust(scorer, practised, outside.far, defaults)))

    @property
    def meanings(self) -> Meanings | None:
        """What the texts mean; None where no sentence encoder is asked."""
        return self._scorer.index.meanings

    def attach(self, encoder: Encoder | None) -> None:
        """Give a matcher that was stored the encoder that it was built with. Raises ValueError on another."""
        if self.meanings is not None:
            self.meanings.attach(encoder)

    def rank(self, text: str, limit: int = MOST_MATCHES) -> list[Match]:
        """Return up to `limit` guides, likeliest first."""
        in_english = self._english.judge(text, limit)
        return self._rank(text)[0][:limit] if in_english is None else list(in_english.matches)

    def judge(self, text: str, limit: int = MOST_MATCHES) -> Verdict:
        """Rank the guides and decide: answer, ask which of the nearest is meant, or decline."""
        in_english = self._english.judge(text, limit)
        if in_english is not None:
            return in_english
        return self._judge_mixed(text, limit) or self._judge(text, limit)

    def _judge_mixed(self, text: str, limit: int) -> Verdict | None:
        """Judge English words in a Chinese message together with the rest; None where there are none."""
        words = self._english.english_of(text)
        if not words:
            return None
        rest = "".join(character for character in text if not character.isascii())
        if self.wordings.read(rest).is_bare or len(self.wordings.topic(rest)) < SHORTEST_TOPIC:
            return self._english.judge(words, limit)
        return self._english.judge_beside(words, self._judge(rest, limit), limit)

    def _judge(self, text: str, limit: int) -> Verdict:
        ranked, belongs = self._rank(text)
        matches = tuple(ranked[:limit])
        if not matches:
            return Verdict(Decision.DECLINE, ())
        general = None if matches[0].exact else self._general(text, ranked)
        if general is not None:
            return general
        if matches[0].confidence >= self.trust.answer_from:
            return Verdict(Decision.ANSWER, matches)
        asks_back = matches[0].exact or (
            belongs >= self.trust.clarify_from and matches[0].confidence >= FAINTEST
        )
        return Verdict(Decision.CLARIFY if asks_back else Decision.DECLINE, matches)

    def _rank(self, text: str) -> tuple[list[Match], float]:
        """Return all matches, and how likely the question is about any of the guides."""
        ranking = self._scorer.rank(text) if self._entries else None
        if not ranking:
            return self._exact_first(text, []), 0.0
        signals = self._scorer.signals(ranking) / self.trust.signal_scales
        sure = self.trust.confidence(signals)
        belongs = self.trust.belonging.confidence(signals)
        if not self._entries[int(ranking.entries[0])].is_ours:
            # Another office's matter stands first: it is about none of ours as surely as it is about that.
            sure, belongs = min(1 - sure, self.trust.answer_from / 2), min(1 - sure, belongs)
        topic = self.wordings.topic(text)
        # What is about none of the guides is not about the best of them, nor is a single character.
        if belongs < self.trust.clarify_from or len(set(topic)) < SHORTEST_TOPIC:
            sure = min(sure, self.trust.answer_from / 2)
        if len(topic) <= SHORT_TOPIC and not ranking.features[0, _IN_NAMES]:
            sure = min(sure, self.trust.answer_from / 2)
        return self._exact_first(text, self._nearest(ranking, sure)), belongs

    def _nearest(self, ranking: Ranking, sure: float) -> list[Match]:
        own = [place for place, number in enumerate(ranking.entries) if self._entries[number].is_ours]
        if not own:
            return []
        shares = ranking.shares[own] / ranking.shares[own[0]]
        # What the best is not sure of, the others have between them.
        rest = (1 - sure) / max(float(shares[1:].sum()), 1.0)
        own = own[:MOST_MATCHES]
        return [
            Match(self._entries[number].id, round(sure if place == 0 else min(sure, rest) * share, 4))
            for place, (number, share) in enumerate(
                zip(ranking.entries[own].tolist(), shares[: len(own)].tolist(), strict=True)
            )
        ]

    def _exact_first(self, text: str, matches: list[Match]) -> list[Match]:
        """Put the owners of the text in front: of a name before of a phrasing, then the most asked."""
        asked = (normalise(text), self.wordings.topic(text))
        exact: list[int] = []
        for owners in (self._names, self._phrasings):
            for form in asked if len(asked[1]) >= SHORTEST_TOPIC else asked[:1]:
                found = sorted(owners.get(form, ()), key=lambda number: -self._entries[number].popularity)
                exact += [number for number in found if number not in exact]
            if exact:
                break
        ceiling = EXACT_CONFIDENCE
        if not exact and len(asked[1]) >= SHORTEST_BY_SOUND:
            exact = self._sounds.get(_sound_of(asked[1]), [])
            ceiling = SOUND_CONFIDENCE
        if not exact:
            return matches
        sure = {match.guide_id: match.confidence for match in matches}
        first = [
            Match(
                self._entries[number].id,
                round(max(ceiling / (1 + place), sure.get(self._entries[number].id, 0.0)), 4),
                exact=ceiling == EXACT_CONFIDENCE,
            )
            for place, number in enumerate(exact)
        ]
        named = {match.guide_id for match in first}
        ceiling = first[-1].confidence
        others = [
            replace(m, confidence=min(m.confidence, ceiling)) for m in matches if m.guide_id not in named
        ]
        return first + others

    def _general(self, text: str, matches: list[Match]) -> Verdict | None:
        """Judge a question that names only what several neighbours share; None for any other question.

        Answered with the most common one where the others are its neighbours, else asked back.
        """
        topic = self.wordings.topic(text)
        if len(topic) < SHORTEST_TOPIC:
            return None
        sharing = self._naming(topic)
        if len(sharing) < 2:
            return None
        by_popularity = sorted(sharing, key=lambda number: -self._entries[number].popularity)
        family = self._scorer.family_of(by_popularity[0])
        related = sum(number in family for number in sharing)
        is_family = related * 2 >= len(sharing)
        sure = GENERAL_CONFIDENCE if is_family else self.trust.clarify_from
        before = [
            Match(self._entries[number].id, round(sure / (1 + place), 4))
            for place, number in enumerate(by_popularity)
        ]
        named = {match.guide_id for match in before}
        after = [replace(m, confidence=min(m.confidence, before[-1].confidence)) for m in matches]
        ordered = (*before, *(m for m in after if m.guide_id not in named))
        return Verdict(Decision.ANSWER if is_family else Decision.CLARIFY, ordered[:MOST_MATCHES])

    def _naming(self, topic: str) -> set[int]:
        """Return the numbers of the entries with a name that holds `topic`."""
        found: set[int] = set()
        if any(one + next_one not in self._name_pairs for one, next_one in pairwise(topic)):
            return found
        place = self._all_names.find(topic)
        while place >= 0:
            name = bisect_right(self._name_starts, place) - 1
            found.update(self._name_owners[name])
            # On to the next name: looking through one long text is many times faster than through each name.
            after = self._name_starts[name + 1] if name + 1 < len(self._name_starts) else len(self._all_names)
            place = self._all_names.find(topic, after)
        return found


def _sound_of(text: str) -> str:
    return " ".join(sounds(text))


def _owners(index: Index, *, named: bool) -> dict[str, list[int]]:
    """Return the numbers of our entries by their names (or phrasings), whole and without question words."""
    owners: dict[str, list[int]] = {}
    for text in np.flatnonzero(index.named == named).tolist():
        number = int(index.owners[text])
        for form in (index.wholes[text], index.topics[text]) if index.entries[number].is_ours else ():
            holders = owners.setdefault(form, [])
            if form and number not in holders:
                holders.append(number)
    return owners
