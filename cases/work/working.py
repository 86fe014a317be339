"""What staff do with a case besides moving it: assist, whistle, link, note, sort."""

from __future__ import annotations

from collections.abc import Sequence

from cases.case import ENDED, Actor, ActorRole, CaseStatus, Incomplete, NotYours
from cases.store import Store, Told, Writing
from cases.tables import CaseRow, EventKind
from cases.work import joint, links, whistles
from cases.work.deadlines import Term
from cases.work.moving import NOTE_MAX_CHARS, resolve_term
from cases.work.whistles import Call


class Working:
    """Acts of staff on one case, each a transaction; all raise NoSuchCase, NotYours and Incomplete."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def call_in(self, number: str, department: str, actor: Actor, term: Term | None = None) -> None:
        """Call a department in to assist; its clock runs for `term`, or as long as the case's own."""
        with self._store.writing() as writing:
            row = writing.case(number)
            if actor.role is ActorRole.HANDLER and actor.department != row.department:
                raise NotYours(f"case {number}: only its lead, {row.department}, can call others in")
            joint.call(writing, row, department, actor, term or resolve_term(writing, row))

    def accept_part(self, number: str, actor: Actor) -> None:
        """Let an assisting department accept its part."""
        with self._store.writing() as writing:
            joint.accept(writing, writing.case(number), actor)

    def finish_part(self, number: str, actor: Actor, note: str) -> None:
        """Let an assisting department say what it did."""
        with self._store.writing() as writing:
            joint.finish(writing, writing.case(number), actor, note)

    def release(self, number: str, department: str, actor: Actor, reason: str) -> None:
        """Do without an assisting department."""
        with self._store.writing() as writing:
            joint.release(writing, writing.case(number), department, actor, reason)

    def whistle(
        self, number: str, departments: Sequence[str], actor: Actor, reason: str, term: Term | None = None
    ) -> int:
        """Call departments to the spot; return the whistle's id."""
        with self._store.writing() as writing:
            return whistles.blow(writing, writing.case(number), departments, actor, reason, term)

    def come(self, whistle: int, actor: Actor, proof: str, photo: int | None = None) -> None:
        """Write down that the actor's department answered a whistle."""
        with self._store.writing() as writing:
            whistles.come(writing, whistle, actor, proof, photo)

    def calls(self, number: str) -> tuple[Call, ...]:
        """Return who was whistled for in a case and how they answered."""
        with self._store.sessions() as session:
            return whistles.calls(session, number)

    def link(self, one: str, other: str, actor: Actor) -> None:
        """Note that two cases belong together."""
        with self._store.writing() as writing:
            links.link(writing, one, other, actor)

    def linked_with(self, number: str) -> list[str]:
        """Return the numbers of the cases that are linked with this one."""
        with self._store.sessions() as session:
            return links.linked_with(session, number)

    def note(self, number: str, actor: Actor, words: str) -> None:
        """Write a note into the case's history; residents never see it."""
        text = words.strip()
        if not 0 < len(text) <= NOTE_MAX_CHARS:
            raise Incomplete(f"a note has 1 to {NOTE_MAX_CHARS} characters")
        with self._store.writing() as writing:
            writing.tell(writing.case(number), Told(EventKind.NOTED, actor, note=text))

    def assign(self, number: str, to: Actor, actor: Actor) -> None:
        """Let a supervisor say who of those that have a case, department or hall, answers for it."""
        if actor.role is not ActorRole.SUPERVISOR:
            raise NotYours(f"case {number}: only a supervisor says who answers for it")
        with self._store.writing() as writing:
            _answer(writing, writing.case(number), to, actor)

    def take_over(self, number: str, actor: Actor) -> None:
        """Become answerable for a case; until then whoever was before stays so (首问负责制)."""
        with self._store.writing() as writing:
            _answer(writing, writing.case(number), actor, actor)


def _answer(writing: Writing, row: CaseRow, to: Actor, actor: Actor) -> None:
    number = row.number
    if to.role not in (ActorRole.RECEIVER, ActorRole.SUPERVISOR, ActorRole.HANDLER):
        raise NotYours(f"case {number}: {to.role} cannot answer for it")
    if CaseStatus(row.status) in (CaseStatus.RECEIVED, *ENDED):
        raise NotYours(f"case {number} is {row.status}: nobody answers for it")
    is_leads = row.status == CaseStatus.IN_PROGRESS and row.department is not None
    if is_leads != (to.role is ActorRole.HANDLER) or to.department not in (None, row.department):
        raise NotYours(f"case {number} is with {row.department or 'the hall'}")
    before, row.answerable = row.answerable, to.login
    writing.tell(row, Told(EventKind.SORTED, actor, about=f"answerable {before} {to.login}"))
