"""Lets time pass in one conversation of a running hall: its traces in both databases become older."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text, update

from bot.tables import TalkRow
from bot.turn import Turn
from hall.settings import read_settings
from hall.wiring import Wiring
from tests.running_hall import RunningHall

_OLDER = "events = :events, updated_at = updated_at - :seconds"


def let_pass(hall: RunningHall, turn: Turn, minutes: float) -> None:
    """Make the talk of `turn` that much older, for the hall and for Rasa."""
    settings = read_settings({"LINLI_FOLDER": str(hall.folder)})
    if not (hall.folder / "linli.db").exists():
        pytest.skip("this hall keeps its databases elsewhere; time passes in the other one")
    wiring = Wiring(settings)
    key = wiring.conversation.key_of(turn)
    with wiring.sessions.begin() as session:
        before = wiring.clock() - timedelta(minutes=minutes)
        session.execute(update(TalkRow).where(TalkRow.key == key).values(updated_at=before))
    wiring.engine.dispose()
    _age_tracker(settings.tracker_url, key, minutes * 60)


def _age_tracker(url: str, key: str, seconds: float) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        row = connection.execute(
            text("SELECT events FROM tracker WHERE sender_id = :key"), {"key": key}
        ).first()
        if row is not None:
            events = [
                {**event, "timestamp": (event.get("timestamp") or 0) - seconds}
                for event in json.loads(row.events)
            ]
            connection.execute(
                text(f"UPDATE tracker SET {_OLDER} WHERE sender_id = :key"),
                {"events": json.dumps(events), "seconds": seconds, "key": key},
            )
    engine.dispose()
