"""`python -m tests.cases.work_and_die URL FOLDER KILLS`: work cases in child processes killed anywhere.

A child files cases and moves them by the desk's code, and sends their notices; it writes a line to a file for
each thing that was acknowledged to it, and only then. Every other child is killed at a certain point, each at
another: before or after an SQL statement, before or after a commit; the others after a random time. After
each kill the parent looks whether what was acknowledged is there, whole and once. Prints what it saw as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select

from cases.case import CaseKind, CaseStatus, Request
from cases.desk import Desk
from cases.notices.notice import Notice
from cases.notices.outbox import Handed, Outbox
from cases.sealing import Sealer
from cases.tables import CaseEventRow, CaseRow, NoticeRow, NoticeState
from hall.database import migrate_engine, open_engine, open_sessions
from tests.cases.working import ACTS, WAYS, a_move, open_departments
from tests.hall.publish_and_die import at_each_point, die_at, in_child

CASES = 1
NOW = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
WAY = (*WAYS[CaseStatus.IN_PROGRESS], CaseStatus.PAUSED, CaseStatus.IN_PROGRESS)


class Hall:
    """A case store that each process opens anew, and the file of what was acknowledged."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._acknowledged = folder / "acknowledged"
        self._acknowledged.touch()

    def set_up(self) -> None:
        """Make the tables and open the departments."""
        engine = open_engine(self._url)
        migrate_engine(engine)
        open_departments(self._desk(engine))
        engine.dispose()

    def work(self, run: str, ready: Callable[[Engine], None] = lambda engine: None) -> None:
        """File a few cases, move each a few times, and send what is owed."""
        engine = open_engine(self._url)
        ready(engine)
        desk = self._desk(engine)
        outbox = Outbox(desk.store, run)
        for count in range(CASES):
            key = f"{run}/{count}"
            receipt = desk.file_case(request(key))
            self._write("filed", key, receipt.number, receipt.code)
            for step in WAY:
                desk.move(receipt.number, a_move(step, ACTS[step]))
                self._write("moved", receipt.number, step.value)
            outbox.send(self._keep_sent)
        engine.dispose()

    def look(self, is_thorough: bool) -> tuple[int, int]:
        """Return the numbers of cases and entries; fails where what was acknowledged is not there, once."""
        engine = open_engine(self._url)
        desk = self._desk(engine)
        lines = [line.split() for line in self._acknowledged.read_text().splitlines()]
        filed = {line[1]: (line[2], line[3]) for line in lines if line[0] == "filed"}
        moved: Counter[str] = Counter(line[1] for line in lines if line[0] == "moved")
        with open_sessions(engine)() as session:
            by_key = dict(session.execute(select(CaseRow.request_key, CaseRow.number)).all())
            moves = select(CaseEventRow.number, func.count()).where(CaseEventRow.kind == "moved")
            made = dict(session.execute(moves.group_by(CaseEventRow.number)).all())
            entries = session.scalar(select(func.count()).select_from(CaseEventRow)) or 0
            sent = set(session.scalars(select(NoticeRow.id).where(NoticeRow.state == NoticeState.SENT)))
        told = {int(line[1]) for line in lines if line[0] == "sent"}
        assert sent <= told, f"marked as sent, and never sent: {sent - told}"
        for key, (number, _) in filed.items():
            assert by_key.get(key) == number, f"{key} was acknowledged as {number}, and is {by_key.get(key)}"
        for number, count in moved.items():
            assert made.get(number, 0) >= count, (
                f"{number}: {count} moves acknowledged, {made.get(number)} made"
            )
        assert len(set(by_key.values())) == len(by_key)
        if is_thorough:
            assert desk.verify() == []
            for key, (number, code) in list(filed.items())[-5:]:
                again = desk.file_case(request(key))
                assert (again.number, again.code, again.is_new) == (number, code, False)
        engine.dispose()
        return len(by_key), entries

    def finish(self) -> int:
        """Send what is still owed, an hour later; return how many notices were never handed out."""
        engine = open_engine(self._url)
        desk = Desk(open_sessions(engine), Sealer([bytes(32)]), lambda: NOW + timedelta(hours=1))
        outbox = Outbox(desk.store, "last")
        while outbox.send(self._keep_sent, most=200):
            pass
        with open_sessions(engine)() as session:
            owed = set(session.scalars(select(NoticeRow.id)))
        lines = [line.split() for line in self._acknowledged.read_text().splitlines()]
        engine.dispose()
        return len(owed - {int(line[1]) for line in lines if line[0] == "sent"})

    def _keep_sent(self, notice: Notice) -> Handed:
        self._write("sent", str(notice.id))
        return Handed.SENT

    def _desk(self, engine: Engine) -> Desk:
        return Desk(open_sessions(engine), Sealer([bytes(32)]), lambda: NOW)

    def _write(self, *words: str) -> None:
        # One write of one line: a kill leaves it whole or not there.
        with self._acknowledged.open("ab", buffering=0) as file:
            file.write((" ".join(words) + "\n").encode())


def request(key: str) -> Request:
    """Return a request under this key."""
    return Request(key, CaseKind.REPAIR, "楼道灯不亮了", "3号楼", None, "13812345678", "chat", "one")


def main() -> None:
    """Kill, look, and print what was seen."""
    url, folder, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    hall = Hall(url, folder)
    hall.set_up()
    passed: list[int] = []
    hall.work("rehearsal", at_each_point(lambda: passed.append(1)))
    started = time.monotonic()
    hall.work("clock")
    seconds = time.monotonic() - started
    chance = random.Random(4)
    seen: Counter[str] = Counter()
    for kill in range(kills):
        if kill % 2:
            ended = in_child(lambda kill=kill: hall.work(f"run{kill}"), chance.uniform(0, seconds))  # type: ignore[misc]
        else:
            point = die_at(1 + kill * len(passed) // kills)
            ended = in_child(lambda kill=kill, point=point: hall.work(f"run{kill}", at_each_point(point)))  # type: ignore[misc]
        seen["ended" if ended else "killed"] += 1
        cases, entries = hall.look(is_thorough=kill % 20 == 19)
    cases, entries = hall.look(is_thorough=True)
    report = {"points": len(passed), "seconds": seconds, "cases": cases, "entries": entries, **seen}
    sys.stdout.write(json.dumps({**report, "never_sent": hall.finish()}) + "\n")


if __name__ == "__main__":
    main()
