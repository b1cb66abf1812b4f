"""The shape of ``definitions/orchestrations/*.yaml``.

A field of a model is a field of the file, under the same name or its alias. Checks of more than one field are in
``definition.checks`` and its neighbours.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from pydantic import Field

from baton.definition.section import Identifier, ModeInAnyCase, Section, Slug, StepId, Title, Version, either
from baton.model import Backoff, Decision, Mode, OnChildFailure, ParameterType, StepType, TimeoutAction
from baton.plan import MAX_EXECUTION_SECONDS
from baton.words import Word

MAX_STEP_SECONDS = 840  # the agent answers within the step function, which Lambda ends after 900 seconds
MAX_RETRIES = 20
MAX_QUESTION_CHARACTERS = 4000
MAX_LABEL_CHARACTERS = 200
MAX_ITEMS = 3000  # of a list: the events of more items do not fit into an execution's history


class Metadata(Section):
    name: Slug
    display_name: Title = Field(alias="displayName")
    version: Version
    description: str = ""


class Parameter(Section):
    name: Identifier
    type: Word[ParameterType]
    required: bool = False
    default: Any = None
    enum: list[Any] | None = Field(default=None, min_length=1, max_length=1000)
    description: str = ""


class Constraint(Section):
    rule: str
    message: str = Field(min_length=1)


class CheckpointOption(Section):
    action: Word[Decision]
    label: str | None = Field(default=None, max_length=MAX_LABEL_CHARACTERS)
    allows_modification: bool = False


class Checkpoint(Section):
    question: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    required: bool = True
    options: list[CheckpointOption] = Field(min_length=1)
    timeout_seconds: int | None = Field(default=None, ge=1, le=MAX_EXECUTION_SECONDS)
    on_timeout: Word[TimeoutAction] | None = None


class StepFailurePolicy(Section):
    """What happens when a step fails. Every field is optional. A step's policy has the differences from that of its
    orchestration; the properties have the defaults.

    The first retry waits the initial delay; after that, the delay grows by the ``strategy``. Without
    ``max_delay_seconds``, the longest delay is a minute, or the initial delay if that is longer.
    """

    retry_count: int | None = Field(
        default=None, ge=0, le=MAX_RETRIES, validation_alias=either("retry_count", "retryCount")
    )
    max_attempts: int | None = Field(
        default=None, ge=1, le=MAX_RETRIES + 1, validation_alias=either("max_attempts", "maxAttempts")
    )
    strategy: Word[Backoff] = Backoff.EXPONENTIAL
    initial_delay_seconds: int | None = Field(
        default=None, ge=1, le=86_400, validation_alias=either("initial_delay_seconds", "initialDelaySeconds")
    )
    initial_delay_ms: int | None = Field(
        default=None, ge=0, le=86_400_000, validation_alias=either("initial_delay_ms", "initialDelayMs")
    )
    backoff_multiplier: float = Field(
        default=2.0, ge=1, le=10, strict=False, validation_alias=either("backoff_multiplier", "backoffMultiplier")
    )
    max_delay_seconds: int | None = Field(
        default=None, ge=1, le=86_400, validation_alias=either("max_delay_seconds", "maxDelaySeconds")
    )
    allow_skip: bool = Field(default=True, validation_alias=either("allow_skip", "allowSkip"))
    notify_human: bool = Field(default=False, validation_alias=either("notify_human", "notifyHuman"))

    @property
    def retries(self) -> int:
        """The number of automatic retries after the first try."""
        return self.max_attempts - 1 if self.max_attempts is not None else self.retry_count or 0

    @property
    def first_delay_seconds(self) -> int:
        """Whole seconds, at least one, as Step Functions needs them."""
        if self.initial_delay_ms is not None:
            return max(1, ceil(self.initial_delay_ms / 1000))
        return 2 if self.initial_delay_seconds is None else self.initial_delay_seconds

    @property
    def max_wait_seconds(self) -> int:
        return self.max_delay_seconds or max(60, self.first_delay_seconds)

    def changed_by(self, step: StepFailurePolicy) -> StepFailurePolicy:
        """This policy with the fields of a step's policy over it."""
        fields = {name: getattr(step, name) for name in step.model_fields_set}
        for one, other in SYNONYMS:
            fields |= {other: None} if one in fields else {one: None} if other in fields else {}
        return self.model_copy(update=fields)


SYNONYMS = (("retry_count", "max_attempts"), ("initial_delay_seconds", "initial_delay_ms"))  # fields with one meaning


class ErrorHandling(Section):
    on_step_failure: StepFailurePolicy = Field(default_factory=StepFailurePolicy)


class ChildOrchestration(Section):
    """``version`` None is the newest when the step runs. The child gets only these ``parameters``."""

    name: Slug
    version: Version | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)


class Step(Section):
    """``agent`` does the step, or owns the orchestration that it runs."""

    id: StepId
    name: Title | None = None
    stated_type: Word[StepType] | None = Field(default=None, alias="type")
    agent: Slug | None = None
    orchestration: ChildOrchestration | None = None
    mode: ModeInAnyCase = Mode.BUILD
    depends_on: list[str] = Field(default_factory=list)
    when: str | None = None
    for_each: Any = None
    item: Identifier = Field(default="item", alias="as")
    max_parallel: int | None = Field(default=None, ge=1)
    max_items: int | None = Field(default=None, ge=1, le=MAX_ITEMS)
    input: dict[str, Any] = Field(default_factory=dict)
    checkpoint_after: Checkpoint | None = None
    output_mapping: dict[Identifier, str] = Field(default_factory=dict)
    timeout_seconds: int | None = Field(default=None, ge=1, le=MAX_EXECUTION_SECONDS)
    continue_on_failure: bool = False
    on_child_failure: Word[OnChildFailure] = OnChildFailure.FAIL
    error_handling: ErrorHandling | None = None

    @property
    def type(self) -> StepType:
        """The type in the file. Without one, it follows from the presence of ``orchestration``, even an empty one."""
        has_child = "orchestration" in self.model_fields_set
        return self.stated_type or (StepType.ORCHESTRATION if has_child else StepType.AGENT)


class CachedStep(Section):
    id: str
    ttl_seconds: int | None = Field(
        default=None, ge=1, le=MAX_EXECUTION_SECONDS, validation_alias=either("ttlSeconds", "ttl_seconds")
    )
    enabled: bool = True


class Caching(Section):
    """The cache has the answers of a step that has a time to live: its own, or that for all steps."""

    enabled: bool = True
    ttl_seconds: int | None = Field(
        default=None, ge=1, le=MAX_EXECUTION_SECONDS, validation_alias=either("ttlSeconds", "ttl_seconds")
    )
    steps: list[CachedStep] = Field(default_factory=list)


class Concurrency(Section):
    max_parallel: int | None = Field(
        default=None, ge=1, le=1000, validation_alias=either("maxParallel", "max_parallel")
    )


class Execution(Section):
    timeout_seconds: int | None = Field(default=None, ge=1, le=MAX_EXECUTION_SECONDS)
    concurrency: Concurrency = Field(default_factory=Concurrency)
    caching: Caching | None = None


class Orchestration(Section):
    steps: list[Step] = Field(min_length=1, max_length=200)
    parameters: list[Parameter] = Field(default_factory=list, max_length=200)
    constraints: list[Constraint] = Field(default_factory=list, max_length=200)
    error_handling: ErrorHandling = Field(default_factory=ErrorHandling)
    execution: Execution = Field(default_factory=Execution)


class Definition(Section):
    metadata: Metadata
    orchestration: Orchestration
