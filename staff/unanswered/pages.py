"""The pages of the unanswered queue. A card answers in its own place where the browser has scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sanic import Blueprint, HTTPResponse

from cases.figures.gaps import Needless
from knowledge.adoption import Adoption, AdoptionError
from knowledge.clusters import cluster
from knowledge.guide import Guide
from knowledge.problems import GuideErrors
from knowledge.revisions import DraftChanged, EditorialError, NoSuchRevision
from knowledge.unanswered import MOST_CLUSTERED, How, Reason
from language.normalise import normalise
from staff.console import Console
from staff.guide_names import resolve
from staff.roles import Role
from staff.unanswered import gap_pages
from staff.unanswered.gaps import Needed, find_needed
from staff.unanswered.queue import PAGE_CARDS, Card, Queue, card_of, title_of
from staff.visit import Visit

READERS = (Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)
WRITERS = (Role.EDITOR,)
MOST_ID = 2**31 - 1


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    pages = _QueuePages(desk)
    desk.page("GET", "/unanswered", allow=READERS, nav="unanswered")(pages.show)
    # Each card's form has an address of its own, so that what was typed in it comes back to it.
    desk.page("POST", "/unanswered/<card:str>/settle", allow=WRITERS, act="unanswered.settle")(pages.settle)
    desk.page("POST", "/unanswered/undo", allow=WRITERS, act="unanswered.undo")(pages.undo)
    desk.page("POST", "/unanswered/submit", allow=WRITERS, act="guide.submit")(pages.submit)
    gap_pages.add_pages(routes, desk)


@dataclass(frozen=True)
class _Settled:
    """What was made of a card: how many questions left the queue, and what an undo must know."""

    questions: int
    texts: tuple[str, ...] = ()
    guide_id: str = ""
    title: str = ""
    problems: list[str] = field(default_factory=list)


class _QueuePages:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means
        self._queue = Queue(desk.means)
        self._adoption = Adoption(desk.means.editorial, desk.means.gold, desk.means.unanswered)

    async def show(self, visit: Visit) -> HTTPResponse:
        """Show the queue, the most asked first."""
        reason = visit.arg("reason") if visit.arg("reason") in list(Reason) else ""
        page, door = visit.number("page"), visit.arg("door")[:20]
        seen = await visit.do_slow(self._queue.page, page, reason, door)
        is_front = page == 1 and not reason and not door
        return visit.show(
            "unanswered/list.html",
            seen=seen,
            needed=await visit.do_slow(find_needed, self._means) if is_front else Needed(),
            needless=tuple(Needless),
            page=page,
            pages=max(1, -(-seen.found // PAGE_CARDS)),
            reasons=[(str(one), visit.say(f"reason_{one}")) for one in Reason],
            chosen={"reason": reason, "door": door},
            may_settle=visit.member.may(WRITERS),
        )

    async def settle(self, visit: Visit, card: str) -> HTTPResponse:
        """Do what was chosen for the questions of one card."""
        ids, how, texts = _ids(visit), visit.field("how"), _texts(visit)
        if not ids or how not in list(How):
            return visit.problem(422, "unanswered_unclear")
        if how != How.IGNORED and not texts:
            return await self._refuse(visit, ids, "unanswered_no_words")
        typed = visit.field("other_guide").strip() or visit.field("guide")
        guide = await visit.do(resolve, self._means.guides(), typed)
        if how == How.PHRASING and guide is None:
            return await self._refuse(visit, ids, "unanswered_no_guide")
        try:
            done = await visit.do(self._settle, How(how), ids, visit.member.login, texts, guide)
        except AdoptionError as problem:
            return await self._refuse(visit, ids, f"unanswered_{problem.code}")
        except (EditorialError, GuideErrors):
            return await self._refuse(visit, ids, "unanswered_draft_changed")
        told = {"guide": done.guide_id} if done.guide_id else {}
        visit.note("unanswered", ids[-1], after={"how": how, "questions": done.questions, **told})
        if not done.questions:
            return self._finish(visit, "unanswered_gone", kind="warn")
        undo = {"how": how, "questions": ",".join(map(str, ids)), "text": done.texts, "guide": done.guide_id}
        return self._finish(
            visit, f"settled_{how}", done.problems, guide=done.guide_id, title=done.title, undo=undo
        )

    def _settle(
        self, how: How, ids: list[int], login: str, texts: list[str], guide: Guide | None
    ) -> _Settled:
        if how is How.PHRASING and guide is not None:
            taken = self._adoption.as_phrasings(ids, guide.id, login, texts)
            problems = self._clashes(taken.draft.content)
            return _Settled(taken.settled, taken.texts, guide.id, guide.title, problems)
        if how is How.NEW_GUIDE:
            taken = self._adoption.as_new_guide(ids, login, texts)
            return _Settled(taken.settled, taken.texts, taken.draft.guide_id, texts[0])
        if how is How.NOT_OURS:
            return _Settled(self._adoption.as_not_ours(ids, login, texts), tuple(texts))
        return _Settled(self._adoption.ignore(ids, login))

    async def undo(self, visit: Visit) -> HTTPResponse:
        """Put questions back, and take back what was made of them."""
        ids, how, guide_id = _ids(visit), visit.field("how"), visit.field("guide")
        login, texts = visit.member.login, visit.fields("text")
        reopened = await visit.do(self._adoption.undo, ids, how, login, guide_id, texts)
        if not reopened:
            return self._finish(visit, "unanswered_gone", kind="warn")
        visit.note("unanswered", reopened[0].id, before={"how": how}, after={"questions": len(reopened)})
        if not _is_htmx(visit):
            visit.flash("unanswered_reopened", "info")
            return visit.go("/unanswered")
        card = await visit.do(lambda: card_of(self._means, cluster(reopened)[0]))
        return self._card(visit, card)

    async def submit(self, visit: Visit) -> HTTPResponse:
        """Hand in the draft that took a wording in."""
        guide_id, editorial = visit.field("guide"), self._means.editorial
        visit.note("guide", guide_id)
        try:
            draft = await visit.do(editorial.open_draft, guide_id, visit.member.login)
            note = visit.say("unanswered_note")
            revision = await visit.do(editorial.submit, guide_id, draft.version, visit.member.login, note)
        except GuideErrors as wrong:
            lines = [f"{error.problem}{error.remedy}" for error in wrong.errors[:5]]
            return self._finish(
                visit, "unanswered_not_submitted", lines, "warn", guide=guide_id, title=guide_id
            )
        except NoSuchRevision:
            return self._finish(visit, "unanswered_no_draft", kind="warn")
        except DraftChanged:
            return self._finish(visit, "unanswered_draft_changed", kind="warn", guide=guide_id)
        visit.note("guide", guide_id, after={"revision": revision})
        title = await visit.do(title_of, self._means, guide_id)
        return self._finish(visit, "unanswered_submitted", title=title)

    def _finish(
        self,
        visit: Visit,
        key: str,
        problems: list[str] | None = None,
        kind: str = "good",
        **values: Any,
    ) -> HTTPResponse:
        """Say what was done: in the card's place, or on a page of its own."""
        shown: dict[str, Any] = {"guide": "", "title": "", "undo": None, **values}
        template = "unanswered/done.html" if _is_htmx(visit) else "unanswered/settled.html"
        return visit.show(
            template, words=visit.say(key, title=shown["title"]), kind=kind, problems=problems or [], **shown
        )

    async def _refuse(self, visit: Visit, ids: list[int], key: str) -> HTTPResponse:
        """Show the card again with what was wrong."""
        waiting = await visit.do(self._means.unanswered.waiting)
        mine = [question for question in waiting if question.id in set(ids)]
        if not mine:
            return self._finish(visit, "unanswered_gone", kind="warn")
        card = await visit.do(lambda: card_of(self._means, cluster(mine)[0]))
        return self._card(visit, card, visit.say(key), 422)

    def _card(self, visit: Visit, card: Card, error: str = "", status: int = 200) -> HTTPResponse:
        template = "unanswered/card.html" if _is_htmx(visit) else "unanswered/again.html"
        return visit.show(
            template, status, card=card, error=error, may_settle=True, typed_guide=visit.field("other_guide")
        )

    def _clashes(self, content: dict[str, object]) -> list[str]:
        found = self._means.editorial.problems(content)
        return [f"{one.problem}{one.remedy}" for one in found if one.field.startswith("phrasings")]


def _texts(visit: Visit) -> list[str]:
    """Return the wordings of the form, trimmed, each once, none that says nothing."""
    trimmed = (" ".join(text.split()) for text in visit.fields("text"))
    return list({normalise(text): text for text in trimmed if normalise(text)}.values())


def _is_htmx(visit: Visit) -> bool:
    return bool(visit.request.headers.get("hx-request"))


def _ids(visit: Visit) -> list[int]:
    parts = visit.field("questions").split(",")[:MOST_CLUSTERED]
    numbers = (int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 11)
    return [number for number in numbers if number <= MOST_ID]
