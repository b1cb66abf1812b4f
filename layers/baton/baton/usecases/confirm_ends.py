"""Confirm from the record that executions are over, and find executions that the record does not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton.model import ConfirmEndOutcome, ExecutionStatus
from baton.ports.outside import EffectDelivery
from baton.ports.recovery import Executions, ExpectedEnd

if TYPE_CHECKING:
    from baton.store.recovery import ExecutionEnds

MARGIN_SECONDS = 15.0  # at the end of the sweep's time, in which no check begins


@dataclass(frozen=True)
class ConfirmEnds:
    """Asks Step Functions for executions whose run was aborted, has failed, or has a newer execution, until each is
    over. ``report`` gets the run and the error of a look that failed."""

    record: ExecutionEnds
    effects: EffectDelivery
    executions: Executions
    report: Callable[[str, Exception], None]
    limit: int = 50

    def __call__(self, seconds_left: Callable[[], float]) -> dict[str, int]:
        """One look at each execution that is due, at most ``limit``. An execution that still runs is stopped again,
        unless its run has merely failed: then its Tasks are about to end. Returns ``{"over": n, "stopped": n}``."""
        over = stopped = 0
        for expected in self.record.claim(limit=self.limit):
            if seconds_left() < MARGIN_SECONDS:
                break  # the claim has postponed the other executions
            try:
                outcome = self._look(expected)
            except Exception as error:  # noqa: BLE001 (an error of one execution must not stop the sweep)
                self.report(expected.run_id, error)
                continue
            match outcome:
                case ConfirmEndOutcome.OVER:
                    over += 1
                case ConfirmEndOutcome.STOPPED:
                    stopped += 1
                case ConfirmEndOutcome.OPEN | None:
                    pass
                case _:
                    assert_never(outcome)
        return {"over": over, "stopped": stopped}

    def _look(self, expected: ExpectedEnd) -> ConfirmEndOutcome | None:
        description = self.executions.describe(expected.execution)
        status = description.status if description is not None else ExecutionStatus.LOST
        result = self.record.confirm(expected, status)
        if result is None:
            return None
        self.effects.deliver(result.effects)
        return result.outcome


@dataclass(frozen=True)
class FindUnknownExecutions:
    """Finds running executions that the record does not know. A call looks at one state machine of this deployment;
    later calls look at the others in turn.

    Such an execution is reported and never stopped: it may belong to another stack, or be newer than a database that
    was restored. ``clock`` returns seconds, ``report`` gets the ARNs.
    """

    record: ExecutionEnds
    executions: Executions
    report: Callable[[Sequence[str]], None]
    clock: Callable[[], float]
    every_seconds: float = 60

    def __call__(self) -> dict[str, int]:
        """Returns ``{"unknown": n}``."""
        machines = self.executions.machines()
        if not machines:
            return {"unknown": 0}
        machine = machines[int(self.clock() // self.every_seconds) % len(machines)]
        unknown = self.record.unknown(self.executions.running(machine))
        if unknown:
            self.report(unknown)
        return {"unknown": len(unknown)}
