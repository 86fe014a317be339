"""What the knowledge tests share: a guide as plain data, and an empty database."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

import knowledge.curation_tables  # noqa: F401  (its tables belong to the same Base)
from knowledge.tables import Base
from tests.knowledge.curation import Room, open_room

PERMIT: dict[str, Any] = {
    "id": "residence-permit-first",
    "title": "上海市居住证申领(首次)",
    "plain_name": "办居住证（第一次办）",
    "aliases": ["居住证", "办居住证"],
    "department": "公安(居住证/人口)",
    "theme": "户籍证件",
    "life_events": ["来沪"],
    "popularity": 95,
    "audience": "境内来沪人员",
    "conditions": ["办过居住登记满半年"],
    "materials": [
        {"name": "居民身份证", "form": "copy", "count": 1, "note": "验原件"},
        {"name": "居住证明", "form": "original", "when": "住址有变时"},
    ],
    "steps": ["到窗口交材料", "等通知取证"],
    "where": ["任一街镇社区事务受理服务中心"],
    "hours": None,
    "time_limit": {"text": "一般15个工作日", "promised_days": 15},
    "fee": "首次免工本费",
    "amounts": [{"what": "补证工本费", "value": "20元", "year": "2022"}],
    "result": "《上海市居住证》",
    "basis": ["《上海市居住证管理办法》"],
    "phones": [{"number": "12345", "label": "上海市民热线"}],
    "online": ["随申办"],
    "agent": {"allowed": "conditional", "text": "近亲属可代办"},
    "neighbours": [{"title": "来沪人员居住登记", "differs": "只登记住址，不发证"}],
    "phrasings": [
        "居住证怎么办",
        "第一次办居住证要什么",
        "外地人办居住证",
        "想办张居住证",
        "居住证去哪办",
        "申请居住证",
    ],
    "english": {
        "title": "Shanghai Residence Permit: First Application",
        "phrasings": ["how do I get a residence permit", "first residence card"],
    },
    "notes": "旧细则口径不同。\n以现行细则为准。",
    "status": "current",
    "sources": [
        {
            "title": "2022年居住证办理条件",
            "url": "https://example.cn/a",
            "date": "2022-03-08",
            "fields": ["audience", "conditions", "materials", "steps", "where", "fee", "amounts"],
        },
        {
            "title": "管理办法",
            "date": "2018",
            "fields": ["time_limit", "result", "basis", "phones", "online", "agent", "materials"],
        },
    ],
    "completeness": "full",
}


@pytest.fixture
def permit() -> dict[str, Any]:
    """A valid guide as plain data, free to change."""
    return copy.deepcopy(PERMIT)


@pytest.fixture
def other_guide() -> Callable[[str], dict[str, Any]]:
    """Makes a small valid guide that shares no wording with any other."""

    def make(guide_id: str) -> dict[str, Any]:
        return {
            "id": guide_id,
            "title": f"事项{guide_id}",
            "plain_name": f"办{guide_id}",
            "department": "民政",
            "theme": "便民服务",
            "completeness": "pointer",
        }

    return make


@pytest.fixture
def sessions() -> Iterator[sessionmaker[Session]]:
    """Sessions on an empty database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


@pytest.fixture
def room(database_url: str) -> Iterator[Room]:
    """Editors, reviewers and releases on an empty database, SQLite and PostgreSQL."""
    with open_room(database_url) as opened:
        yield opened
