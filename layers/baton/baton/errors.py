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

MAX_PROBLEMS = 20  # that one answer lists, and that anything looks for


class BatonError(Exception):
    """Base of all errors below. ``str(error)`` is a sentence that says what to do about it."""


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one named field of a request."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


@dataclass(frozen=True)
class SourceProblem(FieldProblem):
    """One thing wrong with a YAML text that was sent. ``line`` and ``column`` count from 1; ``suggestion`` is the word
    that was probably meant."""

    line: int
    column: int
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f" (did you mean `{self.suggestion}`?)" if self.suggestion else ""
        return f"line {self.line}, column {self.column}: {self.message}{hint}"


# --- what a caller got wrong ----------------------------------------------------------------------------------------


class Unauthenticated(BatonError):
    """There is no bearer token, or it is not one that this deployment trusts."""


class Forbidden(BatonError):
    """The caller is known but lacks the role that this needs."""


class NoOrganization(Forbidden):
    """The caller is a member of no organisation, so there is none in which anything could run."""


class NotFound(BatonError):
    """It does not exist, or belongs to an organisation the caller is not a member of."""


class Conflict(BatonError):
    """The request contradicts what is recorded already, e.g. a second, different decision."""


class Malformed(BatonError):
    """The request cannot be read at all: broken JSON, or not an object."""


class Invalid(BatonError):
    """The request can be read but its content is wrong; ``problems`` names the fields, at most ``MAX_PROBLEMS``.

    Nothing is looked at beyond them, so ``problems`` are best given as an iterator that finds one after the other.
    """

    def __init__(self, message: str, problems: Iterable[FieldProblem]) -> None:
        ahead = iter(problems)
        self.problems = tuple(islice(ahead, MAX_PROBLEMS))
        self.has_more = next(ahead, None) is not None
        more = [f"there is more; these are the first {MAX_PROBLEMS}"] if self.has_more else []
        super().__init__(f"{message}: " + "; ".join([*map(str, self.problems), *more]))
        self.summary = message


# --- what a state machine can see -----------------------------------------------------------------------------------


class StepFailed(BatonError):
    """An attempt failed and was recorded; the definition's retry budget allows another."""


class StepExhausted(BatonError):
    """An attempt failed for good: the budget is used up or the agent said not to retry. The run is recorded as
    failed."""


class AttemptInProgress(BatonError):
    """Another delivery of the same attempt is still at work; ask again."""


class CheckpointNotExpired(BatonError):
    """A checkpoint's Task timed out a moment before its approval did; ask again."""


class RunEnded(BatonError):
    """The run was aborted, failed or completed before this call began."""


class StaleGeneration(BatonError):
    """The call belongs to an execution that a newer one of the same run has replaced."""


class StepNotReady(BatonError):
    """Something that the step waits for is not done in the record: whoever opened its way, the record did not."""


class WrongMachine(BatonError):
    """The run is pinned to another state machine than the one that made this call."""


class StoreUnavailable(BatonError):
    """The database cannot be reached or gave up; trying again may help."""


# --- what the outside answered ---------------------------------------------------------------------------------------


class AgentCallFailed(BatonError):
    """The agent could not be reached, did not answer in time, raised, refused, or broke the contract.

    ``kind`` is a stable word for the record: ``AgentUnreachable``, ``AddressRefused``, ``AgentTimedOut``,
    ``AgentStillAtWork``, ``AgentRefused``, ``AnswerInvalid``, ``CallTooLarge``, ``AnswerTooLarge`` or the name of the
    exception that the agent raised. After ``AgentUnreachable``, ``AgentTimedOut`` and ``AgentStillAtWork`` nobody knows
    what became of the work, so the next attempt's calls carry the same key (``baton.key_number``). ``answer`` is what
    it said, if it said anything.
    """

    def __init__(self, kind: str, message: str, *, retryable: bool, answer: Any = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
        self.answer = answer


class AddressRefused(BatonError):
    """The URL leads, or may lead, to something that no agent's URL may lead to."""


class ApprovalUnavailable(BatonError):
    """The approval function could not take a decision, or did not say so. Whatever became of it, sending it again is
    safe."""


class EngineUnavailable(BatonError):
    """Step Functions cannot be reached or asks to wait; trying again may help."""


class TaskGone(BatonError):
    """Nothing waits for this task token any more: it was completed, replaced, or its execution has ended."""


# --- how this deployment is set up ----------------------------------------------------------------------------------


class SettingMissing(BatonError):
    """A setting is absent or malformed; the message names the environment variable."""
