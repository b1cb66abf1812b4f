"""Answers of the agent-to-agent dialect."""

from __future__ import annotations

from typing_extensions import TypedDict

from baton.api.views.approvals import DecisionTaken
from baton.api.views.omitted import Answer
from baton.api.views.preview import PreviewView
from baton.api.views.runs import Outcome
from baton.api.views.steps import PlannedStep, Step
from baton.model import RunStatus, TaskMode
from baton.words import AnsweredWord


class LaunchedContent(TypedDict):
    """The answer to `build`."""

    orchestrationRunId: str
    status: AnsweredWord[RunStatus]
    steps: list[PlannedStep] | list[Step]
    readySteps: list[str]


class TaskMetadata(TypedDict, total=False):
    """`build` has all of these, `plan` those of the definition, the other modes those of the run. `organization` is the
    owner of the run, also of a planned one."""

    organization: str
    orchestrationDefinitionId: str
    ownerAgentSlug: str
    orchestrationRunId: str
    status: AnsweredWord[RunStatus]
    statusUrl: str
    streamUrl: str


Content = LaunchedContent | PreviewView | DecisionTaken | Outcome


class TaskContent(TypedDict):
    content: Content
    metadata: TaskMetadata


class TaskAnswer(Answer):
    """By ``mode``, ``content`` is a launched run, a preview, a decision, or the result of an abort."""

    success: bool
    mode: AnsweredWord[TaskMode]
    payload: TaskContent
