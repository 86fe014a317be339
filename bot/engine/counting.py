"""Counting the pieces of a message and weighing them: what Rasa's components do, without building matrices.

Stock runs scikit-learn's vectoriser twice over each message for each featuriser, stacks sparse matrices, and
copies the classifier's whole table of weights for every message (measured: a third of a turn in Rasa, 3 ms).
A message is forty pieces among twenty thousand: here each is looked up in the vocabulary, and the weights of
those forty are added. Features that nobody asks for are never built; who asks for them gets stock's.

`install` is for serving; training is stock's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.tensorflow.constants import RANKING_LENGTH

_STOCK_COUNT = CountVectorsFeaturizer.process
_STOCK_CLASSIFY = LogisticRegressionClassifier.process


@dataclass(frozen=True)
class Counts:
    """How often each piece of a vocabulary of `width` pieces occurs, by ascending column."""

    columns: list[int]
    times: list[int]
    width: int


class CountedFeatures(Features):
    """Features of a message whose matrix is made when somebody looks at it."""

    def __init__(
        self,
        make: Callable[[], scipy.sparse.spmatrix],
        kind: str,
        attribute: str,
        origin: str,
        counts: Counts | None = None,
    ) -> None:
        """Keep how to make the matrix; `counts` is what a sentence's single row holds."""
        self._make = make
        self._made: scipy.sparse.spmatrix | None = None
        self.type = kind
        self.origin = origin
        self.attribute = attribute
        self.counts = counts

    @property
    def features(self) -> scipy.sparse.spmatrix:
        """The matrix, as stock makes it."""
        if self._made is None:
            self._made = self._make()
        return self._made

    @features.setter
    def features(self, features: scipy.sparse.spmatrix) -> None:
        self._made = features
        self.counts = None

    def is_sparse(self) -> bool:
        """Return that these are sparse features, without making them."""
        return True

    def is_dense(self) -> bool:
        """Return that these are no dense features."""
        return False


class _Vocabulary:
    """One attribute's vectoriser, ready to count: its analyser is set up once and its columns are plain."""

    def __init__(self, vectorizer: Any) -> None:
        self._analyse = vectorizer.build_analyzer()
        self._columns = {piece: int(column) for piece, column in vectorizer.vocabulary_.items()}

    def count(self, tokens: list[str]) -> Counts:
        """Count the pieces of a sentence."""
        times: dict[int, int] = {}
        columns = self._columns
        for piece in self._analyse(" ".join(tokens)):
            column = columns.get(piece)
            if column is not None:
                times[column] = times.get(column, 0) + 1
        ordered = sorted(times)
        return Counts(ordered, [times[column] for column in ordered], len(columns))


def _count(self: CountVectorsFeaturizer, messages: list[Message]) -> list[Message]:
    """Add each message's features, as stock does."""
    vocabulary = _vocabulary_of(self)
    if vocabulary is None:
        stock: list[Message] = _STOCK_COUNT(self, messages)
        return stock
    for message in messages:
        if any(message.get(attribute) is not None for attribute in self._attributes if attribute != TEXT):
            _STOCK_COUNT(self, [message])
            continue
        tokens = self._get_processed_message_tokens_by_attribute(message, TEXT)
        if tokens:
            _add(self, message, tokens, vocabulary.count(tokens))
    return messages


def _vocabulary_of(featurizer: CountVectorsFeaturizer) -> _Vocabulary | None:
    kept: dict[str, _Vocabulary | None] = featurizer.__dict__
    if "_linli_vocabulary" not in kept:
        vectorizer = (featurizer.vectorizers or {}).get(TEXT)
        is_trained = featurizer._get_attribute_vocabulary(TEXT) is not None
        kept["_linli_vocabulary"] = _Vocabulary(vectorizer) if vectorizer and is_trained else None
    return kept["_linli_vocabulary"]


def _add(featurizer: CountVectorsFeaturizer, message: Message, tokens: list[str], counts: Counts) -> None:
    def make(kind: int) -> scipy.sparse.spmatrix:
        return featurizer._create_features(TEXT, [tokens])[kind][0]

    origin = featurizer._identifier
    message.add_features(CountedFeatures(lambda: make(0), FEATURE_TYPE_SEQUENCE, TEXT, origin))
    message.add_features(CountedFeatures(lambda: make(1), FEATURE_TYPE_SENTENCE, TEXT, origin, counts))


def _classify(self: LogisticRegressionClassifier, messages: list[Message]) -> list[Message]:
    """Set each message's intent and ranking, as stock does."""
    weights = _weights_of(self)
    for message in messages:
        counted = _counted(message)
        if weights is None or not counted or sum(one.width for one in counted) != len(weights):
            _STOCK_CLASSIFY(self, [message])
        else:
            _set_intent(self, message, _probabilities(weights, self.clf.intercept_, counted))
    return messages


def _weights_of(classifier: LogisticRegressionClassifier) -> Any:
    """Return a row of weights for each piece, one for each intent; None where stock computes otherwise."""
    kept = classifier.__dict__
    if "_linli_weights" not in kept:
        model = classifier.clf
        # Two intents share one row of weights, and other solvers weigh each intent against all others.
        is_softmax = len(getattr(model, "classes_", ())) > 2 and model.solver in ("lbfgs", "newton-cg")
        is_softmax = is_softmax and model.multi_class in ("auto", "multinomial")
        kept["_linli_weights"] = np.ascontiguousarray(model.coef_.T) if is_softmax else None
    return kept["_linli_weights"]


def _counted(message: Message) -> list[Counts]:
    """Return the counts of a message's sentence; nothing where some of its features were not counted here."""
    found = []
    for features in message.features:
        if features.attribute == TEXT and features.type == FEATURE_TYPE_SENTENCE:
            if not isinstance(features, CountedFeatures) or features.counts is None:
                return []
            found.append(features.counts)
    return found


def _probabilities(weights: Any, intercept: Any, counted: list[Counts]) -> list[float]:
    rows: list[int] = []
    times: list[int] = []
    before = 0
    for counts in counted:
        rows += [before + column for column in counts.columns]
        times += counts.times
        before += counts.width
    scores = np.asarray(times, dtype=np.float64) @ weights[rows] + intercept if rows else intercept.copy()
    scores -= scores.max()
    np.exp(scores, out=scores)
    shares: list[float] = (scores / scores.sum()).tolist()
    return shares


def _set_intent(classifier: LogisticRegressionClassifier, message: Message, shares: list[float]) -> None:
    names = classifier.__dict__.setdefault("_linli_names", [str(name) for name in classifier.clf.classes_])
    ranking = [{"name": name, "confidence": share} for name, share in zip(names, shares, strict=True)]
    ranking.sort(key=lambda entry: -entry["confidence"])
    message.set("intent", ranking[0], add_to_output=True)
    length = classifier.config[RANKING_LENGTH]
    message.set("intent_ranking", ranking[:length] if length > 0 else ranking, add_to_output=True)


def install() -> None:
    """Put the plain counting in place. Call once, before the model is loaded for serving."""
    CountVectorsFeaturizer.process = _count
    LogisticRegressionClassifier.process = _classify
