"""What passes between a step's Task states and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.outbox import Effect


@dataclass(frozen=True)
class Delivery:
    """One call of the step function: which step of which run, by which execution (ARN), which try of its Task state.

    ``attempt_key`` is the same when the same try is delivered twice. ``delivery_id`` (a UUID) is that of one call, or,
    around the work of others (items, a child run), of one execution.
    """

    run_id: str
    step_id: str
    generation: int
    execution: str
    digest: str
    attempt_key: str
    delivery_id: str


@dataclass(frozen=True)
class Begun:
    """The record's answer to a delivery.

    ``outcome`` is one of ``stored`` (with ``step_status``), ``run_ended``, ``stale_generation``, ``wrong_machine``,
    ``unknown_step``, ``failed_before``, ``dependencies_not_done``, ``in_progress``, ``exhausted`` or ``begun``; the
    rest is set for the last two. ``key_number`` is the number of the attempt whose idempotency key this one's calls
    carry: an earlier one's while no agent has answered.
    ``planned`` is the step's element of the plan's ``steps``, ``outputs`` are those of the steps that it reads, by step
    id; one that is not done has no entry, one that was skipped an empty one.
    ``item`` is the value of a for_each step's item, ``item_outputs`` those of its items in their order;
    ``child_definition`` (``{"id", "plan"}``) and ``child_run`` (a row of the record, and ``aborted_because``) those of
    an orchestration step. ``reviews`` are what people said when they had the step tried again, oldest first (each
    ``{"notes", "modifications"}``), ``reviewed_attempt`` (``{"attemptNumber", "input", "outputs"}``) is what the newest
    is about. ``cached_inputs`` are the hashes of the inputs that the cache has an answer for.
    """

    outcome: str
    effects: Sequence[Effect]
    step_status: str = ""
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


@dataclass(frozen=True)
class StepResult:
    """What a successful attempt leaves: mapped outputs, the resolved input, the agent's raw answer, and a deliverable
    to save (``{"id", "type", "format", "title", "content", "metadata"}``).

    ``from_cache`` takes all four from the answer that the cache has for ``input_hash``; ``cache_seconds`` keeps this
    one there.
    """

    outputs: Mapping[str, Any]
    has_checkpoint: bool
    input: Any = None
    response: Any = None
    deliverable: Mapping[str, Any] | None = None
    input_hash: str | None = None
    cache_seconds: float | None = None
    from_cache: bool = False


@dataclass(frozen=True)
class Completed:
    """``recorded`` is False when another delivery owns the attempt by now, or the run was aborted. ``found`` is False
    when the cache has lost what it was to be completed from, meanwhile."""

    found: bool
    recorded: bool
    effects: Sequence[Effect]


@dataclass(frozen=True)
class Failed:
    will_retry: bool
    recorded: bool
    effects: Sequence[Effect]


@dataclass(frozen=True)
class Settled:
    """``outcome`` is ``settled``, ``stored`` (the record had its end already) or a refusal as of ``Begun``."""

    outcome: str
    effects: Sequence[Effect]


@dataclass(frozen=True)
class ChildRun:
    """A child run as an orchestration step prepared it; its ``machine`` without the stack's prefix."""

    run_id: str
    status: str
    machine: str
    generation: int
    effects: Sequence[Effect]
