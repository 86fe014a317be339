"""Bursts are proposed, merged by who decides first, or said to be several matters; nothing merges alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

import cases.places
from cases.case import Actor, CaseError, CaseStatus, Incomplete, NotYours, Request
from cases.desk import Desk
from cases.figures.proposals import (
    AlreadyDecided,
    HasGrown,
    Merged,
    NoSuchProposal,
    Proposal,
    Proposals,
    State,
)
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.tables import CaseRow, NoticeRow
from cases.work.moving import Move
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, CHEN, LI, WANG, bring, open_departments

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
CLERKS = 6


class Street:
    """A street whose water fails: each filing is another resident's."""

    def __init__(self, desk: Desk, make_request: Callable[..., Request]) -> None:
        self.desk, self._make = desk, make_request
        self.proposals = Proposals(desk.store)
        open_departments(desk)
        Places(desk.store).replace(read_registry(SAMPLE))

    def file(self, key: str, place: str = "梧桐苑1号楼", **changes: object) -> str:
        wanted = {"place": place, "category": "water-supply", "conversation": key, **changes}
        return self.desk.file_case(self._make(key, **wanted)).number

    def only(self) -> Proposal:
        self.desk.tick()
        (proposal,) = self.proposals.waiting()
        return proposal

    def accept_all(self, proposal: Proposal, actor: Actor = LI) -> Merged:
        numbers = proposal.numbers
        return self.proposals.accept(proposal.id, actor, proposal.suggested, numbers, numbers)

    def status(self, number: str) -> tuple[str, str | None]:
        with self.desk.store.sessions() as session:
            row = session.get(CaseRow, number)
            assert row is not None
            return row.status, row.master


@pytest.fixture
def street(desk: Desk, make_request: Callable[..., Request]) -> Street:
    return Street(desk, make_request)


def test_a_burst_of_the_night_is_still_proposed_in_the_morning(street: Street, clock: HandClock) -> None:
    numbers = tuple(street.file(key) for key in "abc")
    proposal = street.only()
    assert (proposal.grid, proposal.category, proposal.numbers) == ("g1", "water-supply", numbers)
    assert proposal.suggested == numbers[0]
    assert not proposal.is_again
    clock.turn(hours=10)
    street.desk.tick()
    assert [one.numbers for one in street.proposals.waiting()] == [numbers]
    assert {street.status(number)[0] for number in numbers} == {"received"}


def test_it_grows_while_it_waits(street: Street, clock: HandClock) -> None:
    numbers = [street.file(key) for key in "abc"]
    first = street.only()
    clock.turn(hours=5)
    numbers.append(street.file("d"))
    second = street.only()
    assert (second.id, second.numbers) == (first.id, tuple(numbers))
    with pytest.raises(HasGrown):
        street.accept_all(first)
    with pytest.raises(HasGrown):
        street.proposals.dismiss(first.id, LI, first.numbers)


def test_what_is_accepted_is_merged_with_a_notice_to_each_resident(street: Street) -> None:
    one, two, three = (street.file(key) for key in "abc")
    proposal = street.only()
    done = street.proposals.accept(proposal.id, LI, two, proposal.numbers, proposal.numbers)
    assert (done.master, done.merged, done.left) == (two, (one, three), ())
    assert street.status(two) == ("received", None)
    assert {street.status(one), street.status(three)} == {("merged", two)}
    with street.desk.store.sessions() as session:
        told = session.scalars(select(NoticeRow.number).where(NoticeRow.kind == "merged")).all()
    assert sorted(told) == sorted([one, three])
    street.desk.move(one, Move(CaseStatus.ACCEPTED, BOSS, "另一根水管"))
    street.desk.tick()
    assert street.proposals.waiting() == ()  # decided: staff know better
    assert street.desk.verify() == []


def test_only_what_is_chosen_is_merged_and_what_cannot_be_is_told(street: Street) -> None:
    one, two, three, four = (street.file(key) for key in "abcd")
    proposal = street.only()
    bring(street.desk, three, CaseStatus.RESOLVED)
    done = street.proposals.accept(proposal.id, BOSS, one, [two, three], proposal.numbers)
    assert (done.merged, done.left) == ((two,), (three,))
    assert [street.status(number)[0] for number in (one, three, four)] == ["received", "resolved", "received"]


