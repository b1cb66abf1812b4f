"""Settle runs whose execution has ended without them: stopped in the console, timed out, crashed, or lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from baton.compiler import compile_machine
from baton.errors import WrongMachine
from baton.model import ExecutionStatus, SettleRunOutcome
from baton.ports.library import MachineMaker
from baton.ports.outside import Effects
from baton.ports.recovery import ActionResult, Executions, ExecutionStanding, UncheckedRun
from baton.usecases.settlement import settlement

if TYPE_CHECKING:
    from baton.store.recovery import Settlements

_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([1-9][0-9]*)")
_LOST = ExecutionStanding(ExecutionStatus.LOST, "ExecutionLost", "Step Functions does not know the run's execution")


@dataclass(frozen=True)
class SettleRun:
    record: Settlements
    effects: Effects
    executions: Executions
    machines: MachineMaker

    def __call__(self, execution: str, standing: ExecutionStanding) -> dict[str, Any]:
        """Settles the run of the execution with that ARN, if the run is still open in it, and ends what is open below
        it. An execution that is not one of ours is none of our business.

        ``{"run_id", "outcome"}``: ``settled``, ``moved`` (it goes on, on another machine), or why nothing was done.
        """
        found = _NAME.fullmatch(execution.rpartition(":")[2])
        if found is None:
            return {"run_id": None, "outcome": SettleRunOutcome.NOT_OURS}
        run_id, generation = found[1], int(found[2])
        if standing.status is ExecutionStatus.FAILED and standing.error is None:  # an event may not say why
            standing = self.executions.standing(execution) or standing
        acted = self._settle(run_id, generation, standing)
        self.effects.deliver(acted.effects)
        return {"run_id": run_id, "outcome": acted.outcome}

    def _settle(self, run_id: str, generation: int, standing: ExecutionStanding) -> ActionResult[SettleRunOutcome]:
        if standing.error == WrongMachine.__name__:
            moved = self._move(run_id, generation)
            if moved is not None:
                return moved
        return self.record.settle(settlement(run_id, generation, standing))

    def _move(self, run_id: str, generation: int) -> ActionResult[SettleRunOutcome] | None:
        """The machine has changed since the run was launched: it goes on, on one that is made for its plan."""
        pinned = self.record.pinned(run_id, generation)
        if pinned is None:
            return None
        machine = compile_machine(pinned.plan)
        if pinned.machine == f"x-{machine.digest}":
            return None  # made for it, and still wrong: another one would not do better
        name = self.machines.make(machine)
        if pinned.is_child:  # its parent's machine starts it: a retry of the root will find the right one
            self.record.repin(run_id, machine=name, digest=machine.digest)
            return None
        return self.record.move(run_id, generation, machine=name, digest=machine.digest)


@dataclass(frozen=True)
class SweepRuns:
    """Finds what no event told: it was lost, or came while nobody listened."""

    record: Settlements
    reconcile: SettleRun
    report: Callable[[str, Exception], None]
    quiet_seconds: float = 300
    again_seconds: float = 900
    limit: int = 100

    def __call__(self) -> dict[str, int]:
        """Looks after open runs in which nothing has happened for ``quiet_seconds``, each once in ``again_seconds``:
        ``{"checked": n, "settled": n, "failed": n}``. A run that fails is reported, with its id, and keeps none of the
        others from being looked after."""
        unchecked = self.record.unchecked(
            quiet_seconds=self.quiet_seconds, again_seconds=self.again_seconds, limit=self.limit
        )
        settled = failed = 0
        for run in unchecked:
            try:
                settled += self._settled(run)
            except Exception as error:  # noqa: BLE001 (whatever is wrong with this run, the next may be all right)
                failed += 1
                self.report(run.run_id, error)
        for acted in self.record.abort_orphans(quiet_seconds=self.quiet_seconds, limit=self.limit):
            self.reconcile.effects.deliver(acted.effects)
        return {"checked": len(unchecked), "settled": settled, "failed": failed}

    def _settled(self, run: UncheckedRun) -> bool:
        execution = self.reconcile.executions.arn(run.run_id, run.generation, run.machine)
        standing = self.reconcile.executions.standing(execution) or _LOST
        return standing.status.ended and _is_settled(self.reconcile(execution, standing)["outcome"])


def _is_settled(outcome: SettleRunOutcome) -> bool:
    """Whether this has ended the run, or has it go on."""
    match outcome:
        case SettleRunOutcome.SETTLED | SettleRunOutcome.MOVED:
            return True
        case (
            SettleRunOutcome.ENDED
            | SettleRunOutcome.STALE_GENERATION
            | SettleRunOutcome.NOT_FOUND
            | SettleRunOutcome.NOT_OURS
        ):
            return False
        case _:
            assert_never(outcome)
