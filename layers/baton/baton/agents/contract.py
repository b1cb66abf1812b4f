"""The agent contract: the JSON that every agent is called with and answers, whatever carries the call.

Imports nothing beyond the standard library and ``baton.errors``, so that an agent's function starts fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baton.errors import Malformed

MODE = "build"


@dataclass(frozen=True)
class Review:
    """What a person said when they asked for this attempt.

    ``modifications`` are as the person sent them, and are part of the input already. ``modified_paths`` are the places
    in the input that they set, such as ``context.grouping``, whatever the person called them. ``previous_attempt``
    holds ``attemptNumber``, ``input`` and ``outputs`` of the attempt that was reviewed; the last two are None where
    they are too large to travel. ``earlier`` holds the reviews of this step before this one that said something, the
    oldest first; those have ``notes`` and ``modified_paths`` only. ``earlier_left_out`` is how many more there were.
    """

    notes: str = ""
    modifications: dict[str, Any] = field(default_factory=dict)
    modified_paths: tuple[str, ...] = ()
    previous_attempt: dict[str, Any] = field(default_factory=dict)
    earlier: tuple[Review, ...] = ()
    earlier_left_out: int = 0

    @classmethod
    def parse(cls, value: Any, name: str = "review") -> Review:
        """Read one review. Raises ``Malformed`` naming the first field that is of the wrong type."""
        review = _object(value, name)
        paths = _list(review.get("modifiedPaths") or [], f"{name}.modifiedPaths")
        earlier = _list(review.get("earlier") or [], f"{name}.earlier")
        left_out = review.get("earlierLeftOut") or 0
        if not isinstance(left_out, int):
            raise Malformed(f"{name}.earlierLeftOut must be a number, but is {_kind(left_out)}")
        return cls(
            notes=_text(review.get("notes") or "", f"{name}.notes"),
            modifications=_object(review.get("modifications") or {}, f"{name}.modifications"),
            modified_paths=tuple(_text(path, f"{name}.modifiedPaths[{index}]") for index, path in enumerate(paths)),
            previous_attempt=_object(review.get("previousAttempt") or {}, f"{name}.previousAttempt"),
            earlier=tuple(cls.parse(one, f"{name}.earlier[{index}]") for index, one in enumerate(earlier)),
            earlier_left_out=left_out,
        )


@dataclass(frozen=True)
class AgentTask:
    """One call of an agent.

    ``run`` holds ``id, definition, version, stepId, attemptNumber``. ``payload`` is the step's whole resolved input;
    ``user_message`` and ``context`` are its two conventional parts. Calls with the same ``idempotency_key`` are the
    same attempt delivered again. ``review`` is None unless a person asked for this attempt.
    """

    mode: str
    agent: str
    organization: str
    idempotency_key: str
    run: dict[str, Any]
    user_message: str
    context: dict[str, Any]
    payload: dict[str, Any]
    review: Review | None = None

    @classmethod
    def parse(cls, event: Any) -> AgentTask:
        """Read a call. Raises ``Malformed`` naming the first field that is missing or of the wrong type."""
        call = _object(event, "the call")
        payload = _object(call.get("payload"), "payload")
        return cls(
            mode=_text(call.get("mode"), "mode").lower(),
            agent=_text(call.get("agent"), "agent"),
            organization=_text(call.get("organization"), "organization"),
            idempotency_key=_text(call.get("idempotencyKey"), "idempotencyKey"),
            run=_object(call.get("run"), "run"),
            user_message=_text(payload.get("userMessage", ""), "payload.userMessage"),
            context=_object(payload.get("context", {}), "payload.context"),
            payload=payload,
            review=None if call.get("review") is None else Review.parse(call["review"]),
        )


@dataclass(frozen=True)
class Deliverable:
    """A document that an agent made. ``content`` is text, also when ``format`` is ``json``."""

    type: str
    format: str
    title: str
    content: str
    metadata: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "format": self.format,
            "title": self.title,
            "content": self.content,
            "metadata": self.metadata,
        }


def success(deliverable: Deliverable | None = None, **metadata: Any) -> dict[str, Any]:
    """The answer of an agent that did its work, with a document or without one."""
    content = {} if deliverable is None else {"deliverable": deliverable.to_json()}
    return {"success": True, "mode": MODE, "payload": {"content": content, "metadata": metadata}}


def failure(reason: str, retryable: bool) -> dict[str, Any]:
    """The answer of an agent that could not. ``reason`` is a sentence for people; ``retryable`` says if time may
    help."""
    return {
        "success": False,
        "mode": MODE,
        "payload": {"content": {}, "metadata": {"reason": reason, "retryable": retryable}},
    }


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed(f"{name} must be an object, but is {_kind(value)}")
    return dict(value)


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{name} must be a list, but is {_kind(value)}")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{name} must be a string, but is {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
