"""Every door files through the one desk: a whole case, and the same one however often it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import sessionmaker

from cases.arrivals.hotline import import_sheet
from cases.desk import Desk
from cases.privacy.reading import read_masked
from cases.sealing import Sealer
from cases.tables import Base, CaseEventRow, CaseRow, NoticeRow
from cases.vault import Vault
from cases.work.tables import ClockRow
from language.moments import utc_now
from staff.roles import Role
from tests.actions.form_talk import FormTalk
from tests.kiosk.fakes import make_hall
from tests.kiosk.served import ServedHall
from tests.staff.served import ServedConsole, database

TOLD = {"description": "二楼的楼道灯不亮了", "place": "梧桐苑3号楼"}
Door = tuple[Desk, Callable[[], object]]


def bare_desk(folder: Path) -> tuple[Desk, Vault]:
    sessions = sessionmaker(create_engine(f"sqlite:///{folder / 'cases.db'}"))
    Base.metadata.create_all(sessions.kw["bind"])
    sealer = Sealer([bytes(32)])
    return Desk(sessions, sealer, utc_now), Vault(sessions, sealer, utc_now)


@contextmanager
def talk(folder: Path, channel: str) -> Iterator[Door]:
    desk, vault = bare_desk(folder)
    form = FormTalk(desk, vault, channel, "group-w" if channel == "group" else None)
    form.say(TOLD["description"], "file_request")
    form.say(TOLD["place"])
    form.say("不留", "skip")
    # Rasa saves a talk after its action: a kill in between does the action once more, with the same slots.
    form.slots["confirmed"] = "yes"
    yield desk, form.file


@contextmanager
def kiosk(folder: Path, _: str) -> Iterator[Door]:
    hall = make_hall(folder)
    served = ServedHall(hall, "every_door")
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        client.get("/kiosk/form?kind=repair")
        for step, value in (("kind", "repair"), *TOLD.items()):
            client.post("/kiosk/form", data={"step": step, "value": value})
        client.post("/kiosk/form", data={"step": "consent", "action": "skip"})
        submit = {"step": "confirmed", "action": "submit"}
        yield hall.needs.desk, lambda: client.post("/kiosk/form", data=submit)
    served.close()


@contextmanager
def console(folder: Path, channel: str) -> Iterator[Door]:
    served = ServedConsole.start(database(folder), "every_door")
    served.member("boss", Role.ADMIN)
    clerk = served.signed_in("clerk", Role.CASE_STAFF)
    typed = {**TOLD, "key": "0" * 32, "channel": channel, "kind": "repair"}
    yield served.means.casework.desk, lambda: clerk.post("/staff/cases/-/new", typed)
    served.close()


@contextmanager
def hotline(folder: Path, _: str) -> Iterator[Door]:
    desk, _vault = bare_desk(folder)
    book = Workbook()
    for row in (["工单编号", "诉求内容", "诉求地址"], ["SH-1", *TOLD.values()]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(folder / "12345.xlsx")
    yield desk, lambda: import_sheet(desk, folder / "12345.xlsx", "clerk")


DOORS = {
    "chat": talk,
    "group": talk,
    "kiosk": kiosk,
    "window": console,
    "phone": console,
    "hotline": hotline,
}


@pytest.mark.parametrize("channel", DOORS)
def test_each_door_files_a_whole_case_once(channel: str, tmp_path: Path) -> None:
    with DOORS[channel](tmp_path, channel) as (desk, file):
        file()
        file()
        with desk.store.sessions() as session:
            (row,) = session.scalars(select(CaseRow)).all()
            counted = [
                session.scalar(select(func.count()).select_from(table).where(table.number == row.number))
                for table in (CaseEventRow, NoticeRow, ClockRow)
            ]
        assert counted == [1, 1, 2]
        assert (row.channel, row.category, row.status) == (channel, "hallway-light", "received")
        record = read_masked(desk.store, row.number)
        assert (record.description, record.place) == tuple(TOLD.values())
        assert desk.verify() == []
