"""What every event says, whatever its type: which it is, and how its run stood when it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from baton.model import RunStatus, StepStatus

Count = Annotated[int, Field(ge=0)]
# For a member that may be missing; it is never null, so that rules can ask whether it exists.
Missing = SkipJsonSchema[None]


class Told(BaseModel):
    """JSON with camelCase names. What later minor versions add is passed over."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Orchestration(Told):
    name: str
    version: str


class StepCounts(Told):
    """How many steps there are, and how many of them have each status."""

    total: Count
    pending: Count
    queued: Count
    running: Count
    checkpoint: Count
    completed: Count
    failed: Count
    skipped: Count


class CurrentStep(Told):
    id: str
    status: StepStatus
    attempt_number: int = Field(ge=1)


class RunSummary(Told):
    """A run as it stood once the statement that tells the event was done."""

    id: UUID
    root_run_id: UUID = Field(description="The run that was launched: the run itself, unless it is a child run.")
    parent_run_id: UUID | Missing = None
    orchestration: Orchestration
    status: RunStatus
    generation: int = Field(ge=1, description="Which Step Functions execution of the run drives it.")
    progress: float = Field(ge=0, le=1, description="Steps that are done, of all: by failing too, but not by an abort.")
    steps: StepCounts
    current_steps: list[CurrentStep] = Field(
        max_length=50, description="Steps that are queued, running or at a checkpoint, the first fifty of them."
    )


class Event(Told):
    """An event of a run. It may come twice, then with the same id; `sequence` orders the events of one run."""

    version: Literal[1]
    id: UUID
    time: datetime = Field(description="When the transaction began that it happened in.")
    sequence: int = Field(ge=1, description="1 for the first event of the run, without gaps.")
    type: str
    organization: str = Field(description="Slug of the organisation that the run belongs to.")
    correlation_id: UUID = Field(description="The id of the root run: the same for a run and all of its child runs.")
    run: RunSummary
