"""What the conversation remembers between turns: where a talk stands, which messages were answered."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, bindparam, delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.recording import Entry, Recorder
from bot.tables import RatingRow, TalkRow, TurnRow
from bot.talk import Offered
from bot.talk import Talk as Talk
from cases.sealing import Sealer, Unopenable
from cases.status import LookUpField
from knowledge.transactions import writing
from knowledge.unanswered import Missed, Reason, Unanswered, forget_rating, insert_rows, leave_row
from language.moments import Clock
from language.reply import Decision, Reply

# As long as Rasa keeps a session: after that "要带什么材料" has no subject any more.
TALK_LASTS = timedelta(minutes=30)
# Whoever left a request unfinished is told so the next time, unless that is long ago.
ABANDONED_KEPT = timedelta(days=3)
# Platforms send a message again for minutes or hours, not for days.
REPLIES_KEPT = timedelta(days=1)
# Turns hold no words. Thirteen months, so that a month can be laid beside the same one a year ago.
TURNS_KEPT = timedelta(days=400)
BAD_STARS = 2
# The columns, not the mapped class: a row is only read, and no session has to watch it.
_RECALLED = select(TalkRow.__table__).where(TalkRow.__table__.c.key == bindparam("key"))
_IN_VAIN = (str(Decision.DECLINE), str(Decision.CLARIFY))


@dataclass(frozen=True)
class TurnRecord:
    """What is kept of a turn. `question` holds no personal data; `missed` is set where it went badly."""

    turn_id: str
    key: str
    message_id: str | None
    channel: str
    milliseconds: int
    question: str | None = None
    missed: Missed | None = None


@dataclass(frozen=True)
class Left:
    """A question that was left for staff; `is_new` is False where it had been left before."""

    question: str
    is_new: bool


class TurnUnknown(Exception):
    """No such turn in this conversation."""


class Memory:
    """Reads and writes the conversation's tables."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        sealer: Sealer,
        clock: Clock,
        unanswered: Unanswered | None = None,
    ) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock
        self._unanswered = unanswered
        engine = sessions().get_bind()
        if not isinstance(engine, Engine):
            raise TypeError("the conversation's memory needs sessions of an engine, which all threads share")
        self._engine = engine
        self._recorder = Recorder(engine)

    async def recall_soon(self, key: str) -> Talk:
        """Return what `recall` does. From a file that takes less than the way to a thread and back."""
        if self._engine.dialect.name == "sqlite":
            return self.recall(key)
        return await asyncio.to_thread(self.recall, key)

    def recall(self, key: str) -> Talk:
        """Return where the talk stands; a fresh one after half an hour of silence.

        A fresh one still knows for three days that a request was left unfinished.
        """
        with self._engine.connect() as connection:
            row = connection.execute(_RECALLED, {"key": key}).first()
        if row is None:
            return Talk()
        silence = self._clock() - row.updated_at
        if silence > TALK_LASTS:
            was_filing = row.asks is not None and row.asks not in list(LookUpField)
            return Talk(abandoned=was_filing and silence <= ABANDONED_KEPT)
        talk = Talk(row.guide, row.asks, row.clarified, row.aspect, row.failures, row.last_turn)
        return self._unseal(talk, row)

    def _unseal(self, talk: Talk, row: Row[Any]) -> Talk:
        if row.sealed_offered is None:
            return talk
        try:
            return talk.with_sealable(self._sealer.open(row.sealed_offered, f"talk/{row.key}"))
        except Unopenable:
            return talk  # sealed under a key that is gone: nothing can be picked any more

    def forget(self, key: str) -> None:
        """Forget a talk that has ended with its visitor: where it stood and what was said in it."""
        with self._sessions.begin() as session:
            session.execute(delete(TalkRow).where(TalkRow.key == key))
            session.execute(
                update(TurnRow).where(TurnRow.key == key).values(sealed_reply=None, sealed_question=None)
            )

    def answered(self, key: str, message_id: str) -> Reply | None:
        """Return the reply that this message got already, or None."""
        with self._sessions() as session:
            row = session.scalar(select(TurnRow).where(TurnRow.key == key, TurnRow.message_id == message_id))
        if row is None or row.sealed_reply is None:
            return None
        return Reply.from_wire(json.loads(self._sealer.open(row.sealed_reply, f"reply/{row.id}")))

    def record(self, turn: TurnRecord, reply: Reply, talk: Talk) -> None:
        """Keep the turn and where the talk stands now, in one transaction."""
        now = self._clock()
        sealed = None
        if turn.message_id is not None:
            sealed = self._sealer.seal(
                json.dumps(reply.to_wire(), ensure_ascii=False), f"reply/{turn.turn_id}"
            )
        row = {
            "id": turn.turn_id,
            "key": turn.key,
            "message_id": turn.message_id,
            "at": now,
            "channel": turn.channel,
            "decision": str(reply.decision),
            "handled_by": str(reply.handled_by),
            "guide": reply.guide.id if reply.guide else None,
            "aspect": reply.aspect,
            "confidence": reply.confidence,
            "milliseconds": turn.milliseconds,
            "sealed_reply": sealed,
            "sealed_question": self._seal_question(turn),
        }
        # Where another process answered the same message at the same moment, its record stands.
        stands = self._stands(turn.key, talk, now)
        missed = None
        if self._unanswered is not None and turn.missed is not None:
            missed = self._unanswered.row(turn.missed, turn.channel, now, turn.turn_id)
        self._recorder.write(Entry(row, stands, missed))

    def offer(self, key: str, reply: Reply, until: datetime) -> None:
        """Let words pick until then from a reply that came unasked, such as a notice.

        In the middle of a form nothing changes: there words are values.
        """
        talk = self.recall(key)
        if talk.asks is None:
            after = replace(talk, offered=Offered.by(reply, until), awaits=None)
            self._recorder.keep_talk(self._stands(key, after, self._clock()))

    def _stands(self, key: str, talk: Talk, now: datetime) -> dict[str, Any]:
        return {
            "key": key,
            "guide": talk.guide,
            "asks": talk.asks,
            "clarified": talk.clarified,
            "aspect": talk.aspect,
            "failures": talk.failures,
            "last_turn": talk.last_turn,
            "sealed_offered": self._sealer.seal(talk.sealable(), f"talk/{key}"),
            "updated_at": now,
        }

    def _seal_question(self, turn: TurnRecord) -> bytes | None:
        if self._unanswered is None or turn.question is None:
            return None
        return self._sealer.seal(turn.question, f"question/{turn.turn_id}")

    def leave(self, key: str) -> Left | None:
        """Leave for staff what this talk asked in vain last, else what it asked last; None where nothing was.

        The same question is left once.
        """
        asked = (
            select(TurnRow)
            .where(
                TurnRow.key == key,
                TurnRow.sealed_question.is_not(None),
                TurnRow.at >= self._clock() - TALK_LASTS,
            )
            .order_by(TurnRow.decision.in_(_IN_VAIN).desc(), TurnRow.at.desc())
            .limit(1)
        )
        with self._sessions() as session:
            turn = session.scalar(asked)
        if turn is None or turn.sealed_question is None or self._unanswered is None:
            return None
        try:
            question = self._sealer.open(turn.sealed_question, f"question/{turn.id}")
        except Unopenable:
            return None
        row = self._unanswered.row(
            Missed(question, Reason.LEFT, turn.guide), turn.channel, self._clock(), turn.id
        )
        if row is None:
            return None
        with self._sessions.begin() as session:
            return Left(question, leave_row(session.connection(), row))

    def rate(self, key: str, turn_id: str, stars: int, reason: str) -> bool:
        """Keep a rating of 1 to 5 stars; return whether it replaces one.

        Raises TurnUnknown for a turn of another conversation.
        """
        with self._sessions.begin() as session:
            # It reads in order to write: SQLite would refuse it while another one writes.
            session.connection(execution_options={"sqlite_immediate": True})
            turn = session.get(TurnRow, turn_id)
            if turn is None or turn.key != key:
                raise TurnUnknown
            row = session.scalar(select(RatingRow).where(RatingRow.turn_id == turn_id))
            is_second = row is not None
            if row is None:
                row = RatingRow(turn_id=turn_id, key=key)
                session.add(row)
            self._write_rating(row, stars, reason)
            self._note_rating(session, turn, stars)
        return is_second

    def _note_rating(self, session: Session, turn: TurnRow, stars: int) -> None:
        """Put a badly rated answer before staff; take it back where the person thought better of it."""
        if self._unanswered is None:
            return
        if stars > BAD_STARS:
            forget_rating(session.connection(), turn.id)
            return
        try:
            sealed = turn.sealed_question
            question = self._sealer.open(sealed, f"question/{turn.id}") if sealed else ""
        except Unopenable:
            return
        missed = Missed(question, Reason.RATED_BADLY, turn.guide)
        row = self._unanswered.row(missed, turn.channel, self._clock(), turn.id)
        insert_rows(session.connection(), [row] if row is not None else [])

    def rate_visit(self, key: str, stars: int, reason: str) -> bool:
        """Keep a rating of the whole visit; return whether it replaces one of the same visit."""
        rated = select(RatingRow).where(
            RatingRow.key == key, RatingRow.turn_id.is_(None), RatingRow.at >= self._clock() - TALK_LASTS
        )
        with writing(self._sessions) as session:
            row = session.scalars(rated.order_by(RatingRow.at.desc())).first()
            is_second = row is not None
            if row is None:
                row = RatingRow(key=key)
                session.add(row)
            self._write_rating(row, stars, reason)
        return is_second

    def _write_rating(self, row: RatingRow, stars: int, reason: str) -> None:
        row.stars = stars
        row.sealed_reason = self._sealer.seal(reason, f"rating/{row.key}") if reason else None
        row.at = self._clock()

    def purge_expired(self) -> None:
        """Forget talks that have ended, sealed texts after a day, and turns after thirteen months."""
        oldest = self._clock() - REPLIES_KEPT
        with self._sessions.begin() as session:
            ended = TalkRow.updated_at < self._clock() - TALK_LASTS
            session.execute(update(TalkRow).where(ended).values(sealed_offered=None))
            unfinished = TalkRow.asks.is_not(None) & (TalkRow.updated_at >= self._clock() - ABANDONED_KEPT)
            session.execute(delete(TalkRow).where(TalkRow.updated_at < oldest, ~unfinished))
            session.execute(
                update(TurnRow)
                .where(
                    TurnRow.at < oldest,
                    TurnRow.sealed_reply.is_not(None) | TurnRow.sealed_question.is_not(None),
                )
                .values(sealed_reply=None, sealed_question=None)
            )
            session.execute(delete(TurnRow).where(TurnRow.at < self._clock() - TURNS_KEPT))
            session.execute(delete(RatingRow).where(RatingRow.at < self._clock() - TURNS_KEPT))
