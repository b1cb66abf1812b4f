"""The words of definitions and agent files that the plan or the record keeps."""

from __future__ import annotations

from enum import StrEnum


class ParameterType(StrEnum):
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    STRINGS = "string[]"
    NUMBERS = "number[]"
    OBJECT = "object"


class Backoff(StrEnum):
    """The growth of the waits between automatic retries: the ``strategy`` of a policy."""

    EXPONENTIAL = "exponential"
    LINEAR = "linear"
    FIXED = "fixed"


class OnChildFailure(StrEnum):
    """What a failed child run means for its parent."""

    FAIL = "fail"
    CONTINUE = "continue"


class AgentKind(StrEnum):
    AGENT = "agent"
    ORCHESTRATOR = "orchestrator"


class TransportType(StrEnum):
    LAMBDA = "lambda"
    HTTP = "http"
