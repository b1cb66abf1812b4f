"""Steps in Postgres: one method a boundary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from psycopg.types.json import Jsonb

from baton.model import BeginOutcome, SettleStepOutcome, StepStatus
from baton.ports.steps import BeginResult, CompleteResult, Delivery, FailResult, SettleResult, StepResult
from baton.store.database import Database
from baton.store.functions import Function, effects_of, outcome_of

_BEGIN = Function(
    "begin_step",
    run_id="uuid",
    step_id="text",
    execution="text",
    digest="text",
    attempt_key="text",
    delivery_id="uuid",
    lease_seconds="float8",
    history_events="integer",
)
_COMPLETE = Function(
    "complete_step",
    run_id="uuid",
    step_id="text",
    attempt_number="integer",
    delivery_id="uuid",
    outputs="jsonb",
    metadata="jsonb",
    deliverables="jsonb",
    has_checkpoint="boolean",
    input_hash="text",
    cache_seconds="float8",
    from_cache="boolean",
)
_FAIL = Function(
    "fail_step",
    run_id="uuid",
    step_id="text",
    attempt_number="integer",
    delivery_id="uuid",
    error="jsonb",
    retry_count="integer",
    notify_human="boolean",
    metadata="jsonb",
)
_SKIP = Function("skip_step", run_id="uuid", step_id="text", attempt_number="integer", delivery_id="uuid")
_EXPAND = Function(
    "expand_step", run_id="uuid", step_id="text", attempt_number="integer", delivery_id="uuid", items="jsonb"
)
_SETTLE = Function(
    "settle_step",
    run_id="uuid",
    step_id="text",
    execution="text",
    digest="text",
    error="jsonb",
    history_events="integer",
)
_GIVE_BACK = Function("give_attempt_back", run_id="uuid", step_id="text", attempt_number="integer", delivery_id="uuid")


class Steps:
    """For the step function's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, delivery: Delivery, lease_seconds: float) -> BeginResult:
        answer = _BEGIN.answer(
            self._database,
            run_id=delivery.run_id,
            step_id=delivery.step_id,
            execution=delivery.execution,
            digest=delivery.digest,
            attempt_key=delivery.attempt_key,
            delivery_id=delivery.delivery_id,
            lease_seconds=lease_seconds if delivery.calls_agent else 0.0,
            history_events=delivery.history_events,
        )
        begun = BeginResult(outcome_of(answer, BeginOutcome), effects_of(answer))
        if answer["stepStatus"] is not None:
            return replace(begun, step_status=StepStatus(answer["stepStatus"]))
        work = answer["work"]
        return begun if work is None else _with_work(begun, work)

    def complete(self, delivery: Delivery, attempt_number: int, result: StepResult) -> CompleteResult:
        answer = _COMPLETE.answer(
            self._database,
            **_attempt(delivery, attempt_number),
            outputs=Jsonb(dict(result.outputs)),
            metadata=_runtime(result.input, result.response),
            deliverables=Jsonb(list(result.deliverables)),
            has_checkpoint=result.has_checkpoint,
            input_hash=result.input_hash,
            cache_seconds=result.cache_seconds,
            from_cache=result.from_cache,
        )
        return CompleteResult(recorded=answer["recorded"], effects=effects_of(answer), cache_missed=not answer["found"])

    def fail(
        self,
        delivery: Delivery,
        attempt_number: int,
        *,
        error: Mapping[str, Any],
        retry_count: int,
        notify_human: bool = False,
        input: Any = None,
        response: Any = None,
    ) -> FailResult:
        answer = _FAIL.answer(
            self._database,
            **_attempt(delivery, attempt_number),
            error=Jsonb(dict(error)),
            retry_count=retry_count,
            notify_human=notify_human,
            metadata=_runtime(input, response),
        )
        return FailResult(will_retry=answer["willRetry"], recorded=answer["recorded"], effects=effects_of(answer))

    def skip(self, delivery: Delivery, attempt_number: int) -> CompleteResult:
        answer = _SKIP.answer(self._database, **_attempt(delivery, attempt_number))
        return CompleteResult(recorded=answer["recorded"], effects=effects_of(answer))

    def give_back(self, delivery: Delivery, attempt_number: int) -> None:
        """This delivery could not call the agent; the next one goes on with the attempt."""
        _GIVE_BACK.answer(self._database, **_attempt(delivery, attempt_number))

    def expand(self, delivery: Delivery, attempt_number: int, items: Sequence[Any]) -> list[int]:
        """The indexes of the items that are not done: an earlier execution may have done some."""
        answer = _EXPAND.answer(self._database, **_attempt(delivery, attempt_number), items=Jsonb(list(items)))
        undone: list[int] = answer["items"]
        return undone

    def settle(self, delivery: Delivery, error: Mapping[str, Any]) -> SettleResult:
        answer = _SETTLE.answer(
            self._database,
            run_id=delivery.run_id,
            step_id=delivery.step_id,
            execution=delivery.execution,
            digest=delivery.digest,
            error=Jsonb(dict(error)),
            history_events=delivery.history_events,
        )
        return SettleResult(outcome=outcome_of(answer, SettleStepOutcome), effects=effects_of(answer))


def _with_work(begun: BeginResult, work: Mapping[str, Any]) -> BeginResult:
    return replace(
        begun,
        attempt_number=work["attemptNumber"],
        key_number=work["keyNumber"],
        organization=work["organization"],
        agent_slug=work["agent"],
        mode=work["mode"],
        transport=work["transport"],
        planned=work["planned"],
        parameters=work["parameters"],
        outputs=work["outputs"],
        options=work["options"],
        item=work["item"],
        definition_name=work["definition"],
        definition_version=work["version"],
        depth=work["depth"],
        item_outputs=work["itemOutputs"],
        child_definition=work["childDefinition"],
        child_run=work["childRun"],
        cached_inputs=work["cachedInputs"],
        reviews=work["reviews"],
        reviewed_attempt=work["reviewedAttempt"],
        lost_results=work["lostResults"],
    )


def _attempt(delivery: Delivery, attempt_number: int) -> dict[str, Any]:
    return {
        "run_id": delivery.run_id,
        "step_id": delivery.step_id,
        "attempt_number": attempt_number,
        "delivery_id": delivery.delivery_id,
    }


def _runtime(input: Any, response: Any) -> Jsonb:
    return Jsonb({"runtime": {"input": input, "response": response}})
