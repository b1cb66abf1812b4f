"""Steps: the calls of their Task states, and the record's answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from baton import history
from baton.model import BeginOutcome, Refusal, RunStatus, SettleStepOutcome, StepStatus, StepTask
from baton.outbox import Effect


@dataclass(frozen=True)
class Delivery:
    """One call of the step function: the step, its run, the execution (ARN), and the try of its Task state.

    ``attempt_key`` names the try, so it is the same if a try is delivered twice. ``delivery_id`` (a UUID) names the
    call. Calls around the work of items or of a child run have one ``delivery_id`` for the whole execution.
    ``history_events`` are the events of the execution's history that this entry of the Task has cost so far.
    ``calls_agent``: another delivery must wait until this one is done. All other work is repeated without harm.
    """

    run_id: str
    step_id: str
    generation: int
    execution: str
    digest: str
    attempt_key: str
    delivery_id: str
    history_events: int = 0
    calls_agent: bool = True

    @classmethod
    def of_call(cls, event: Mapping[str, Any], task: StepTask) -> Self:
        """The delivery of an event from a Task state with the action ``task``."""
        execution, step_id = event["execution"], event["step_id"]
        if "item_index" in event:
            step_id = f"{step_id}[{event['item_index']}]"
        works = task in (StepTask.RUN, StepTask.ITEM)
        of_execution = uuid.uuid5(uuid.UUID(event["run_id"]), f"{execution} {step_id}")
        return cls(
            run_id=event["run_id"],
            step_id=step_id,
            generation=event["generation"],
            execution=execution,
            digest=event["digest"],
            attempt_key="|".join([execution, step_id, event["entered_at"], str(event["retry_count"])]),
            delivery_id=str(uuid.uuid4() if works else of_execution),
            history_events=history.of_work(task, event["retry_count"]),
            calls_agent=works,
        )


@dataclass(frozen=True)
class BeginResult:
    """The record's answer to a delivery.

    With the outcome ``stored``, it has ``step_status``. With ``begun`` and ``exhausted``, it has the other fields:

    * ``key_number``: the calls of this attempt have the idempotency key of the attempt with this number. It is an
      earlier attempt if no agent has answered since.
    * ``planned``: the step's element of the plan's ``steps``.
    * ``outputs``: step id → outputs, for the steps that this step reads. A step that is not done has no entry, a
      skipped step has an empty one.
    * ``item``: of an item, its value in the list. ``item_outputs``: of a for_each step, the outputs of its items in
      their order.
    * ``child_definition`` (``{"id", "plan", "today"}``) and ``child_run`` (a row of the record, with
      ``aborted_because``): of an orchestration step.
    * ``reviews``: people's requests for another attempt (each ``{"notes", "modifications"}``), the oldest first.
      ``reviewed_attempt`` (``{"attemptNumber", "input", "outputs"}``) is the attempt that the newest review is about.
    * ``cached_inputs``: the hashes of the inputs for which the cache has an answer.
    * ``lost_results``: how many results of this attempt were lost, because the database was away.
    """

    outcome: BeginOutcome | Refusal
    effects: Sequence[Effect]
    step_status: StepStatus | None = None
    attempt_number: int = 0
    key_number: int = 0
    organization: str = ""
    agent_slug: str = ""
    mode: str = ""
    transport: Mapping[str, Any] | None = None
    planned: Mapping[str, Any] | None = None
    outputs: Mapping[str, Mapping[str, Any]] | None = None
    parameters: Mapping[str, Any] | None = None
    options: Mapping[str, Any] | None = None
    item: Any = None
    definition_name: str = ""
    definition_version: str = ""
    depth: int = 1
    item_outputs: Sequence[Mapping[str, Any]] | None = None
    child_definition: Mapping[str, Any] | None = None
    child_run: Mapping[str, Any] | None = None
    cached_inputs: Sequence[str] | None = None
    reviews: Sequence[Mapping[str, Any]] = ()
    reviewed_attempt: Mapping[str, Any] | None = None
    lost_results: int = 0


@dataclass(frozen=True)
class StepResult:
    """The result of a successful attempt: mapped outputs, the resolved input, the agent's raw answer, and deliverables
    to save (``{"id", "position", "name", "type", "format", "title", "content", "metadata"}``; the main one has
    position 0, and may have no name).

    With ``from_cache``, the record takes all four from the cache's answer to ``input_hash``. With ``cache_seconds``,
    the cache keeps this result for so many seconds.
    """

    outputs: Mapping[str, Any]
    has_checkpoint: bool
    input: Any = None
    response: Any = None
    deliverables: Sequence[Mapping[str, Any]] = ()
    input_hash: str | None = None
    cache_seconds: float | None = None
    from_cache: bool = False


@dataclass(frozen=True)
class CompleteResult:
    """``recorded`` is False if another delivery owns the attempt by now, or the run is aborted. ``cache_missed``: the
    result should come from the cache, and the cache no longer has it."""

    recorded: bool
    effects: Sequence[Effect]
    cache_missed: bool = False


@dataclass(frozen=True)
class FailResult:
    will_retry: bool
    recorded: bool
    effects: Sequence[Effect]


@dataclass(frozen=True)
class SettleResult:
    outcome: SettleStepOutcome | Refusal
    effects: Sequence[Effect]


@dataclass(frozen=True)
class ChildRun:
    """The child run of an orchestration step. ``machine`` is a name without the stack's prefix."""

    run_id: str
    status: RunStatus
    machine: str
    generation: int
    effects: Sequence[Effect]
