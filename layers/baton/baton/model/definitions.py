"""The words of definitions and agent files that the plan or the record keeps."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never


class ParameterType(StrEnum):
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    STRINGS = "string[]"
    NUMBERS = "number[]"
    OBJECT = "object"

    @property
    def item(self) -> ParameterType | None:
        """The type of an item; None of a type that is no list."""
        match self:
            case ParameterType.STRINGS:
                return ParameterType.STRING
            case ParameterType.NUMBERS:
                return ParameterType.NUMBER
            case (
                ParameterType.STRING
                | ParameterType.NUMBER
                | ParameterType.INTEGER
                | ParameterType.BOOLEAN
                | ParameterType.DATE
                | ParameterType.OBJECT
            ):
                return None
            case _:
                assert_never(self)


class Backoff(StrEnum):
    """The growth of the waits between automatic retries: the ``strategy`` of a policy."""

    EXPONENTIAL = "exponential"
    LINEAR = "linear"
    FIXED = "fixed"


class OnChildFailure(StrEnum):
    """What a failed child run means for its parent."""

    FAIL = "fail"
    CONTINUE = "continue"

    @property
    def lets_parent_go_on(self) -> bool:
        match self:
            case OnChildFailure.CONTINUE:
                return True
            case OnChildFailure.FAIL:
                return False
            case _:
                assert_never(self)


class AgentKind(StrEnum):
    AGENT = "agent"
    ORCHESTRATOR = "orchestrator"


class TransportType(StrEnum):
    LAMBDA = "lambda"
    HTTP = "http"
