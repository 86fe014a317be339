"""The questions that went badly: kept sealed for staff to learn from, then forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from knowledge.clusters import Cluster, Question, cluster
from knowledge.curation_tables import UnansweredRow
from knowledge.transactions import writing
from language.moments import Clock
from language.normalise import normalise

KEPT = timedelta(days=90)
# So many are read and clustered for one page; more would take longer than anybody waits.
MOST_CLUSTERED = 3000
MAX_CHARS = 200


class Reason(StrEnum):
    """Why a question is in the queue."""

    DECLINED = "declined"
    CLARIFIED_TWICE = "clarified_twice"
    RATED_BADLY = "rated_badly"
    LEFT = "left"  # its person asked that staff see it


class How(StrEnum):
    """What staff made of a question."""

    PHRASING = "phrasing"
    NEW_GUIDE = "new_guide"
    NOT_OURS = "not_ours"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Missed:
    """A question that went badly, without personal data. `guide_id` was answered, or is the nearest."""

    text: str
    reason: Reason
    guide_id: str | None = None


class Unanswered:
    """The queue of unanswered questions. `seal` and `open` turn bytes into sealed ones and back."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        seal: Callable[[bytes], bytes],
        open: Callable[[bytes], bytes],
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._seal = seal
        self._open = open

    def note(
        self,
        text_masked: str,
        reason: str,
        door: str,
        guide_id: str | None,
        at: datetime,
        turn_id: str | None = None,
    ) -> None:
        """Keep a question that holds no personal data any more; one turn is kept once."""
        row = self.row(Missed(text_masked, Reason(reason), guide_id), door, at, turn_id)
        if row is not None:
            with self._sessions.begin() as session:
                insert_rows(session.connection(), [row])

    def row(
        self, missed: Missed, door: str, at: datetime, turn_id: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return the columns of a question for `insert_rows`, None for a text without words.

        For a writer that has a transaction of its own to put it in.
        """
        text = " ".join(missed.text.split())[:MAX_CHARS]
        if not normalise(text):
            return None
        return {
            "turn_id": turn_id,
            "sealed": self._seal(text.encode()),
            "reason": str(missed.reason),
            "door": door,
            "guide_id": missed.guide_id,
            "at": at,
        }

    def waiting(self, limit: int = MOST_CLUSTERED) -> list[Question]:
        """Return the questions that nobody settled yet, newest first."""
        query = (
            select(UnansweredRow)
            .where(UnansweredRow.how.is_(None), UnansweredRow.at >= self._clock() - KEPT)
            .order_by(UnansweredRow.at.desc(), UnansweredRow.id.desc())
            .limit(limit)
        )
        with self._sessions() as session:
            rows = session.scalars(query).all()
        read = (self._question(row) for row in rows)
        return [question for question in read if question is not None]

    def count(self) -> int:
        """Return how many questions nobody settled yet."""
        query = select(func.count()).where(
            UnansweredRow.how.is_(None), UnansweredRow.at >= self._clock() - KEPT
        )
        with self._sessions() as session:
            return session.scalar(query) or 0

    def nearest(self, begin: datetime, end: datetime) -> dict[str, int]:
        """Return how many questions of that time, settled or not, were nearest to which guide."""
        query = (
            select(UnansweredRow.guide_id, func.count())
            .where(UnansweredRow.at >= begin, UnansweredRow.at < end, UnansweredRow.guide_id.is_not(None))
            .group_by(UnansweredRow.guide_id)
        )
        with self._sessions() as session:
            return {str(guide_id): number for guide_id, number in session.execute(query)}

    def mark(self) -> tuple[int, int]:
        """Return what changes whenever the queue does: how many wait, and the id of the newest."""
        query = select(func.count(), func.max(UnansweredRow.id)).where(
            UnansweredRow.how.is_(None), UnansweredRow.at >= self._clock() - KEPT
        )
        with self._sessions() as session:
            count, newest = session.execute(query).one()
        return count, newest or 0

    def clusters(self, limit: int = 100) -> list[Cluster]:
        """Return what people ask in vain, like questions together, the most asked first."""
        return cluster(self.waiting())[:limit]

    def settle(
        self, question_ids: Collection[int], how: How | str, by: str, guide_id: str | None = None
    ) -> list[Question]:
        """Take questions out of the queue; return those that were in it, with their texts."""
        with writing(self._sessions) as session:
            waiting = UnansweredRow.how.is_(None)
            rows = session.scalars(
                select(UnansweredRow).where(UnansweredRow.id.in_(question_ids), waiting)
            ).all()
            session.execute(
                update(UnansweredRow)
                .where(UnansweredRow.id.in_(question_ids), waiting)
                .values(how=How(how), settled_by=by, settled_at=self._clock(), settled_guide=guide_id)
            )
        settled = (self._question(row) for row in rows)
        return [question for question in settled if question is not None]

    def reopen(self, question_ids: Collection[int], by: str) -> list[Question]:
        """Put back into the queue what a member of staff had settled; return those that came back."""
        theirs = (
            UnansweredRow.id.in_(question_ids),
            UnansweredRow.how.is_not(None),
            UnansweredRow.settled_by == by,
        )
        with writing(self._sessions) as session:
            rows = session.scalars(select(UnansweredRow).where(*theirs)).all()
            session.execute(
                update(UnansweredRow)
                .where(*theirs)
                .values(how=None, settled_by=None, settled_at=None, settled_guide=None)
            )
        reopened = (self._question(row) for row in rows)
        return [question for question in reopened if question is not None]

    def purge_expired(self) -> int:
        """Delete what is older than ninety days, settled or not; return how many."""
        with self._sessions.begin() as session:
            done = session.execute(delete(UnansweredRow).where(UnansweredRow.at < self._clock() - KEPT))
            return cast("CursorResult[Any]", done).rowcount

    def _question(self, row: UnansweredRow) -> Question | None:
        try:
            text = self._open(row.sealed).decode()
        except Exception:  # noqa: BLE001  (whatever `open` raises: its key is gone, so is the text)
            return None
        return Question(row.id, text, row.reason, row.door, row.guide_id, row.at)


def insert_rows(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what `Unanswered.row` made; a turn that is there already stays as it is."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    if rows:
        connection.execute(insert(UnansweredRow).on_conflict_do_nothing(), [dict(row) for row in rows])


def leave_row(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Insert a question that its person left for staff; return False where it was left already.

    A turn that is there for another reason is left from now on.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    left = str(Reason.LEFT)
    query = (
        insert(UnansweredRow)
        .values(dict(row))
        .on_conflict_do_update(
            index_elements=["turn_id"], set_={"reason": left}, where=UnansweredRow.reason != left
        )
        .returning(UnansweredRow.id)
    )
    # Not the row count: on PostgreSQL an insert has none.
    return connection.execute(query).first() is not None


def forget_rating(connection: Connection, turn_id: str) -> None:
    """Take a badly rated question back out of the queue; one that is there for another reason stays."""
    connection.execute(
        delete(UnansweredRow).where(
            UnansweredRow.turn_id == turn_id,
            UnansweredRow.reason == str(Reason.RATED_BADLY),
            UnansweredRow.how.is_(None),
        )
    )


def texts_of(questions: Iterable[Question]) -> list[str]:
    """Return the distinct texts of questions, as first asked."""
    return list(dict.fromkeys(question.text for question in questions))
