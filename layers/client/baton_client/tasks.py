"""Tasks: the protocol between agents. Everything that a task does, ``client.runs`` and ``client.approvals`` do, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NotRequired, TypedDict, TypeVar
from uuid import uuid4

from baton_client.approvals import DecisionResult, Option
from baton_client.arguments import segment
from baton_client.connection import IDEMPOTENCY_KEY, ORGANIZATION, Answer, Connection, without_none
from baton_client.contents import FittedAnswer
from baton_client.recovery import RecoveryResult
from baton_client.runs import Callback
from baton_client.steps import PlannedStep, Step
from baton_client.vocabulary import Decision, RunStatus, TimeoutAction

GLOBAL = "global"  # the organisation of the deployment's own agents


class TaskLaunchResult(TypedDict):
    """The answer to ``build``."""

    orchestrationRunId: str
    status: RunStatus
    steps: list[PlannedStep] | list[Step]
    readySteps: list[str]


class PlannedCheckpoint(TypedDict):
    """A question for a person. A launch may leave it out if ``required`` is False."""

    question: str | None
    required: bool
    options: list[Option] | None
    timeoutSeconds: int | None
    onTimeout: TimeoutAction | None


class PlannedList(TypedDict):
    """The list of a for_each step, and the name of an item in its templates."""

    items: Any
    name: str


class PlannedChild(TypedDict):
    """The orchestration that a step runs. ``version`` None: the newest at that time."""

    name: str
    version: str | None


class PreviewedStep(PlannedStep):
    """``input`` is the agent's input. References to steps that have not run stay as they are in the definition."""

    input: dict[str, Any]
    checkpoint: PlannedCheckpoint | None
    when: NotRequired[str | None]
    forEach: NotRequired[PlannedList]
    orchestration: NotRequired[PlannedChild]


class PreviewedOrchestration(TypedDict):
    name: str
    version: str
    displayName: str | None


class Preview(TypedDict):
    """The answer to ``plan``: what a launch would do. ``stateMachine`` is Amazon States Language."""

    orchestration: PreviewedOrchestration
    parameters: dict[str, Any]
    steps: list[PreviewedStep]
    readySteps: list[str]
    stateMachine: dict[str, Any] | None


class TaskMetadata(TypedDict, total=False):
    """``build`` has all fields, ``plan`` has those of the definition, the other tasks have those of the run."""

    organization: str
    orchestrationDefinitionId: str
    ownerAgentSlug: str
    orchestrationRunId: str
    status: RunStatus
    statusUrl: str
    streamUrl: str


Content = TypeVar("Content")


class TaskPayload(TypedDict, Generic[Content]):
    content: Content
    metadata: TaskMetadata


class TaskAnswer(FittedAnswer, Generic[Content]):
    success: bool
    mode: str
    payload: TaskPayload[Content]


class Tasks:
    """``client.tasks``: ``agent`` receives the task, ``path`` is the organisation under which it answers.

    The deployment's own agents answer under ``global``; the run then belongs to the client's organisation, or to the
    only organisation of the caller. ``Client`` names the errors of its methods.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def build(
        self,
        agent: str,
        orchestration: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        version: str | None = None,
        skip_optional_checkpoints: bool = False,
        idempotency_key: str | None = None,
        callback: Callback | None = None,
        path: str = GLOBAL,
    ) -> TaskAnswer[TaskLaunchResult]:
        """Launch a run. ``Runs.launch`` explains ``idempotency_key``."""
        payload = _launch(orchestration, parameters, version, skip_optional_checkpoints, callback)
        key = {IDEMPOTENCY_KEY: idempotency_key or str(uuid4())}
        return self._ask(path, agent, "build", TaskAnswer[TaskLaunchResult], payload, key)

    def plan(
        self,
        agent: str,
        orchestration: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        version: str | None = None,
        skip_optional_checkpoints: bool = False,
        callback: Callback | None = None,
        path: str = GLOBAL,
    ) -> TaskAnswer[Preview]:
        """Describe what a launch would do, and start nothing."""
        payload = _launch(orchestration, parameters, version, skip_optional_checkpoints, callback)
        return self._ask(path, agent, "plan", TaskAnswer[Preview], payload)

    def respond(
        self,
        agent: str,
        approval_id: str,
        decision: Decision,
        *,
        notes: str | None = None,
        modifications: Mapping[str, Any] | None = None,
        path: str = GLOBAL,
    ) -> TaskAnswer[DecisionResult]:
        """Decide an approval, as ``Approvals.decide`` does."""
        payload = without_none(approvalId=approval_id, decision=decision, notes=notes, modifications=modifications)
        return self._ask(path, agent, "orchestrator_run_human_response", TaskAnswer[DecisionResult], payload)

    def cancel(
        self, agent: str, run_id: str, *, notes: str | None = None, path: str = GLOBAL
    ) -> TaskAnswer[RecoveryResult]:
        """End an open run, as ``Recovery.abort`` does."""
        payload = without_none(orchestrationRunId=run_id, notes=notes)
        return self._ask(path, agent, "orchestrator_run_cancel", TaskAnswer[RecoveryResult], payload)

    def _ask(
        self,
        path: str,
        agent: str,
        mode: str,
        kind: type[Answer],
        payload: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        organization = self._connection.own_organization if path == GLOBAL else None
        organization_header = {ORGANIZATION: organization} if organization else {}
        return self._connection.post(
            f"/agent-to-agent/{segment(path, 'path')}/{segment(agent, 'agent')}/tasks",
            kind,
            {"mode": mode, "payload": payload},
            {**organization_header, **(headers or {})},
        )


def _launch(
    orchestration: str,
    parameters: Mapping[str, Any] | None,
    version: str | None,
    skip_optional_checkpoints: bool,
    callback: Callback | None,
) -> dict[str, Any]:
    return without_none(
        orchestration=without_none(name=orchestration, version=version),
        promptParameters=parameters or {},
        skipOptionalCheckpoints=skip_optional_checkpoints or None,
        callback=callback,
    )
