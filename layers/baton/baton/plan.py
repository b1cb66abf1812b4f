"""The plan: one version of a definition, checked and with every default spelled out.

The compiler makes it from a definition; the record keeps it as JSON beside each run (``orchestration_runs.plan``), and
everything that happens at run time reads it from there. The work of a step reads its own element of ``steps`` alone,
so that what it costs does not grow with the number of steps. ``format`` says how that JSON is to be read. No pydantic
here: the step function's cold start pays for every import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from baton.errors import BatonError
from baton.model import Backoff, Decision, Mode, OnChildFailure, ParameterType, StepType, TimeoutAction
from baton.stored import Stored

PLAN_FORMAT = 1


class PlanUnreadable(BatonError):
    """The stored plan has a format that this version of Baton does not read."""


@dataclass(frozen=True, slots=True)
class Parameter(Stored):
    """What a launch may or must give."""

    WORDS: ClassVar = {"type": ParameterType}

    name: str
    type: ParameterType
    required: bool
    default: Any
    enum: tuple[Any, ...] | None
    description: str

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        return value if name == "default" else super(Parameter, cls)._read(name, value)  # a list stays a list


@dataclass(frozen=True, slots=True)
class Constraint(Stored):
    """A rule over the parameters (see ``expressions``) and what to tell someone who breaks it."""

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
    """The pause for a person after a step. ``timeout_seconds`` None waits until somebody decides.

    ``on_timeout`` None goes on waiting after ``timeout_seconds``, too.
    """

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
    """What happens when a step fails.

    ``retry_count`` automatic retries after the first try; the first comes after the initial delay, and each wait is
    ``backoff_multiplier`` times the one before, up to the longest delay. ``allow_skip``: may an operator skip the step
    once it has failed; ``notify_human``: is somebody to be told.
    """

    WORDS: ClassVar = {"strategy": Backoff}

    retry_count: int
    initial_delay_seconds: int
    backoff_multiplier: float
    max_delay_seconds: int
    strategy: Backoff
    allow_skip: bool = True
    notify_human: bool = False


MAX_ITEMS = 1000  # of a for_each: the history of an execution is limited, and that of its Map is part of it


@dataclass(frozen=True, slots=True)
class ForEach(Stored):
    """One execution of the step an item. ``items`` is a template that gives a list, ``name`` how templates call an
    item (``as`` in the file); ``max_parallel`` None leaves the pace to Step Functions."""

    items: Any
    name: str
    max_parallel: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"items": self.items, "as": self.name, "maxParallel": self.max_parallel}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ForEach:
        return cls(items=data["items"], name=data["as"], max_parallel=data.get("maxParallel"))


@dataclass(frozen=True, slots=True)
class Child(Stored):
    """The run that an orchestration step starts. ``version`` None is the newest, ``parameters`` is a template."""

    name: str
    version: str | None
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cache(Stored):
    """How long what a step returned answers for another call with the same input."""

    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class Step(Stored):
    """One node. ``input`` is a template (see ``templating``), ``output_mapping`` is output name → JSONPath.

    A step of ``type`` agent has an ``agent``, one of type orchestration a ``child`` and, if the file names
    it, the ``agent`` that owns it. ``when`` is a condition (see ``expressions``): the step is skipped if it does not
    hold. ``priority`` is the number of steps on the longest way from this step to the end, itself included; the higher
    one goes first when not all may run.

    ``reads`` are the ids of the steps whose outputs the step's templates and its condition may read, in the order of
    the definition; None, which a plan that was stored before has, means all. ``item_reads`` are those that an item of a
    ``for_each`` step may read: what its input refers to, and not the list. None means the same as ``reads``; a step
    without items has None. ``parameter_types`` has the types of the parameters that the condition reads: of its plain
    words, only these can be parameters.
    """

    WORDS: ClassVar = {"type": StepType, "mode": Mode, "on_child_failure": OnChildFailure}
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
    parameter_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan(Stored):
    """``owner`` is the slug of the orchestrator agent that answers for it; ``steps`` are in definition order."""

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
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @property
    def parameter_types(self) -> dict[str, str]:
        return {parameter.name: parameter.type for parameter in self.parameters}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Read a stored plan; PlanUnreadable if its format is not one that this code knows."""
        if data.get("format") != PLAN_FORMAT:
            raise PlanUnreadable(
                f"The stored plan has format {data.get('format')!r}; this version of Baton reads format {PLAN_FORMAT}."
            )
        return super(Plan, cls).from_json(data)
