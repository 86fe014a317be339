"""The one table of legal moves: from which status to which, and who may make it."""

from __future__ import annotations

from collections.abc import Mapping

from cases.case import ActorRole, CaseStatus

_RECEIVER, _HANDLER, _SUPERVISOR = ActorRole.RECEIVER, ActorRole.HANDLER, ActorRole.SUPERVISOR
_RESIDENT, _CLOCK = ActorRole.RESIDENT, ActorRole.CLOCK

_DESK = frozenset({_RECEIVER, _SUPERVISOR})
_STAFF = _DESK | {_HANDLER}
_PERSON = frozenset({_RESIDENT})
_LATER = frozenset({_CLOCK, _SUPERVISOR})

MOVES: Mapping[CaseStatus, Mapping[CaseStatus, frozenset[ActorRole]]] = {
    CaseStatus.RECEIVED: {
        CaseStatus.ACCEPTED: _DESK,
        CaseStatus.CLOSED: _DESK,  # not ours; with a reason
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.ACCEPTED: {
        CaseStatus.DISPATCHED: _DESK,
        CaseStatus.IN_PROGRESS: _DESK,  # the hall works it itself
        CaseStatus.RESOLVED: _DESK,  # answered on the spot
        CaseStatus.PAUSED: _DESK,
        CaseStatus.CLOSED: _DESK,
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.DISPATCHED: {
        CaseStatus.IN_PROGRESS: frozenset({_HANDLER}),  # from here on the department answers for it
        CaseStatus.RETURNED: frozenset({_HANDLER}),
        CaseStatus.ACCEPTED: _DESK,  # called back before the department took it
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.IN_PROGRESS: {
        CaseStatus.RESOLVED: _STAFF,
        CaseStatus.PAUSED: _STAFF,
        CaseStatus.RETURNED: frozenset({_HANDLER}),
        CaseStatus.DISPATCHED: frozenset({_SUPERVISOR}),  # taken from one department and given to another
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.PAUSED: {
        CaseStatus.ACCEPTED: _DESK | {_CLOCK},  # only back to where it was paused
        CaseStatus.IN_PROGRESS: _STAFF | {_CLOCK},
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.RETURNED: {
        CaseStatus.ACCEPTED: _DESK,
        CaseStatus.DISPATCHED: _DESK,
        CaseStatus.CLOSED: _DESK,
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.RESOLVED: {
        CaseStatus.RATED: _PERSON,
        CaseStatus.REOPENED: _PERSON,
        CaseStatus.CLOSED: _LATER,
    },
    CaseStatus.RATED: {
        CaseStatus.REOPENED: _PERSON,
        CaseStatus.CLOSED: _LATER,
    },
    CaseStatus.REOPENED: {
        CaseStatus.IN_PROGRESS: _STAFF,
        CaseStatus.DISPATCHED: _DESK,
        CaseStatus.MERGED: _DESK,
        CaseStatus.WITHDRAWN: _PERSON,
    },
    CaseStatus.CLOSED: {CaseStatus.REOPENED: _PERSON},
    CaseStatus.WITHDRAWN: {},
    # It was another matter after all; or its master was withdrawn.
    CaseStatus.MERGED: {CaseStatus.ACCEPTED: _LATER},
}

# A move that somebody will ask "why?" about, whoever makes it.
_REASONED = {CaseStatus.PAUSED, CaseStatus.RETURNED, CaseStatus.REOPENED}


def who_may(present: CaseStatus, wanted: CaseStatus) -> frozenset[ActorRole]:
    """Return the roles that may move a case from `present` to `wanted`; none where the move is illegal."""
    return MOVES[present].get(wanted, frozenset())


def is_reason_needed(present: CaseStatus, wanted: CaseStatus) -> bool:
    """Return whether a move needs a reason in words; ending an unresolved case needs one as well."""
    if wanted is CaseStatus.CLOSED:
        return present not in (CaseStatus.RESOLVED, CaseStatus.RATED)
    return wanted in _REASONED or (present, wanted) in (
        (CaseStatus.IN_PROGRESS, CaseStatus.DISPATCHED),
        (CaseStatus.MERGED, CaseStatus.ACCEPTED),
    )


def is_result_needed(wanted: CaseStatus) -> bool:
    """Return whether a move must say what was done: the resident reads it."""
    return wanted is CaseStatus.RESOLVED
