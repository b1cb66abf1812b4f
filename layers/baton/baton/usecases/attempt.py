"""One attempt of a step. The record begins it, and ends it: completed, failed or skipped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, assert_never

from baton import expressions, invocation, templating
from baton.budgets import outputs_failure, shortened
from baton.errors import (
    AttemptInProgress,
    ResultNotRecorded,
    RunEnded,
    StaleGeneration,
    StepExhausted,
    StepFailed,
    StepNotReady,
    StoreUnavailable,
)
from baton.merge import deep_merge
from baton.model import BeginOutcome, Refusal, StepStatus
from baton.plan import Step
from baton.ports.outside import EffectDelivery
from baton.ports.steps import BeginResult, Delivery, StepResult
from baton.usecases import reviews
from baton.usecases.refusals import message_about, refused

if TYPE_CHECKING:
    from baton.store.steps import Steps

MARGIN_SECONDS = 10.0  # at the end of the function's time, to record the result of an attempt
MAX_LOST_RESULTS = 32  # of one attempt; ``supabase/schemas/is_exhausted.sql`` has the same limit
MAX_TYPE_BYTES = 200  # of an error's name, which may be that of an agent's exception
_POLL_SECONDS = 1.0

_CRASHED = {"type": "Crashed", "message": "the functions that ran this step ended without an answer", "retryable": True}
_NOT_RECORDED = {
    "type": "ResultNotRecorded",
    "message": "the record could not take a result of this attempt, again and again",
    "retryable": False,
}

Outcome = dict[str, Any]
"""``{"step_id", "status", …}``: the answer to the state machine. Its Choice states read ``status``."""


@dataclass(frozen=True)
class Attempt:
    """An attempt that this delivery owns. ``context`` is the record's answer to its begin. ``step`` is the plan's step;
    an item of a for_each step has the whole step here."""

    delivery: Delivery
    context: BeginResult
    step: Step

    @property
    def number(self) -> int:
        return self.context.attempt_number

    @property
    def is_item(self) -> bool:
        """Whether this is an item of a for_each step. The item's value cannot say so: it may be null."""
        return self.delivery.step_id != self.step.id

    @property
    def parameter_names(self) -> Collection[str]:
        """The names of all parameters that the definition declares. A run has a value, or null, for each."""
        return (self.context.parameters or {}).keys()

    @cached_property
    def scope(self) -> templating.Scope:
        """What this step's templates may read: parameters with overrides, outputs and, in a for_each step, the item."""
        return templating.Scope(
            parameters=self.context.parameters or {},
            steps=self.context.outputs or {},
            item={self.step.for_each.name: self.context.item} if self.step.for_each else {},
        )

    def condition_holds(self) -> bool:
        return self.step.when is None or expressions.holds(self.step.when, self.step.parameter_types, self.scope)

    def input(self) -> dict[str, Any]:
        """The step's input, rendered, with people's changes merged over it."""
        return deep_merge(templating.render(self.step.input, self.scope), self.input_changes())

    def input_changes(self) -> dict[str, Any]:
        return reviews.input_changes(self.parameter_names, self.context.reviews)

    def asks_a_person(self) -> bool:
        """Whether a checkpoint follows. No checkpoint follows a single item, and an optional one may be switched off by
        the launch."""
        if self.step.checkpoint is None or self.is_item:
            return False
        return self.step.checkpoint.required or not (self.context.options or {}).get("skipOptionalCheckpoints")


