"""Settle open runs whose execution has ended: stopped in the console, timed out, crashed, or lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from baton.compiler import compile_machine
from baton.errors import WrongMachine
from baton.model import ExecutionStatus, SettleRunOutcome
from baton.ports.library import DefinitionVersion, MachineMaker
from baton.ports.outside import EffectDelivery
from baton.ports.recovery import ActionResult, ExecutionDescription, Executions, UncheckedRun
from baton.usecases.settlement import settlement

if TYPE_CHECKING:
    from baton.store.recovery import Settlements

_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([1-9][0-9]*)")
_LOST = ExecutionDescription(ExecutionStatus.LOST, "ExecutionLost", "Step Functions does not know the run's execution")


@dataclass(frozen=True)
class SettleRun:
    record: Settlements
    effects: EffectDelivery
    executions: Executions
    machines: MachineMaker
    report_unknown: Callable[[Sequence[str]], None]

    def __call__(self, execution: str, description: ExecutionDescription) -> dict[str, Any]:
        """Settles the run of the execution with that ARN, and its open child runs, if this is the run's newest
        execution. An execution that the record does not know changes nothing and is reported.

        Returns ``{"run_id", "outcome"}``: ``settled``, ``moved`` (the run goes on, on another machine), or the reason
        why it did nothing.
        """
        if self.executions.launches(execution):
            return {"run_id": None, "outcome": SettleRunOutcome.NOT_OURS}
        name = _NAME.fullmatch(execution.rpartition(":")[2])
        if name is None:
            self.report_unknown([execution])
            return {"run_id": None, "outcome": SettleRunOutcome.NOT_OURS}
        run_id, generation = name[1], int(name[2])
        if description.status is ExecutionStatus.FAILED and description.error is None:  # the event may lack the reason
            description = self.executions.describe(execution) or description
        result = self._settle(run_id, generation, execution, description)
        if result.outcome in (SettleRunOutcome.NOT_FOUND, SettleRunOutcome.UNKNOWN_EXECUTION):
            self.report_unknown([execution])
        self.effects.deliver(result.effects)
        return {"run_id": run_id, "outcome": result.outcome}

    def _settle(
        self, run_id: str, generation: int, execution: str, description: ExecutionDescription
    ) -> ActionResult[SettleRunOutcome]:
        if description.error == WrongMachine.__name__:
            result = self._move(run_id, generation, execution)
            if result is not None:
                return result
        return self.record.settle(settlement(run_id, generation, description), execution)

    def _move(self, run_id: str, generation: int, execution: str) -> ActionResult[SettleRunOutcome] | None:
        """Makes a machine for the run's plan and moves the run to it: its machine has changed since the launch."""
        pinned = self.record.pinned(run_id, generation, execution)
        if pinned is None:
            return None
        machine = compile_machine(pinned.plan)
        row = DefinitionVersion(pinned.organization, pinned.plan.name, pinned.plan.version)
        if pinned.machine == self.machines.name_of(machine, row):
            return None  # this machine was made for the plan, so another machine of the same plan would not help
        name = self.machines.make(machine, row)
        if pinned.is_child:  # the parent's machine starts it: a retry of the root run will use the new machine
            self.record.repin(run_id, machine=name, digest=machine.digest)
            return None
        return self.record.move(run_id, generation, machine=name, digest=machine.digest)


@dataclass(frozen=True)
class SweepRuns:
    """Finds runs whose execution ended without an event that reached us, and runs whose time is over."""

    record: Settlements
    reconcile: SettleRun
    report: Callable[[str, Exception], None]
    quiet_seconds: float = 300
    again_seconds: float = 900
    limit: int = 100

    def __call__(self) -> dict[str, int]:
        """Ends runs whose time is over. Then checks open runs without an event for ``quiet_seconds``, each once in
        ``again_seconds``. Returns ``{"timedOut": n, "checked": n, "settled": n, "failed": n}``. If the check of a run
        raises an error, reports it with the run's id and goes on with the next run."""
        overdue = [result for result in self.record.time_out(limit=self.limit) if _is_settled(result.outcome)]
        for result in overdue:
            self.reconcile.effects.deliver(result.effects)
        unchecked = self.record.unchecked(
            quiet_seconds=self.quiet_seconds, again_seconds=self.again_seconds, limit=self.limit
        )
        settled = failed = 0
        for run in unchecked:
            try:
                settled += self._settled(run)
            except Exception as error:  # noqa: BLE001 (an error of one run must not stop the sweep)
                failed += 1
                self.report(run.run_id, error)
        for result in self.record.abort_orphans(quiet_seconds=self.quiet_seconds, limit=self.limit):
            self.reconcile.effects.deliver(result.effects)
        return {"timedOut": len(overdue), "checked": len(unchecked), "settled": settled, "failed": failed}

    def _settled(self, run: UncheckedRun) -> bool:
        description = self.reconcile.executions.describe(run.execution) or _LOST
        return description.status.ended and _is_settled(self.reconcile(run.execution, description)["outcome"])


def _is_settled(outcome: SettleRunOutcome) -> bool:
    """Whether the outcome has changed the run: it has ended, or goes on elsewhere."""
    match outcome:
        case SettleRunOutcome.SETTLED | SettleRunOutcome.MOVED:
            return True
        case (
            SettleRunOutcome.ENDED
            | SettleRunOutcome.STALE_GENERATION
            | SettleRunOutcome.NOT_FOUND
            | SettleRunOutcome.UNKNOWN_EXECUTION
            | SettleRunOutcome.NOT_OURS
        ):
            return False
        case _:
            assert_never(outcome)
