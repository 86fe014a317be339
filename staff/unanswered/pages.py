"""The pages of the unanswered queue. A card answers in its own place where the browser has scripts."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse

from knowledge.clusters import cluster
from knowledge.gold import GoldError
from knowledge.problems import GuideErrors
from knowledge.revisions import DraftChanged, EditorialError, NoSuchRevision
from knowledge.unanswered import MOST_CLUSTERED, How, Reason
from language.normalise import normalise
from staff.console import Console
from staff.guide_names import resolve
from staff.roles import Role
from staff.unanswered.adopting import adopt, clean, start_guide, take_back
from staff.unanswered.queue import PAGE_CARDS, Card, Queue, card_of, title_of
from staff.visit import Visit

READERS = (Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)
WRITERS = (Role.EDITOR, Role.ADMIN)
MOST_ID = 2**31 - 1


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    pages = _QueuePages(desk)
    desk.page("GET", "/unanswered", allow=READERS, nav="unanswered")(pages.show)
    desk.page("POST", "/unanswered/settle", allow=WRITERS, act="unanswered.settle")(pages.settle)
    desk.page("POST", "/unanswered/undo", allow=WRITERS, act="unanswered.undo")(pages.undo)
    desk.page("POST", "/unanswered/submit", allow=WRITERS, act="guide.submit")(pages.submit)


class _QueuePages:
    def __init__(self, desk: Console) -> None:
        self._means = desk.means
        self._queue = Queue(desk.means)

    async def show(self, visit: Visit) -> HTTPResponse:
        """Show the queue, the most asked first."""
        reason = visit.arg("reason") if visit.arg("reason") in list(Reason) else ""
        page, door = visit.number("page"), visit.arg("door")[:20]
        seen = await visit.do(self._queue.page, page, reason, door)
        return visit.show(
            "unanswered/list.html",
            seen=seen,
            page=page,
            pages=max(1, -(-seen.found // PAGE_CARDS)),
            reasons=[(str(one), visit.say(f"reason_{one}")) for one in Reason],
            chosen={"reason": reason, "door": door},
            may_settle=visit.member.may(WRITERS),
        )

    async def settle(self, visit: Visit) -> HTTPResponse:
        """Do what was chosen for the questions of one card."""
        ids, texts = _ids(visit), clean(visit.fields("text"))
        do = {
            How.PHRASING: self._adopt,
            How.NEW_GUIDE: self._start,
            How.NOT_OURS: self._decline,
            How.IGNORED: self._ignore,
        }.get(visit.field("how"))  # type: ignore[call-overload]
        if do is None or not ids:
            return visit.problem(422, "unanswered_unclear")
        done: HTTPResponse = await do(visit, ids, texts)
        return done

    async def undo(self, visit: Visit) -> HTTPResponse:
        """Put questions back, and take back what was made of them."""
        ids, texts, guide_id = _ids(visit), visit.fields("text"), visit.field("guide")
        how = visit.field("how")
        reopened = await visit.do(self._means.unanswered.reopen, ids, visit.member.login)
        if not reopened:
            return self._finish(visit, "unanswered_gone", kind="warn")
        visit.note("unanswered", reopened[0].id, before={"how": how}, after={"questions": len(reopened)})
        try:
            if how == How.PHRASING:
                await visit.do(take_back, self._means.editorial, guide_id, texts, visit.member.login)
            elif how == How.NEW_GUIDE:
                await visit.do(self._means.editorial.discard_draft, guide_id, visit.member.login)
        except EditorialError:
            pass  # its draft is gone already: nothing to take back
        if how == How.NOT_OURS:
            await visit.do(self._forget_gold, texts, visit.member.login)
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

    async def _adopt(self, visit: Visit, ids: list[int], texts: list[str]) -> HTTPResponse:
        typed = visit.field("other_guide").strip() or visit.field("guide")
        guide = resolve(self._means.guides(), typed)
        if guide is None:
            return await self._refuse(visit, ids, "unanswered_no_guide")
        if not texts:
            return await self._refuse(visit, ids, "unanswered_no_text")
        try:
            adopted = await visit.do(adopt, self._means.editorial, guide.id, texts, visit.member.login)
        except EditorialError:
            return await self._refuse(visit, ids, "unanswered_draft_changed")
        clashes = await visit.do(self._clashes, adopted.draft.content)
        return await self._settle(
            visit, ids, How.PHRASING, adopted.added, clashes, guide=guide.id, title=guide.title
        )

    async def _start(self, visit: Visit, ids: list[int], texts: list[str]) -> HTTPResponse:
        if not texts:
            return await self._refuse(visit, ids, "unanswered_no_text")
        draft = await visit.do(start_guide, self._means.editorial, texts[0], texts, visit.member.login)
        return await self._settle(visit, ids, How.NEW_GUIDE, texts, guide=draft.guide_id, title=texts[0])

    async def _decline(self, visit: Visit, ids: list[int], texts: list[str]) -> HTTPResponse:
        if not texts:
            return await self._refuse(visit, ids, "unanswered_no_text")
        asked = {normalise(one.text): one for one in await visit.do(self._means.gold.questions)}
        if any((one := asked.get(normalise(text))) and one.guide_id for text in texts):
            return await self._refuse(visit, ids, "unanswered_has_gold")
        added = [text for text in texts if normalise(text) not in asked]
        try:
            for text in added:
                await visit.do(self._means.gold.add, text, None, visit.member.login)
        except GoldError:
            return await self._refuse(visit, ids, "unanswered_no_text")
        return await self._settle(visit, ids, How.NOT_OURS, added)

    async def _ignore(self, visit: Visit, ids: list[int], texts: list[str]) -> HTTPResponse:
        return await self._settle(visit, ids, How.IGNORED, ())

    async def _settle(
        self,
        visit: Visit,
        ids: list[int],
        how: How,
        texts: list[str] | tuple[str, ...],
        problems: list[str] | None = None,
        guide: str = "",
        title: str = "",
    ) -> HTTPResponse:
        settled = await visit.do(self._means.unanswered.settle, ids, how, visit.member.login, guide or None)
        after = {"how": str(how), "questions": len(settled), **({"guide": guide} if guide else {})}
        visit.note("unanswered", ids[-1], after=after)
        if not settled:
            return self._finish(visit, "unanswered_gone", kind="warn")
        undo = {"how": str(how), "questions": ",".join(map(str, ids)), "text": list(texts), "guide": guide}
        return self._finish(visit, f"settled_{how}", problems, guide=guide, title=title, undo=undo)

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

    def _forget_gold(self, texts: list[str], login: str) -> None:
        wanted = set(map(normalise, texts))
        for one in self._means.gold.questions():
            if one.guide_id is None and one.added_by == login and normalise(one.text) in wanted:
                self._means.gold.remove(one.id, login)


def _is_htmx(visit: Visit) -> bool:
    return bool(visit.request.headers.get("hx-request"))


def _ids(visit: Visit) -> list[int]:
    parts = visit.field("questions").split(",")[:MOST_CLUSTERED]
    numbers = (int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 11)
    return [number for number in numbers if number <= MOST_ID]