@dataclass(frozen=True)
class Attempts:
    """Begins and ends attempts, and delivers the effects of both. ``pause`` waits that many seconds."""

    record: Steps
    effects: EffectDelivery
    pause: Callable[[float], None]

    def begin(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> Attempt | Outcome:
        """The attempt, or the step's outcome if the record has one already.

        Raises:
            StepExhausted: the step has failed before, or crashes have used up the automatic retries. The record then
                has this failure.
            AttemptInProgress: another delivery of this attempt is still at work.
            StoreUnavailable: the record could not take results of this attempt, and it is too early for the next.
            RunEnded, StaleGeneration, WrongMachine, StepNotReady: the record refuses the call. StaleGeneration also
                means that the run goes on in its next execution, because the history of this one is nearly full.
        """
        context = self._begun(delivery, remaining_seconds)
        if isinstance(context.outcome, Refusal):
            raise refused(context.outcome, delivery)
        self.effects.deliver(context.effects)
        match context.outcome:
            case BeginOutcome.STORED:
                return {"step_id": delivery.step_id, "status": context.step_status}
            case BeginOutcome.BEGUN:
                return _attempt(delivery, context)
            case BeginOutcome.EXHAUSTED:
                return self.fail(_attempt(delivery, context), _exhaustion(context), retry_count=0)
            case BeginOutcome.FAILED_BEFORE:
                raise StepExhausted(message_about(delivery, context.outcome))
            case BeginOutcome.IN_PROGRESS:
                raise AttemptInProgress(f"another delivery of {delivery.step_id} has not finished yet")
            case BeginOutcome.PAUSED:
                raise StoreUnavailable(message_about(delivery, context.outcome))
            case BeginOutcome.MOVED_ON:
                raise StaleGeneration(message_about(delivery, context.outcome))
            case BeginOutcome.DEPENDENCIES_NOT_DONE:
                raise StepNotReady(message_about(delivery, context.outcome))
            case _:
                assert_never(context.outcome)

    def _begun(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> BeginResult:
        """The record's answer. While another delivery of the attempt is at work, it asks again, as long as there is
        time."""
        context = self.record.begin(delivery, remaining_seconds())
        while context.outcome is BeginOutcome.IN_PROGRESS and remaining_seconds() >= MARGIN_SECONDS:
            self.pause(_POLL_SECONDS)
            context = self.record.begin(delivery, remaining_seconds())
        return context

    def complete(self, attempt: Attempt, result: StepResult) -> Outcome | None:
        """Records the result. None if it should come from the cache and the cache no longer has it.

        Raises:
            ResultNotRecorded: the database is away. The same holds for ``skip``, ``fail`` and ``give_back``.
            StepExhausted: the outputs are too large (``OutputTooLarge``).
        """
        failure = outputs_failure(result.outputs)
        if failure is not None:
            self.fail(attempt, failure, input=result.input, answer=result.response)
        with _recording(attempt):
            answer = self.record.complete(attempt.delivery, attempt.number, result)
        self.effects.deliver(answer.effects)
        if result.from_cache and answer.cache_missed:
            return None
        self._check(attempt, recorded=answer.recorded)
        return {"step_id": attempt.delivery.step_id, "status": _status_after(result)}

    def skip(self, attempt: Attempt) -> Outcome:
        with _recording(attempt):
            answer = self.record.skip(attempt.delivery, attempt.number)
        self.effects.deliver(answer.effects)
        self._check(attempt, recorded=answer.recorded)
        return {"step_id": attempt.delivery.step_id, "status": StepStatus.SKIPPED}

    def fail(
        self,
        attempt: Attempt,
        error: Mapping[str, Any],
        *,
        retry_count: int | None = None,
        input: Any = None,
        answer: Any = None,
    ) -> NoReturn:
        """Records the failure (``{"type", "message", "retryable"}``), whose message may be shortened.

        Raises:
            StepFailed: the record allows another attempt.
            StepExhausted: the record allows no other attempt.
        """
        error = {
            **error,
            "type": shortened(str(error["type"]), MAX_TYPE_BYTES),
            "message": shortened(str(error["message"])),
        }
        with _recording(attempt):
            result = self.record.fail(
                attempt.delivery,
                attempt.number,
                error=error,
                retry_count=attempt.step.retry.retry_count if retry_count is None else retry_count,
                notify_human=attempt.step.retry.notify_human,
                input=input,
                response=answer,
            )
        self.effects.deliver(result.effects)
        self._check(attempt, recorded=result.recorded)
        raise (StepFailed if result.will_retry else StepExhausted)(f"{error['type']}: {error['message']}")

    def give_back(self, attempt: Attempt) -> None:
        """Gives an attempt back, because the agent could not be called. The attempt goes on with another delivery."""
        with _recording(attempt):
            self.record.give_back(attempt.delivery, attempt.number)

    @staticmethod
    def _check(attempt: Attempt, *, recorded: bool) -> None:
        if not recorded:
            raise RunEnded(f"run {attempt.delivery.run_id} no longer takes results of {attempt.delivery.step_id}")


def _attempt(delivery: Delivery, context: BeginResult) -> Attempt:
    invocation.tell(attempt=context.attempt_number, organization=context.organization)
    return Attempt(delivery, context, Step.from_json(context.planned or {}))


@contextmanager
def _recording(attempt: Attempt) -> Iterator[None]:
    """A context in which the end of an attempt is recorded. If the database is away, raises ResultNotRecorded when the
    result of an agent's call is lost, and otherwise StoreUnavailable, after which the call is repeated."""
    try:
        yield
    except StoreUnavailable as error:
        if not attempt.delivery.calls_agent:
            raise
        raise ResultNotRecorded(f"{attempt.delivery.step_id}: {error}") from error


def _exhaustion(context: BeginResult) -> Mapping[str, Any]:
    return _NOT_RECORDED if context.lost_results >= MAX_LOST_RESULTS else _CRASHED


def _status_after(result: StepResult) -> StepStatus:
    return StepStatus.CHECKPOINT if result.has_checkpoint else StepStatus.COMPLETED


def template_error(error: Exception) -> dict[str, Any]:
    """The failure of a step whose template cannot be rendered. A retry would fail in the same way."""
    return {"type": type(error).__name__, "message": str(error), "retryable": False}
