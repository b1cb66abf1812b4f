"""The members of every event: its identity, and of an event of a run, the state of that run at that time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from baton.model import RunStatus, StepStatus

Count = Annotated[int, Field(ge=0)]
# The type of a member that may be missing. It is never null, so that EventBridge rules can test its existence.
Missing = SkipJsonSchema[None]


class EventPart(BaseModel):
    """JSON with camelCase names. Unknown members are ignored: later minor versions may add some."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Orchestration(EventPart):
    name: str
    version: str


class StepCounts(EventPart):
    """How many steps there are, and how many of them have each status."""

    total: Count
    pending: Count
    queued: Count
    running: Count
    checkpoint: Count
    completed: Count
    failed: Count
    skipped: Count


class CurrentStep(EventPart):
    id: str
    status: StepStatus
    attempt_number: int = Field(ge=1)


class RunSummary(EventPart):
    """The run's state at the end of the statement that wrote the event."""

    id: UUID
    root_run_id: UUID = Field(description="The run that was launched: the run itself, unless it is a child run.")
    parent_run_id: UUID | Missing = None
    orchestration: Orchestration
    status: RunStatus
    generation: int = Field(ge=1, description="The number of the Step Functions execution that drives the run.")
    progress: float = Field(
        ge=0, le=1, description="The share of finished steps: failed ones count, aborted ones do not."
    )
    steps: StepCounts
    current_steps: list[CurrentStep] = Field(
        max_length=50, description="Steps that are queued, running or at a checkpoint, the first fifty of them."
    )


class BusEvent(EventPart):
    """An event in general. It may come twice, then with the same id."""

    version: Literal[1]
    id: UUID
    time: datetime = Field(description="When it happened; of a run's event, when its transaction began.")
    type: str
    organization: str = Field(description="Slug of the organisation that the run or the webhook belongs to.")


class Event(BusEvent):
    """An event of a run. It may come twice, then with the same id; `sequence` orders the events of one run."""

    sequence: int = Field(ge=1, description="1 for the first event of the run, without gaps.")
    correlation_id: UUID = Field(description="The id of the root run: the same for a run and all of its child runs.")
    run: RunSummary
