"""Every error that Baton raises on purpose.

An error's class name is its stable name: it is the ``errorType`` that a Lambda function reports, and so the name that
``Retry`` and ``Catch`` of a compiled state machine match (see ``compiler.retries``). The API turns the same classes
into RFC 9457 problem details (see ``api.problems``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_PROBLEMS = 20  # in one answer; every check stops after them


class BatonError(Exception):
    """Base of all errors below. ``str(error)`` is a sentence that says what to do about it."""


@dataclass(frozen=True)
class FieldProblem:
    """A problem of one field of a request."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


@dataclass(frozen=True)
class SourceProblem(FieldProblem):
    """A problem of a YAML text. ``line`` and ``column`` count from 1; ``suggestion`` is the word that the author
    probably meant."""

    line: int
    column: int
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f" (did you mean `{self.suggestion}`?)" if self.suggestion else ""
        return f"line {self.line}, column {self.column}: {self.message}{hint}"


# --- a caller's mistakes --------------------------------------------------------------------------------------------


class Unauthenticated(BatonError):
    """There is no bearer token, or it is not one that this deployment trusts."""


class Forbidden(BatonError):
    """The caller lacks the role that this needs."""


class NoOrganization(Forbidden):
    """The caller is a member of no organisation, so a run has no place."""


class NotFound(BatonError):
    """The thing does not exist, or belongs to an organisation of which the caller is not a member."""


class Conflict(BatonError):
    """The request contradicts the record, e.g. by a second, different decision."""


class Malformed(BatonError):
    """The request cannot be read at all: broken JSON, or not an object."""


class Invalid(BatonError):
    """The request can be read, but its content is wrong; ``problems`` names the fields, at most ``MAX_PROBLEMS``.

    It does not read further problems, so ``problems`` should be an iterator that finds one problem after the other.
    """

    def __init__(self, message: str, problems: Iterable[FieldProblem]) -> None:
        ahead = iter(problems)
        self.problems = tuple(islice(ahead, MAX_PROBLEMS))
        self.has_more = next(ahead, None) is not None
        more = [f"there is more; these are the first {MAX_PROBLEMS}"] if self.has_more else []
        super().__init__(f"{message}: " + "; ".join([*map(str, self.problems), *more]))
        self.summary = message


class LaunchRefused(BatonError):
    """An execution of the state machine that launches runs asked for something that Baton refuses."""


# --- what a state machine can see -----------------------------------------------------------------------------------


class StepFailed(BatonError):
    """An attempt failed. The record has the failure, and the definition's retry budget allows another attempt."""


class StepExhausted(BatonError):
    """The step failed for good: its retries are used up, or the agent forbids another. The run has failed with it."""


class AttemptInProgress(BatonError):
    """Another delivery of the same attempt is still at work; ask again."""


class CheckpointNotExpired(BatonError):
    """A checkpoint's Task timed out a moment before its approval did; ask again."""


class RunEnded(BatonError):
    """The run was aborted, failed or completed before this call began."""


class StaleGeneration(BatonError):
    """The call belongs to an execution that a newer one of the same run has replaced."""


class ChildMovedOn(BatonError):
    """The child run that a step waited for goes on in its next execution, which the step's machine starts."""


class StepNotReady(BatonError):
    """The step waits for something that is not done in the record. The record did not let the step begin."""


class WrongMachine(BatonError):
    """The run is pinned to a state machine, and another one made this call."""


class NotLaunched(BatonError):
    """A person started the state machine of a definition by hand. Its input names no run."""


class StoreUnavailable(BatonError):
    """The database cannot be reached or gave up; trying again may help."""


class ResultNotRecorded(StoreUnavailable):
    """The database went away while the attempt was at work, so the record has no result of it. The Task begins again,
    as a new try of the same attempt."""


class AgentThrottled(BatonError):
    """Lambda has no room for the agent's function now. The agent did nothing, and the attempt goes on later."""


# --- answers of the outside ------------------------------------------------------------------------------------------


class AgentCallFailed(BatonError):
    """The agent could not be reached, did not answer in time, raised, refused, or broke the contract.

    ``kind`` is a stable word for the record: ``AgentUnreachable``, ``AddressRefused``, ``AgentTimedOut``,
    ``AgentStillAtWork``, ``AgentRefused``, ``AnswerInvalid``, ``CallTooLarge``, ``AnswerTooLarge`` or the name of the
    exception that the agent raised. After ``AgentUnreachable``, ``AgentTimedOut`` and ``AgentStillAtWork`` it is
    unknown whether the agent did the work, so the calls of the next attempt have the same key (``baton.key_number``).
    ``answer`` is the agent's answer, if there is one.
    """

    def __init__(self, kind: str, message: str, *, retryable: bool, answer: Any = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
        self.answer = answer


class AddressRefused(BatonError):
    """The URL leads, or may lead, to an address that is not allowed for agents."""


class ApprovalUnavailable(BatonError):
    """The approval function gave no answer about a decision. It is safe to send the decision again."""


class WebhookKeyUnavailable(BatonError):
    """The key of webhooks' secrets cannot be read now; trying again may help."""


class EngineUnavailable(BatonError):
    """Step Functions cannot be reached or asks to wait; trying again may help."""


class TaskGone(BatonError):
    """Nothing waits for this task token any more: its Task is complete or was retried, or its execution has ended."""


# --- the settings of this deployment --------------------------------------------------------------------------------


class SettingMissing(BatonError):
    """A setting is absent or malformed; the message names the environment variable."""
