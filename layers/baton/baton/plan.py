"""The plan: one version of a definition, checked and with every default spelled out.

The compiler makes it from a definition. The record keeps it as JSON beside each run (``orchestration_runs.plan``), and
everything at run time reads it from there. The work of a step reads only its own element of ``steps``, so its cost does
not grow with the number of steps. ``format`` is the version of that JSON. This module has no pydantic, because the step
function's cold start pays for every import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from baton.errors import BatonError
from baton.model import Backoff, Decision, Mode, OnChildFailure, ParameterType, StepType, TimeoutAction
from baton.stored import Stored

PLAN_FORMAT = 1
MAX_EXECUTION_SECONDS = 31_536_000  # of an execution or a Task, in Step Functions: a year


class PlanUnreadable(BatonError):
    """The stored plan has a format that this version of Baton does not read."""


@dataclass(frozen=True, slots=True)
class Parameter(Stored):
    """A parameter of a launch."""

    WORDS: ClassVar = {"type": ParameterType}
    VALUES: ClassVar = frozenset({"default"})

    name: str
    type: ParameterType
    required: bool
    default: Any
    enum: tuple[Any, ...] | None
    description: str


@dataclass(frozen=True, slots=True)
class Constraint(Stored):
    """A rule over the parameters (see ``expressions``), and the message for a launch that breaks it."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckpointOption(Stored):
    """One button of a checkpoint."""

    WORDS: ClassVar = {"action": Decision}

    action: Decision
    label: str
    allows_modification: bool


@dataclass(frozen=True, slots=True)
class Checkpoint(Stored):
    """The pause for a person after a step. It has no time limit if ``timeout_seconds`` or ``on_timeout`` is None."""

    PARTS: ClassVar = {"options": CheckpointOption}
    WORDS: ClassVar = {"on_timeout": TimeoutAction}

    question: str
    required: bool
    options: tuple[CheckpointOption, ...]
    timeout_seconds: int | None
    on_timeout: TimeoutAction | None

    def option(self, action: Decision) -> CheckpointOption | None:
        return next((option for option in self.options if option.action == action), None)


@dataclass(frozen=True, slots=True)
class Retry(Stored):
    """What happens when a step fails: ``retry_count`` automatic retries.

    The first retry comes after the initial delay. Each further delay is ``backoff_multiplier`` times the one before, up
    to ``max_delay_seconds``. ``allow_skip``: an operator may skip the failed step. ``notify_human``: the event of
    the failure asks to notify a person.
    """

    WORDS: ClassVar = {"strategy": Backoff}

    retry_count: int
    initial_delay_seconds: int
    backoff_multiplier: float
    max_delay_seconds: int
    strategy: Backoff
    allow_skip: bool = True
    notify_human: bool = False


DEFAULT_MAX_ITEMS = 1000  # of a for_each without ``max_items``: the events of its items count for the history
MAX_ITEMS_AT_ONCE = 40  # Step Functions runs at most so many iterations of an inline Map at once


@dataclass(frozen=True, slots=True)
class ForEach(Stored):
    """The step runs once for each item of a list. ``items`` is the template of the list, ``name`` is the name of an
    item in templates (``as`` in the file). ``max_parallel`` None means ``MAX_ITEMS_AT_ONCE``. A list with more than
    ``max_items`` items fails the step."""

    items: Any
    name: str
    max_parallel: int | None = None
    max_items: int = DEFAULT_MAX_ITEMS

    @property
    def at_once(self) -> int:
        """How many items run at once, at most."""
        return min(self.max_parallel or MAX_ITEMS_AT_ONCE, MAX_ITEMS_AT_ONCE, self.max_items)

    def to_json(self) -> dict[str, Any]:
        return {"items": self.items, "as": self.name, "maxParallel": self.max_parallel, "maxItems": self.max_items}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ForEach:
        return cls(
            items=data["items"],
            name=data["as"],
            max_parallel=data.get("maxParallel"),
            max_items=data.get("maxItems") or DEFAULT_MAX_ITEMS,
        )


@dataclass(frozen=True, slots=True)
class Child(Stored):
    """The child run of an orchestration step. ``version`` None is the newest; ``parameters`` is a template."""

    name: str
    version: str | None
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cache(Stored):
    """How long the answer of a step serves other calls with the same input."""

    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class Step(Stored):
    """One node. ``input`` is a template (see ``templating``), ``output_mapping`` is output name → JSONPath.

    A step of ``type`` agent has an ``agent``. A step of type orchestration has a ``child`` and, if the file names it,
    the ``agent`` that owns the child. The step is skipped if its condition ``when`` (see ``expressions``) does not
    hold. ``priority`` is the number of steps on the longest path from this step to the end, with itself; a higher one
    goes first when not all may run.

    ``reads`` are the ids of the steps whose outputs the templates and the condition may read, in the order of the
    definition. None, in plans of earlier versions, means all. ``item_reads`` are the same for the input of an item of a
    ``for_each`` step; None means ``reads``. ``parameter_types`` has the types of the parameters in the condition: only
    these words of it can be parameters.
    """

    WORDS: ClassVar = {
        "type": StepType, "mode": Mode, "on_child_failure": OnChildFailure, "parameter_types": ParameterType,
    }  # fmt: skip
    PARTS: ClassVar = {"checkpoint": Checkpoint, "retry": Retry, "for_each": ForEach, "child": Child, "cache": Cache}

    id: str
    index: int
    name: str
    type: StepType
    agent: str
    mode: Mode
    depends_on: tuple[str, ...]
    input: Mapping[str, Any]
    output_mapping: Mapping[str, str]
    checkpoint: Checkpoint | None
    retry: Retry
    timeout_seconds: int
    when: str | None = None
    for_each: ForEach | None = None
    child: Child | None = None
    continue_on_failure: bool = False
    on_child_failure: OnChildFailure = OnChildFailure.FAIL
    cache: Cache | None = None
    priority: int = 1
    reads: tuple[str, ...] | None = None
    item_reads: tuple[str, ...] | None = None
    parameter_types: Mapping[str, ParameterType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan(Stored):
    """``owner`` is the slug of the orchestrator agent that lists it; ``steps`` are in the order of the definition."""

    PARTS: ClassVar = {"parameters": Parameter, "constraints": Constraint, "steps": Step, "caching": Cache}

    name: str
    version: str
    display_name: str
    description: str
    owner: str
    parameters: tuple[Parameter, ...]
    constraints: tuple[Constraint, ...]
    steps: tuple[Step, ...]
    timeout_seconds: int
    max_parallel: int | None
    caching: Cache | None = None
    format: int = PLAN_FORMAT

    def step(self, step_id: str) -> Step:
        """The step with that id; KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @property
    def parameter_types(self) -> dict[str, ParameterType]:
        return {parameter.name: parameter.type for parameter in self.parameters}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Reads a stored plan; PlanUnreadable if this code does not know its format."""
        if data.get("format") != PLAN_FORMAT:
            raise PlanUnreadable(
                f"The stored plan has format {data.get('format')!r}; this version of Baton reads format {PLAN_FORMAT}."
            )
        return super(Plan, cls).from_json(data)
