"""An orchestration step: prepare its child run, and collect its result.

Between the two, the state machine starts the child's execution and waits for its end. The result comes from the child's
record, never from the output of its execution.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeGuard

from baton import templating
from baton.budgets import check_parameters_size
from baton.errors import ChildMovedOn, Invalid, StaleGeneration
from baton.expressions import ExpressionInvalid
from baton.model import MAX_RUN_LEVELS, ExecutionStatus, PrepareAnswer, RunStatus, StepStatus
from baton.outbox import Effect
from baton.parameters import check_parameters
from baton.plan import Plan
from baton.ports.recovery import ExecutionDescription
from baton.ports.steps import ChildRun, Delivery, StepResult
from baton.templating import TemplateInvalid
from baton.usecases import reviews
from baton.usecases.attempt import Attempt, Attempts, Outcome, template_error
from baton.usecases.settlement import settlement

if TYPE_CHECKING:
    from baton.store.children import Children

_NOT_AWAITED = (
    "its parent's step waits no longer: the child's execution did not start, was stopped, or took longer than the "
    "step's timeout_seconds"
)
_NOT_STARTED = {"status": RunStatus.FAILED, "error": {"message": "it was never started"}}


@dataclass(frozen=True)
class PrepareChild:
    """``machine_prefix`` is the ARN of a state machine without the definition's name."""

    attempts: Attempts
    children: Children
    machine_prefix: str

    def __call__(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """``{"status": "start", "machine", "name", "input"}`` for the execution to start, or ``{"status": "done"}``.

        One attempt has one child run. Each further call prepares the next generation of that run.

        Raises:
            StepExhausted: there is no such definition, or the parameters do not fit it.
        """
        attempt = self.attempts.begin(delivery, remaining_seconds)
        if not isinstance(attempt, Attempt):
            return {"status": PrepareAnswer.DONE, "outcome": attempt["status"]}
        try:
            if attempt.context.child_run is None and not attempt.condition_holds():
                self.attempts.skip(attempt)
                return {"status": PrepareAnswer.DONE, "outcome": StepStatus.SKIPPED}
            child = self._insert(attempt, *self._definition_and_parameters(attempt))
        except (TemplateInvalid, ExpressionInvalid) as error:
            self.attempts.fail(attempt, template_error(error))
        except (Invalid, ChildImpossible) as error:
            failure = {"type": type(error).__name__, "message": str(error), "retryable": False}
            self.attempts.fail(attempt, failure)
        self.attempts.effects.deliver(child.effects)
        if child.status.ended:
            return {"status": PrepareAnswer.DONE, "outcome": child.status}
        return {
            "status": PrepareAnswer.START,
            "machine": self.machine_prefix + child.machine,
            "name": f"{child.run_id}-{child.generation}",
            "input": {"run_id": child.run_id, "generation": child.generation},
        }

    @staticmethod
    def _definition_and_parameters(attempt: Attempt) -> tuple[str, Mapping[str, Any]]:
        """The id of the child's definition, and its parameters. An existing child keeps its own, even if there is a
        newer definition by now or the parent's parameters have changed."""
        child = attempt.context.child_run
        if child is not None:
            return child["definition_id"], child["parameters"]
        planned, definition = attempt.step.child, attempt.context.child_definition
        assert planned is not None  # the compiler gives these states to orchestration steps alone
        if definition is None:
            raise ChildImpossible(f"there is no orchestration {planned.name} {planned.version or ''}".rstrip())
        if attempt.context.depth >= MAX_RUN_LEVELS:
            raise ChildImpossible(f"orchestrations nest at most {MAX_RUN_LEVELS} deep")
        rendered = templating.render(planned.parameters, attempt.scope)
        parameters = {**rendered, **attempt.input_changes().get("parameters", {})}
        plan, today = Plan.from_json(definition["plan"]), date.fromisoformat(definition["today"])
        return definition["id"], check_parameters_size(check_parameters(plan, parameters, today))

    def _insert(self, attempt: Attempt, definition_id: str, parameters: Mapping[str, Any]) -> ChildRun:
        assert attempt.step.child is not None  # as above
        child = self.children.insert(
            parent_run_id=attempt.delivery.run_id,
            step_id=attempt.step.id,
            attempt_number=attempt.number,
            attempt_key=attempt.delivery.attempt_key,
            child_id=str(child_id(attempt.delivery.run_id, attempt.step.id, attempt.number)),
            definition_id=definition_id,
            parameters=parameters,
            reviews=reviews.for_child(attempt.parameter_names, attempt.step.child, attempt.context.reviews, parameters),
        )
        if child is None:
            raise StaleGeneration(f"by now {attempt.step.id} is at another attempt, or at a later try of this one")
        return child


class ChildImpossible(Exception):
    """The record cannot make the child run, and a retry would not help."""


@dataclass(frozen=True)
class CollectChild:
    attempts: Attempts
    children: Children

    def __call__(
        self,
        delivery: Delivery,
        remaining_seconds: Callable[[], float],
        awaited: Mapping[str, Any] = MappingProxyType({}),
    ) -> Outcome:
        """The step's outcome, from the child's record. Ends a child run that is still open, because no Task waits for
        it. ``awaited`` has the ``answer`` of ``PrepareChild`` and, as ``caught``, the error (``{"Error", "Cause"}``) of
        the Task that waited for the child's execution.

        Raises:
            ChildMovedOn: the child goes on in its next execution. The machine starts that and waits again.
            StepExhausted: the child did not complete, and the definition does not continue on its failure.
        """
        caught = awaited.get("caught") or {}
        attempt = self.attempts.begin(delivery, remaining_seconds)
        if isinstance(attempt, Attempt) and _has_moved_on(attempt.context.child_run, awaited.get("answer", {}), caught):
            raise ChildMovedOn(f"the child run of {delivery.step_id} goes on in its next execution")
        if isinstance(attempt, Attempt) and _is_open(attempt.context.child_run):
            self.attempts.effects.deliver(self._end(attempt.context.child_run, caught))
            attempt = self.attempts.begin(delivery, remaining_seconds)
        if not isinstance(attempt, Attempt):
            return attempt
        child = attempt.context.child_run or _NOT_STARTED
        if child["status"] != RunStatus.COMPLETED and not attempt.step.on_child_failure.lets_parent_go_on:
            self.attempts.fail(attempt, _failure(child))
        result = StepResult(child_outputs(child), has_checkpoint=attempt.asks_a_person(), response=child)
        outcome = self.attempts.complete(attempt, result)
        assert outcome is not None  # nothing of this comes from the cache
        return outcome

    def _end(self, child: Mapping[str, Any], caught: Mapping[str, str]) -> Sequence[Effect]:
        """Ends the child as its execution ended, without waiting for the event of that. If the execution may still run,
        aborts the child."""
        description = _description_of(caught)
        if description is not None:
            return self.children.settle(settlement(child["id"], child["generation"], description))
        return self.children.abort(child["id"], child["generation"], _NOT_AWAITED)


def _description_of(caught: Mapping[str, str]) -> ExecutionDescription | None:
    """How the child's execution ended; None if it may still run, or never ran. If the execution fails, the cause of the
    Task's error is the answer of ``DescribeExecution``."""
    if caught.get("Error") != "States.TaskFailed":
        return None
    try:
        execution = json.loads(caught.get("Cause", ""))
        return ExecutionDescription(
            ExecutionStatus(execution["Status"]), execution.get("Error"), execution.get("Cause")
        )
    except (ValueError, TypeError, KeyError):
        return None


def _has_moved_on(child: Mapping[str, Any] | None, prepared: Mapping[str, Any], caught: Mapping[str, str]) -> bool:
    """Whether the child has a newer execution than the one that ended. After a time-out, the step no longer waits for
    the child, so this is False."""
    if not _is_open(child) or "input" not in prepared or caught.get("Error") == "States.Timeout":
        return False
    return bool(child["generation"] > prepared["input"]["generation"])


def _is_open(child: Mapping[str, Any] | None) -> TypeGuard[Mapping[str, Any]]:
    return child is not None and not RunStatus(child["status"]).ended


def child_id(run_id: str, step_id: str, attempt_number: int) -> uuid.UUID:
    """The id of the attempt's child run. It follows from the attempt, so two calls cannot make two child runs."""
    return uuid.uuid5(uuid.UUID(run_id), f"{step_id}:{attempt_number}")


def child_outputs(child: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of the orchestration step, from the child run's row."""
    results = (child.get("results") or {}).get("steps", {})
    return {
        "status": child["status"],
        "results": results,
        "parameters": {**(child.get("parameters") or {}), **(child.get("parameter_overrides") or {})},
        "plan": child.get("plan"),
        "completedSteps": [step["id"] for step in (child.get("plan") or {}).get("steps", []) if step["id"] in results],
        "orchestrationRunId": child.get("id"),
        "timings": _timings(child),
        "errorDetails": _error(child),
    }


def _error(child: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if child["status"] == RunStatus.ABORTED:
        return {"type": "RunAborted", "message": child.get("aborted_because") or "no reason was given"}
    return child.get("error")


def _failure(child: Mapping[str, Any]) -> dict[str, Any]:
    error = _error(child) or {}
    where = f" at its step {error['stepId']}" if "stepId" in error else ""
    message = (
        f"the child run {child.get('id', '')} is {child['status']}{where}: {error.get('message', 'no reason is known')}"
    )
    return {"type": "ChildFailed", "message": message, "retryable": False}


def _timings(child: Mapping[str, Any]) -> dict[str, Any]:
    started, completed = child.get("started_at"), child.get("completed_at")
    seconds = (
        (datetime.fromisoformat(completed) - datetime.fromisoformat(started)).total_seconds()
        if started and completed
        else None
    )
    return {"startedAt": started, "completedAt": completed, "durationSeconds": seconds}
