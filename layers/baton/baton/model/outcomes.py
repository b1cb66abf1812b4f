"""What the functions of the record answer: an enum for each boundary, with the words that it can answer.

Where a boundary answers with null because the caller may not know, the store says ``NOT_FOUND``.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why a call of a state machine may do nothing: beside its own outcome, of every boundary that such a call has."""

    RUN_ENDED = "run_ended"
    STALE_GENERATION = "stale_generation"
    WRONG_MACHINE = "wrong_machine"
    UNKNOWN_STEP = "unknown_step"


class BeginOutcome(StrEnum):
    """Of ``begin_step``."""

    BEGUN = "begun"
    STORED = "stored"  # it is done; the answer has its status
    IN_PROGRESS = "in_progress"  # another delivery of the same attempt is at work
    EXHAUSTED = "exhausted"  # crashes have used up the automatic retries
    FAILED_BEFORE = "failed_before"
    DEPENDENCIES_NOT_DONE = "dependencies_not_done"


class SettleStepOutcome(StrEnum):
    """Of ``settle_step``."""

    SETTLED = "settled"
    STORED = "stored"  # the record had its end already
    DEPENDENCIES_NOT_DONE = "dependencies_not_done"


class GateOutcome(StrEnum):
    """Of ``open_gate``."""

    STORED = "stored"


class CheckpointOutcome(StrEnum):
    """Of ``open_checkpoint``."""

    OPEN = "open"


class DecideOutcome(StrEnum):
    """Of ``decide_approval``, a person's decision."""

    TAKEN = "taken"
    SAME = "same"  # it was taken before
    DECIDED = "decided"  # otherwise
    EXPIRED = "expired"
    ENDED = "ended"  # there is nothing left to decide
    NOT_OFFERED = "not_offered"
    NOT_MODIFIABLE = "not_modifiable"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"


class ExpireOutcome(StrEnum):
    """Of ``expire_approval``, the definition's decision."""

    TAKEN = "taken"
    SAME = "same"  # there was a decision before
    ENDED = "ended"
    STALE_GENERATION = "stale_generation"
    NOT_EXPIRED = "not_expired"
    NOT_FOUND = "not_found"


class RecoverOutcome(StrEnum):
    """Of ``recover_run``."""

    TAKEN = "taken"
    CHILD = "child"  # its root run is to be recovered
    NOT_FAILED = "not_failed"
    STEP_DONE = "step_done"
    NOT_FOUND = "not_found"


class AbortOutcome(StrEnum):
    """Of ``abort_run``."""

    TAKEN = "taken"
    SAME = "same"  # it was aborted before
    ENDED = "ended"
    NOT_FOUND = "not_found"


class SettleRunOutcome(StrEnum):
    """Of ``settle_run``, ``move_run`` and ``settle_orphans``."""

    SETTLED = "settled"
    MOVED = "moved"  # it goes on, on another machine
    ENDED = "ended"
    STALE_GENERATION = "stale_generation"
    NOT_FOUND = "not_found"
    NOT_OURS = "not_ours"  # nobody asked the record: no run of ours has such an execution


class PutMemberOutcome(StrEnum):
    """Of ``put_member``."""

    PUT = "put"
    LAST_ADMIN = "last_admin"  # no person would be left who is admin
    MACHINE = "machine"  # the id is a service token's


class RemoveMemberOutcome(StrEnum):
    """Of ``remove_member``."""

    REMOVED = "removed"
    LAST_ADMIN = "last_admin"
    MACHINE = "machine"
    NOT_FOUND = "not_found"