def test_more_of_an_accepted_burst_go_to_the_same_master(street: Street) -> None:
    numbers = [street.file(key) for key in "abc"]
    proposal = street.only()
    street.proposals.accept(proposal.id, LI, numbers[1], numbers, numbers)
    street.desk.tick()
    assert street.proposals.waiting() == ()
    more = [street.file(key) for key in "de"]
    again = street.only()
    assert (again.numbers, again.suggested) == ((numbers[1], *more), numbers[1])


def test_what_is_dismissed_comes_back_when_it_grows(street: Street) -> None:
    numbers = [street.file(key) for key in "abc"]
    proposal = street.only()
    street.proposals.dismiss(proposal.id, LI, proposal.numbers)
    street.desk.tick()
    assert street.proposals.count() == 0
    numbers.append(street.file("d"))
    again = street.only()
    assert again.numbers == tuple(numbers)
    assert again.is_again
    assert again.id != proposal.id


def test_what_was_worked_one_by_one_is_proposed_no_more(street: Street) -> None:
    one, two, _ = (street.file(key) for key in "abc")
    proposal = street.only()
    for number in (one, two):
        bring(street.desk, number, CaseStatus.RESOLVED)
    assert street.proposals.waiting() == ()
    street.desk.tick()
    with pytest.raises(AlreadyDecided) as met:
        street.accept_all(proposal)
    assert met.value.state is State.PASSED


def test_of_clerks_who_accept_at_once_one_does(street: Street) -> None:
    numbers = [street.file(key) for key in "abcd"]
    proposal = street.only()
    together = Barrier(CLERKS)

    def accept(clerk: int) -> str:
        together.wait()
        actor = (LI, CHEN, BOSS)[clerk % 3]
        try:
            street.proposals.accept(proposal.id, actor, numbers[clerk % 4], numbers, numbers)
        except AlreadyDecided as late:
            return late.by
        return "first"

    with ThreadPoolExecutor(CLERKS) as threads:
        seen = list(threads.map(accept, range(CLERKS)))
    assert seen.count("first") == 1
    assert len(set(seen)) == 2  # all others are told who it was
    assert sorted(street.status(number)[0] for number in numbers) == ["merged"] * 3 + ["received"]
    assert street.desk.verify() == []


def test_what_staff_took_down_for_several_is_remembered_once_by_all_workers(street: Street) -> None:
    for key in "abc":
        street.file(key, channel="hotline", conversation="hotline")
    together = Barrier(CLERKS)

    def look(_: int) -> int:
        together.wait()
        return street.proposals.remember()

    with ThreadPoolExecutor(CLERKS) as threads:
        assert sum(threads.map(look, range(CLERKS))) == 1
    assert street.proposals.count() == 1


def test_nobody_else_decides_and_nothing_that_is_not_there(street: Street) -> None:
    numbers = [street.file(key) for key in "abc"]
    elsewhere = street.file("x", "银杏家园1号楼")
    proposal = street.only()
    refused: list[tuple[type[CaseError], Callable[[], object]]] = [
        (NotYours, lambda: street.accept_all(proposal, WANG)),
        (NotYours, lambda: street.proposals.dismiss(proposal.id, WANG, numbers)),
        (NoSuchProposal, lambda: street.proposals.dismiss(99, LI, numbers)),
        (Incomplete, lambda: street.proposals.accept(proposal.id, LI, elsewhere, numbers, numbers)),
        (Incomplete, lambda: street.proposals.accept(proposal.id, LI, numbers[0], [], numbers)),
    ]
    for kind, attempt in refused:
        with pytest.raises(kind):
            attempt()
    bring(street.desk, numbers[0], CaseStatus.RESOLVED)
    with pytest.raises(NotYours):  # a master that nobody works any more
        street.proposals.accept(proposal.id, LI, numbers[0], numbers, numbers)
    with street.desk.store.sessions() as session:
        merged = select(func.count()).select_from(CaseRow).where(CaseRow.status == "merged")
        assert session.scalar(merged) == 0
    assert street.proposals.count() == 1
