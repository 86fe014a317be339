"""A request in a talk: filed once and whole, found in its estate's group, and hinted at where it is known."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import sessionmaker

import cases.places
from cases.case import CaseStatus
from cases.desk import Desk
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.privacy.reading import read_masked
from cases.sealing import Sealer
from cases.tables import Base, CaseRow
from cases.vault import Vault
from language.reply import Decision
from tests.actions.form_talk import FormTalk
from tests.cases.conftest import HandClock
from tests.cases.test_desk import all_columns
from tests.cases.working import bring

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
SEALER = Sealer([bytes(range(32))])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample's places, made once."""
    file = tmp_path_factory.mktemp("filing") / "cases.db"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    Places(Desk(sessionmaker(engine), SEALER, HandClock()).store).replace(read_registry(SAMPLE))
    engine.dispose()
    return file


@pytest.fixture
def engine(prepared: Path, tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{shutil.copy(prepared, tmp_path)}")
    yield engine
    engine.dispose()


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(sessionmaker(engine), SEALER, HandClock())


@pytest.fixture
def vault(engine: Engine) -> Vault:
    return Vault(sessionmaker(engine), SEALER, HandClock())


def filed(desk: Desk) -> list[CaseRow]:
    with desk.store.sessions() as session:
        return list(session.scalars(select(CaseRow).order_by(CaseRow.number)))


def test_the_answer_to_the_own_question_is_kept_by_token_and_filed(desk: Desk, vault: Vault) -> None:
    talk = FormTalk(desk, vault)
    talk.say("厨房漏水", "file_request")
    assert "水还在流吗" in talk.say("梧桐苑3号楼").text
    talk.say("还在流，漏到楼下了")
    assert talk.slots["details"].startswith("[[field:")
    assert "漏到楼下了" in talk.say("不留", "skip").text
    assert talk.say("确认", "affirm").decision is Decision.CASE
    (row,) = filed(desk)
    assert read_masked(desk.store, row.number).details == "水还在流吗？ 还在流，漏到楼下了"


def test_filing_again_after_a_kill_is_the_same_case(desk: Desk, vault: Vault) -> None:
    talk = FormTalk(desk, vault)
    for text in ("楼道灯不亮", "梧桐苑3号楼", "不留", "确认"):
        reply = talk.say(text, "file_request" if not talk.slots else "inform")
    again = talk.file()
    assert reply.case is not None
    assert again.case == reply.case
    assert len(filed(desk)) == 1
    assert desk.verify() == []


def test_a_building_said_in_its_estates_group_is_found_without_asking(desk: Desk, vault: Vault) -> None:
    talk = FormTalk(desk, vault, "group", "group-w")
    asked = talk.say("3号楼楼道灯不亮了", "file_request")
    assert asked.asks == "consent"
    read_back = talk.say("不留", "skip")
    assert "梧桐苑" not in read_back.text
    talk.say("确认", "affirm")
    (row,) = filed(desk)
    assert (row.grid, row.building, row.channel) == ("g1", "w-3", "group")
    assert read_masked(desk.store, row.number).place == "梧桐苑3号楼"


def test_a_building_named_when_it_is_asked_for_is_the_groups_too(desk: Desk, vault: Vault) -> None:
    talk = FormTalk(desk, vault, "group", "group-y")
    assert talk.say("楼道灯不亮了", "file_request").asks == "place"
    for text in ("3号楼", "不留", "确认"):
        talk.say(text)
    assert [row.building for row in filed(desk)] == ["y-3"]


@pytest.mark.parametrize("group", [None, "a group that nobody registered", "g" * 200])
def test_elsewhere_the_place_is_asked(desk: Desk, vault: Vault, group: str | None) -> None:
    talk = FormTalk(desk, vault, "group" if group else "chat", group)
    assert talk.say("3号楼楼道灯不亮了", "file_request").asks == "place"
    for text in ("3号楼", "不留", "确认"):
        talk.say(text)
    assert [row.building for row in filed(desk)] == [None]


def test_the_id_of_the_group_is_in_no_slot_and_nowhere_in_clear(
    desk: Desk, vault: Vault, engine: Engine
) -> None:
    talk = FormTalk(desk, vault, "group", "wx-secret-group-7")
    for text in ("楼道灯不亮", "梧桐苑3号楼", "不留", "确认"):
        talk.say(text, "file_request" if not talk.slots else "inform")
        assert "wx-secret-group-7" not in str(talk.slots)
    assert b"wx-secret-group-7" not in all_columns(engine)


def test_the_read_back_says_that_a_neighbour_reported_it_while_it_is_worked_on(
    desk: Desk, vault: Vault
) -> None:
    def read_back(name: str) -> str:
        talk = FormTalk(desk, vault, "group", name)
        for text in ("楼道灯不亮", "梧桐苑3号楼"):
            talk.say(text, "file_request" if not talk.slots else "inform")
        reply = talk.say("不留", "skip")
        assert talk.say("确认", "affirm").decision is Decision.CASE
        return reply.text

    assert "已经有人反映过" not in read_back("a")
    assert "已经有人反映过楼道照明" in read_back("b")
    for row in filed(desk):
        bring(desk, row.number, CaseStatus.RESOLVED)
    assert "已经有人反映过" not in read_back("c")


def test_a_look_up_that_fails_stops_no_filing(desk: Desk, vault: Vault, engine: Engine) -> None:
    talk = FormTalk(desk, vault)
    for text in ("楼道灯不亮", "梧桐苑3号楼"):
        talk.say(text, "file_request" if not talk.slots else "inform")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE place_building RENAME TO gone")
    assert talk.say("不留", "skip").asks == "confirmed"
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO place_building")
    assert talk.say("确认", "affirm").decision is Decision.CASE
