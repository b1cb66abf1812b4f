"""Runs: launch one, list them, look at one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack
from uuid import uuid4

from baton_client.approvals import Approval, ApprovalLine
from baton_client.arguments import segment
from baton_client.connection import IDEMPOTENCY_KEY, Connection, camel, without_none
from baton_client.contents import FittedAnswer, Omitted
from baton_client.deliverables import DeliverableLine
from baton_client.steps import Failure, PlannedStep, Step, StepHistory
from baton_client.stream import Event, FittedEvent
from baton_client.vocabulary import EventType, RunStatus

PATH = "/orchestrations/runs"
DEFAULT_EVENTS = 200  # of one call


class DefinitionRef(TypedDict):
    """The version of the definition that a run follows."""

    id: str
    name: str
    version: str
    displayName: str | None


class NamedDefinition(TypedDict):
    name: str
    version: str


class Fork(TypedDict):
    """The run and the step from which a fork began."""

    runId: str
    stepId: str


class Timings(TypedDict):
    """Seconds from the launch to the beginning, from the launch to the end (or until now), and of all reviews."""

    queuedSeconds: int | Decimal
    totalSeconds: int | Decimal
    reviewSeconds: int | Decimal


class Moments(TypedDict):
    createdAt: str
    startedAt: str | None
    completedAt: str | None


class Child(Moments):
    """A child run, and the attempt of the step that made it."""

    id: str
    stepId: str
    attemptNumber: int
    status: RunStatus
    definition: NamedDefinition


class RunLine(Moments):
    """A run in a list."""

    id: str
    status: RunStatus
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    generation: int
    error: Failure | None
    launchedBy: str
    rootRunId: str
    parentRunId: str | None


class Execution(TypedDict):
    """The newest execution of a run in Step Functions. ``consoleUrl`` is its page in the AWS console, which the local
    stack does not have."""

    arn: str
    consoleUrl: str | None


class Run(RunLine, FittedAnswer):
    """Everything about a run that fits into one answer; ``omitted`` names the rest, and ``client.run_parts`` has pages
    of its lists. ``pendingApprovals`` include those of its child runs and have the data to review; ``approvals`` are
    the run's own, without the data."""

    execution: Execution
    forkedFrom: Fork | None
    parameters: dict[str, Any] | None
    parameterOverrides: dict[str, Any] | None
    results: dict[str, Any] | None
    steps: list[StepHistory]
    readySteps: list[str]
    pendingApprovals: list[Approval]
    approvals: list[ApprovalLine]
    children: list[Child]
    deliverables: list[DeliverableLine]
    timings: Timings


class RunState(Moments, FittedAnswer):
    """A run's current state, in short."""

    id: str
    status: RunStatus
    organization: str
    generation: int
    execution: Execution
    error: Failure | None
    steps: list[Step]
    readySteps: list[str]
    pendingApprovals: list[ApprovalLine]


class Callback(TypedDict):
    """The URL of an active webhook of the organisation, and the types of the events of the run and of its child runs
    that it gets."""

    url: str
    events: Sequence[EventType]


class LaunchResult(FittedAnswer):
    """A run that this request launched, or an earlier one with the same idempotency key."""

    id: str
    status: RunStatus
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    execution: Execution
    steps: list[PlannedStep] | list[Step]
    readySteps: list[str]


class _Events(FittedAnswer):
    events: list[Event]
    nextAfter: int | None


class RunPage(FittedAnswer):
    """``nextCursor`` is the ``cursor`` of the next page, None on the last."""

    runs: list[RunLine]
    nextCursor: str | None


class RunFilter(TypedDict, total=False):
    """Filters of a list of runs. ``definition`` is a name, ``parent`` a run's id; moments are ISO 8601 with a time
    zone; ``limit`` is the size of a page (1 to 100)."""

    organization: str | None
    lifecycle: Literal["open", "ended"] | None
    status: RunStatus | None
    definition: str | None
    version: str | None
    parent: str | None
    created_after: str | None
    created_before: str | None
    limit: int | None


class Runs:
    """``client.runs``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def launch(
        self,
        orchestration: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        version: str | None = None,
        agent: str | None = None,
        organization: str | None = None,
        skip_optional_checkpoints: bool = False,
        idempotency_key: str | None = None,
        callback: Callback | None = None,
    ) -> LaunchResult:
        """Launch the newest version, or ``version``, in ``organization`` (default: the client's).

        Every launch has an idempotency key, so a repeated request makes only one run. Choose the key yourself to find
        the same run in a later process. Raises OrganizationMissing.
        """
        body = without_none(
            organization=self._connection.organization(organization),
            orchestration={"name": orchestration, "version": version},
            agent=agent,
            parameters=parameters or {},
            skipOptionalCheckpoints=skip_optional_checkpoints or None,
            callback=callback,
        )
        key = {IDEMPOTENCY_KEY: idempotency_key or str(uuid4())}
        return self._connection.post(PATH, LaunchResult, body, key)

    def page(self, cursor: str | None = None, **filters: Unpack[RunFilter]) -> RunPage:
        """One page, the newest first."""
        query = {camel(name): value for name, value in filters.items()}
        return self._connection.get(PATH, RunPage, {**query, "cursor": cursor})

    def each(self, **filters: Unpack[RunFilter]) -> Iterator[RunLine]:
        """The runs of all pages."""
        cursor: str | None = None
        while True:
            page = self.page(cursor, **filters)
            yield from page["runs"]
            if (cursor := page["nextCursor"]) is None:
                return

    def get(self, run_id: str) -> Run:
        """Everything about a run."""
        return self._connection.get(f"{PATH}/{segment(run_id, 'run_id')}", Run)

    def status(self, run_id: str) -> RunState:
        """A run's current state: the short form, for callers who ask often."""
        return self._connection.get(f"{PATH}/{segment(run_id, 'run_id')}/status", RunState)

    def events(self, run_id: str, *, after: int | None = None, limit: int | None = None) -> list[FittedEvent]:
        """At most ``limit`` events (1 to 500, by default 200) that follow the sequence number ``after``, in order. It
        takes several requests if the events do not fit into one answer."""
        path = f"{PATH}/{segment(run_id, 'run_id')}/events"
        events: list[FittedEvent] = []
        while True:
            rest = None if limit is None else limit - len(events)
            page = self._connection.get(path, _Events, {"after": after, "limit": rest})
            events += _with_omitted(page)
            after = page["nextAfter"]
            if not isinstance(after, int) or len(events) >= (limit or DEFAULT_EVENTS):
                return events


def _with_omitted(page: _Events) -> list[FittedEvent]:
    """The events, each with what the answer leaves out of it, as in the stream."""
    events: list[FittedEvent] = [{**event, "omitted": []} for event in page["events"]]
    for entry in page["omitted"]:
        _, _, place, *path = entry["pointer"].split("/")
        own: Omitted = {**entry, "pointer": "".join(f"/{name}" for name in path)}
        events[int(place)]["omitted"].append(own)
    return events
