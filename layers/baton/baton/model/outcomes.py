"""The outcomes of the record's functions: an enum for each boundary.

A boundary that must hide its run from the caller answers null; the store makes ``NOT_FOUND`` of it.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """The reasons for which the record refuses a call of a state machine. Every boundary for such calls can answer
    them."""

    RUN_ENDED = "run_ended"
    STALE_GENERATION = "stale_generation"
    WRONG_MACHINE = "wrong_machine"
    UNKNOWN_STEP = "unknown_step"


class BeginOutcome(StrEnum):
    """The outcomes of ``begin_step``."""

    BEGUN = "begun"
    STORED = "stored"  # the step is done; the answer has its status
    IN_PROGRESS = "in_progress"  # another delivery of the same attempt is at work
    PAUSED = "paused"  # the results of the attempt were lost, and it is too early for another try
    EXHAUSTED = "exhausted"  # crashes have used up the automatic retries
    FAILED_BEFORE = "failed_before"
    DEPENDENCIES_NOT_DONE = "dependencies_not_done"
    MOVED_ON = "moved_on"  # the run goes on in its next execution


class SettleStepOutcome(StrEnum):
    """The outcomes of ``settle_step``."""

    SETTLED = "settled"
    STORED = "stored"  # the record has an end of the step already
    DEPENDENCIES_NOT_DONE = "dependencies_not_done"


class GateOutcome(StrEnum):
    """The outcomes of ``open_gate``."""

    STORED = "stored"


class CheckpointOutcome(StrEnum):
    """The outcomes of ``open_checkpoint``."""

    OPEN = "open"


class DecideOutcome(StrEnum):
    """The outcomes of ``decide_approval``, a person's decision."""

    TAKEN = "taken"
    SAME = "same"  # the record has the same decision already
    DECIDED = "decided"  # the record has another decision
    EXPIRED = "expired"
    ENDED = "ended"  # the run or the approval is closed
    NOT_OFFERED = "not_offered"
    NOT_MODIFIABLE = "not_modifiable"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"


class ExpireOutcome(StrEnum):
    """The outcomes of ``expire_approval``, the definition's decision."""

    TAKEN = "taken"
    SAME = "same"  # the record has a decision already
    ENDED = "ended"
    STALE_GENERATION = "stale_generation"
    NOT_EXPIRED = "not_expired"
    NOT_FOUND = "not_found"


class RecoverOutcome(StrEnum):
    """The outcomes of ``recover_run``."""

    TAKEN = "taken"
    CHILD = "child"  # only its root run can be recovered
    NOT_FAILED = "not_failed"
    STEP_DONE = "step_done"
    OUT_OF_TIME = "out_of_time"  # the run's time was over when it failed
    NOT_FOUND = "not_found"


class AbortOutcome(StrEnum):
    """The outcomes of ``abort_run``."""

    TAKEN = "taken"
    SAME = "same"  # the run is aborted already
    ENDED = "ended"
    NOT_FOUND = "not_found"


class SettleRunOutcome(StrEnum):
    """The outcomes of ``settle_run``, ``move_run``, ``time_out_run`` and ``settle_orphans``."""

    SETTLED = "settled"
    MOVED = "moved"  # the run goes on, on another machine
    ENDED = "ended"
    STALE_GENERATION = "stale_generation"
    NOT_FOUND = "not_found"
    UNKNOWN_EXECUTION = (
        "unknown_execution"  # it belongs to another machine, and its name is that of the run's execution
    )
    NOT_OURS = "not_ours"  # only from the use case: the name of the execution is not that of a run


class ConfirmEndOutcome(StrEnum):
    """The outcomes of ``confirm_end``."""

    OVER = "over"
    STOPPED = "stopped"  # it still runs, and is stopped again
    OPEN = "open"  # the sweep looks again


class PutMemberOutcome(StrEnum):
    """The outcomes of ``put_member``."""

    PUT = "put"
    LAST_ADMIN = "last_admin"  # the organisation would have no person as admin
    MACHINE = "machine"  # the id belongs to a service token, or to a launcher


class PutTimeZoneOutcome(StrEnum):
    """The outcomes of ``put_time_zone``."""

    PUT = "put"
    UNKNOWN = "unknown"  # there is no such time zone


class RemoveMemberOutcome(StrEnum):
    """The outcomes of ``remove_member``."""

    REMOVED = "removed"
    LAST_ADMIN = "last_admin"
    MACHINE = "machine"
    NOT_FOUND = "not_found"
