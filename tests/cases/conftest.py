"""A case store for each test, once on SQLite and once on PostgreSQL (`database_url`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from cases.case import CaseKind, Request
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base
from cases.vault import Vault

KEY = bytes(range(32))
PHONE = "13812345678"


@dataclass
class HandClock:
    """A clock that a test turns by hand."""

    now: datetime = field(default_factory=lambda: datetime(2026, 6, 11, 2, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer([KEY])


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(sessions: sessionmaker[Session], sealer: Sealer, clock: HandClock) -> Desk:
    return Desk(sessions, sealer, clock)


@pytest.fixture
def vault(sessions: sessionmaker[Session], sealer: Sealer, clock: HandClock) -> Vault:
    return Vault(sessions, sealer, clock)


@pytest.fixture
def make_request() -> Callable[..., Request]:
    def make(key: str = "key-1", **changes: object) -> Request:
        values: dict[str, object] = {
            "kind": CaseKind.REPAIR,
            "description": "3号楼二楼楼道灯不亮了",
            "place": "张江路100弄3号楼",
            "contact_name": "王建国",
            "contact_phone": PHONE,
            "channel": "chat",
            "conversation": "conversation-1",
        }
        return Request(key=key, **{**values, **changes})  # type: ignore[arg-type]

    return make
