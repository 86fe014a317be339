"""What waits for a member on the first page of the console: by role, with numbers that lead on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cases.figures.exclusions import Exclusions
from cases.figures.proposals import Proposals
from cases.tables import NoticeState
from knowledge.release_info import ReleaseInfo
from knowledge.release_tables import ReleaseState
from staff.accounts import Member
from staff.cases.people import DESK, actor_of
from staff.means import StaffMeans
from staff.roles import Role
from staff.unanswered.gaps import find_gaps

PUBLISHERS = (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)
KEEPERS = (Role.EDITOR, Role.REVIEWER)


@dataclass(frozen=True)
class Work:
    """Something that waits: a key of texts.yml (`work_<key>`), how much of it, and where it is done."""

    key: str
    count: int
    path: str
    kind: str = ""  # "bad" where residents feel it, "warn" where it is due


def work_for(means: StaffMeans, member: Member) -> list[Work]:
    """Return what waits for this member, the most urgent first; nothing with a count of zero."""
    today = means.clock().astimezone(means.zone).date()
    parts: tuple[tuple[tuple[Role, ...], Callable[[], Iterator[Work]]], ...] = (
        (DESK, lambda: _cases(means, member)),
        (PUBLISHERS, lambda: _releases(means)),
        ((Role.REVIEWER,), lambda: _reviews(means, member)),
        (PUBLISHERS, lambda: _approved(means)),
        ((Role.EDITOR,), lambda: _drafts(means, member)),
        ((Role.EDITOR,), lambda: iter([Work("unanswered", means.unanswered.count(), "/unanswered")])),
        ((Role.EDITOR,), lambda: iter([Work("gaps", len(find_gaps(means)), "/unanswered#gaps")])),
        (KEEPERS, lambda: _ages(means, today)),
        ((Role.REVIEWER, Role.ADMIN), lambda: _gold(means)),
    )
    found = [work for roles, look in parts if member.may(roles) for work in look()]
    return [work for work in found if work.count]


def _cases(means: StaffMeans, member: Member) -> Iterator[Work]:
    actor, casework = actor_of(member), means.casework
    yield Work("case_alarms", casework.alarms.count(actor), "/deadlines", "bad")
    if actor.department is not None:
        called = casework.queues.whistles_for(actor.department)
        path = f"/cases/{called[0][1]}" if len(called) == 1 else "/cases"
        yield Work("case_whistles", len(called), path, "warn")
    else:
        yield Work("bursts", Proposals(casework.desk.store).count(), "/map/bursts", "warn")
    asked = Exclusions(casework.desk.store).pending(actor.department)
    yield Work("exclusions", sum(bool(one.open_to(actor)) for one in asked), "/results/exclusions", "warn")
    owed = casework.notices.counts(actor.department)
    yield Work("notice_dead", owed[NoticeState.DEAD], "/notices", "bad")
    yield Work("notice_calls", owed[NoticeState.CALL], "/notices", "warn")
    yield Work("case_mine", casework.queues.count_mine(actor), "/cases")


def _releases(means: StaffMeans) -> Iterator[Work]:
    listed = means.releases.under_way()
    for state, kind in ((ReleaseState.REFUSED, "bad"), (ReleaseState.READY, "warn")):
        held = [one for one in listed if one.state is state]
        yield Work(f"release_{state}", len(held), _path_of(held), kind)


def _path_of(releases: Sequence[ReleaseInfo]) -> str:
    return f"/releases/{releases[0].number}" if len(releases) == 1 else "/releases"


def _reviews(means: StaffMeans, member: Member) -> Iterator[Work]:
    waiting = [one for one in means.editorial.waiting() if one.author != member.login]
    yield Work("reviews", len(waiting), "/reviews", "warn")


def _approved(means: StaffMeans) -> Iterator[Work]:
    yield Work("approved", len(means.editorial.approved()), "/releases")


def _drafts(means: StaffMeans, member: Member) -> Iterator[Work]:
    mine = [one for one in means.editorial.drafts() if one.editor == member.login]
    path = f"/guides/{mine[0].guide_id}/edit" if len(mine) == 1 else "/guides?standing=draft"
    yield Work("drafts", len(mine), path)


def _ages(means: StaffMeans, today: date) -> Iterator[Work]:
    guides = means.guides()
    expired = sum(guide.is_expired(today) for guide in guides)
    due = sum(guide.review_due(today) and not guide.is_expired(today) for guide in guides)
    yield Work("expired", expired, "/guides?standing=expired", "bad")
    yield Work("overdue", due, "/guides?standing=overdue", "warn")


def _gold(means: StaffMeans) -> Iterator[Work]:
    live = {guide.id for guide in means.guides()}
    gone = [one for one in means.gold.questions() if one.guide_id and one.guide_id not in live]
    yield Work("gold_gone", len(gone), "/gold?kind=gone")
