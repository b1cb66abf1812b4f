"""One attempt of a step: begun in the record, and in the end completed, failed or skipped there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from baton import expressions, invocation, templating
from baton.errors import AttemptInProgress, RunEnded, StepExhausted, StepFailed
from baton.merge import deep_merge
from baton.plan import Step
from baton.ports.outside import Effects
from baton.ports.steps import Begun, Delivery, StepResult
from baton.usecases import reviews
from baton.usecases.refusals import raise_refusal

if TYPE_CHECKING:
    from baton.store.steps import Steps

MARGIN_SECONDS = 10.0  # kept of the function's time for recording what came of an attempt
_POLL_SECONDS = 1.0

_CRASHED = {"type": "Crashed", "message": "the functions that ran this step ended without an answer", "retryable": True}

Outcome = dict[str, Any]
"""``{"step_id", "status", …}``: what the state machine gets; its choices look at ``status``."""


@dataclass(frozen=True)
class Attempt:
    """An attempt that this delivery owns. ``step`` is the plan's, also for an item of a for_each step."""

    delivery: Delivery
    begun: Begun
    step: Step

    @property
    def number(self) -> int:
        return self.begun.attempt_number

    @property
    def is_item(self) -> bool:
        """Of a for_each step. The item's value does not tell: it may be null."""
        return self.delivery.step_id != self.step.id

    @property
    def parameter_names(self) -> Collection[str]:
        """Of all parameters that the definition declares: a run has a value for each, be it null."""
        return (self.begun.parameters or {}).keys()

    @cached_property
    def scope(self) -> templating.Scope:
        """What this step's templates may read, overrides and, in a for_each step, the item included."""
        return templating.Scope(
            parameters=self.begun.parameters or {},
            steps=self.begun.outputs or {},
            item={self.step.for_each.name: self.begun.item} if self.step.for_each else {},
        )

    def condition_holds(self) -> bool:
        return self.step.when is None or expressions.holds(self.step.when, self.step.parameter_types, self.scope)

    def input(self) -> dict[str, Any]:
        """The step's input with every template rendered and people's changes merged over it."""
        return deep_merge(templating.render(self.step.input, self.scope), self.input_changes())

    def input_changes(self) -> dict[str, Any]:
        return reviews.input_changes(self.parameter_names, self.begun.reviews)

    def asks_a_person(self) -> bool:
        """Whether a checkpoint follows: not where the launcher skips the optional ones, never after a single item."""
        if self.step.checkpoint is None or self.is_item:
            return False
        return self.step.checkpoint.required or not (self.begun.options or {}).get("skipOptionalCheckpoints")


@dataclass(frozen=True)
class Attempts:
    """Begins and ends attempts, and delivers what the record orders. ``pause`` waits that many seconds."""

    record: Steps
    effects: Effects
    pause: Callable[[float], None]

    def begin(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> Attempt | Outcome:
        """The attempt, or the outcome that the record has of this step already.

        Raises:
            StepExhausted: crashes have used up the automatic retries; recorded as the step's failure.
            AttemptInProgress: another delivery of this attempt is still at work.
            RunEnded, StaleGeneration, WrongMachine, StepNotReady: nothing may be done for this call.
        """
        begun = self.record.begin(delivery, remaining_seconds())
        while begun.outcome == "in_progress":
            if remaining_seconds() < MARGIN_SECONDS:
                raise AttemptInProgress(f"another delivery of {delivery.step_id} has not finished yet")
            self.pause(_POLL_SECONDS)
            begun = self.record.begin(delivery, remaining_seconds())
        raise_refusal(begun.outcome, run_id=delivery.run_id, step_id=delivery.step_id, generation=delivery.generation)
        self.effects.deliver(begun.effects)
        if begun.outcome == "stored":
            return {"step_id": delivery.step_id, "status": begun.step_status}
        invocation.tell(attempt=begun.attempt_number, organization=begun.organization)
        attempt = Attempt(delivery, begun, Step.from_json(begun.planned or {}))
        if begun.outcome == "exhausted":
            self.fail(attempt, _CRASHED, retry_count=0)
        return attempt

    def complete(self, attempt: Attempt, result: StepResult) -> Outcome | None:
        """None if it was to be completed from the cache and the cache has lost it meanwhile."""
        completed = self.record.complete(attempt.delivery, attempt.number, result)
        self.effects.deliver(completed.effects)
        if result.from_cache and not completed.found:
            return None
        self._check(attempt, recorded=completed.recorded)
        return {"step_id": attempt.delivery.step_id, "status": "checkpoint" if result.has_checkpoint else "completed"}

    def skip(self, attempt: Attempt) -> Outcome:
        skipped = self.record.skip(attempt.delivery, attempt.number)
        self.effects.deliver(skipped.effects)
        self._check(attempt, recorded=skipped.recorded)
        return {"step_id": attempt.delivery.step_id, "status": "skipped"}

    def fail(
        self,
        attempt: Attempt,
        error: Mapping[str, Any],
        *,
        retry_count: int | None = None,
        input: Any = None,
        answer: Any = None,
    ) -> NoReturn:
        """Records the failure (``{"type", "message", "retryable"}``).

        Raises:
            StepFailed: the record allows another attempt.
            StepExhausted: it does not.
        """
        failed = self.record.fail(
            attempt.delivery,
            attempt.number,
            error=error,
            retry_count=attempt.step.retry.retry_count if retry_count is None else retry_count,
            notify_human=attempt.step.retry.notify_human,
            input=input,
            response=answer,
        )
        self.effects.deliver(failed.effects)
        self._check(attempt, recorded=failed.recorded)
        raise (StepFailed if failed.will_retry else StepExhausted)(f"{error['type']}: {error['message']}")

    @staticmethod
    def _check(attempt: Attempt, *, recorded: bool) -> None:
        if not recorded:
            raise RunEnded(f"run {attempt.delivery.run_id} took nothing more from {attempt.delivery.step_id}")


def template_error(error: Exception) -> dict[str, Any]:
    """A template that could not be rendered: the same input will not do better."""
    return {"type": type(error).__name__, "message": str(error), "retryable": False}
