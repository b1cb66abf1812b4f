"""The outcomes of the record's functions: an enum for each boundary.

A boundary that must hide its run from the caller answers null; the store makes ``NOT_FOUND`` of it.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why the record refuses a call of a state machine. Every boundary for such calls has these outcomes, too."""

    RUN_ENDED = "run_ended"
    STALE_GENERATION = "stale_generation"
    WRONG_MACHINE = "wrong_machine"
    UNKNOWN_STEP = "unknown_step"


class BeginOutcome(StrEnum):
    """Of ``begin_step``."""

    BEGUN = "begun"
    STORED = "stored"  # the step is done; the answer has its status
    IN_PROGRESS = "in_progress"  # another delivery of the same attempt is at work
    PAUSED = "paused"  # the results of the attempt were lost, and it is too early for another try
    EXHAUSTED = "exhausted"  # crashes have used up the automatic retries
    FAILED_BEFORE = "failed_before"
    DEPENDENCIES_NOT_DONE = "dependencies_not_done"
    MOVED_ON = "moved_on"  # the run goes on in its next execution


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
    SAME = "same"  # the record has the same decision already
    DECIDED = "decided"  # the record has another decision
    EXPIRED = "expired"
    ENDED = "ended"  # the run or the approval is closed
    NOT_OFFERED = "not_offered"
    NOT_MODIFIABLE = "not_modifiable"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"


class ExpireOutcome(StrEnum):
    """Of ``expire_approval``, the definition's decision."""

    TAKEN = "taken"
    SAME = "same"  # the record has a decision already
    ENDED = "ended"
    STALE_GENERATION = "stale_generation"
    NOT_EXPIRED = "not_expired"
    NOT_FOUND = "not_found"


class RecoverOutcome(StrEnum):
    """Of ``recover_run``."""

    TAKEN = "taken"
    CHILD = "child"  # only its root run can be recovered
    NOT_FAILED = "not_failed"
    STEP_DONE = "step_done"
    OUT_OF_TIME = "out_of_time"  # the run's time was over when it failed
    NOT_FOUND = "not_found"


class AbortOutcome(StrEnum):
    """Of ``abort_run``."""

    TAKEN = "taken"
    SAME = "same"  # the run is aborted already
    ENDED = "ended"
    NOT_FOUND = "not_found"


class SettleRunOutcome(StrEnum):
    """Of ``settle_run``, ``move_run``, ``time_out_run`` and ``settle_orphans``."""

    SETTLED = "settled"
    MOVED = "moved"  # the run goes on, on another machine
    ENDED = "ended"
    STALE_GENERATION = "stale_generation"
    NOT_FOUND = "not_found"
    UNKNOWN_EXECUTION = "unknown_execution"  # it has the name of the run's own, but is on another machine
    NOT_OURS = "not_ours"  # the use case's own: by its name, the execution belongs to no run


class ConfirmEndOutcome(StrEnum):
    """Of ``confirm_end``."""

    OVER = "over"
    STOPPED = "stopped"  # it still runs, and is stopped again
    OPEN = "open"  # the sweep looks again


class PutMemberOutcome(StrEnum):
    """Of ``put_member``."""

    PUT = "put"
    LAST_ADMIN = "last_admin"  # the organisation would have no person as admin
    MACHINE = "machine"  # the id belongs to a service token, or to a launcher


class PutTimeZoneOutcome(StrEnum):
    """Of ``put_time_zone``."""

    PUT = "put"
    UNKNOWN = "unknown"  # there is no such time zone


class RemoveMemberOutcome(StrEnum):
    """Of ``remove_member``."""

    REMOVED = "removed"
    LAST_ADMIN = "last_admin"
    MACHINE = "machine"
    NOT_FOUND = "not_found"
