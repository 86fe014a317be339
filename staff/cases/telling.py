"""Why an act on a case was not possible, in plain words, and what to do."""

from __future__ import annotations

from cases.arrivals.photos import PhotoRefused
from cases.case import CaseError, CaseStatus, IllegalMove, Incomplete, NoSuchCase, NotYours
from cases.work.departments import UnknownDepartment
from cases.work.joint import StillAtWork
from staff.visit import Visit


class Unreadable(CaseError):
    """Something typed into an act's form that makes no sense; `key` is the sentence of texts.yml."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def tell(visit: Visit, problem: CaseError) -> str:
    """Return a problem in words; who was faster is named. Raises a problem that nobody has words for."""
    if isinstance(problem, IllegalMove):
        people = {member.login: member.name for member in visit.means.accounts.members()}
        by = people.get(problem.by, visit.may_say(f"author_{problem.by}", problem.by))
        return visit.say("case_moved_meanwhile", status=visit.say(f"case_status_{problem.present}"), by=by)
    if isinstance(problem, Unreadable):
        return visit.say(problem.key)
    if isinstance(problem, NotYours) and visit.field("wanted") == CaseStatus.MERGED and visit.field("master"):
        return visit.say("case_master_ended")
    if isinstance(problem, PhotoRefused):
        return visit.say(f"case_photo_{problem.fault}", place=1)
    for kind, key in (
        (NotYours, "case_not_yours"),
        (StillAtWork, "case_still_at_work"),
        (UnknownDepartment, "case_department_unknown"),
        (NoSuchCase, "case_partner_unknown"),
        (Incomplete, "case_incomplete"),
    ):
        if isinstance(problem, kind):
            return visit.say(key)
    raise problem
