"""The agent contract: the JSON of every agent's call and answer, for all transports.

It imports only the standard library and ``baton.errors``, so that an agent's function starts fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baton.errors import Malformed

MODE = "build"


@dataclass(frozen=True)
class Review:
    """A person's review of the previous attempt, with which they asked for this one.

    ``modifications`` are the person's, and are part of the input already. ``modified_paths`` are their places in the
    input, such as ``context.grouping``. ``previous_attempt`` has ``attemptNumber``, ``input`` and ``outputs`` of the
    reviewed attempt; the last two are None if they are too large. ``earlier`` has the reviews of this step before this
    one, without empty ones, the oldest first, with ``notes`` and ``modified_paths`` only. ``earlier_left_out`` is the
    number of those that did not fit.
    """

    notes: str = ""
    modifications: dict[str, Any] = field(default_factory=dict)
    modified_paths: tuple[str, ...] = ()
    previous_attempt: dict[str, Any] = field(default_factory=dict)
    earlier: tuple[Review, ...] = ()
    earlier_left_out: int = 0

    @classmethod
    def parse(cls, value: Any, name: str = "review") -> Review:
        """Reads one review. Raises ``Malformed``, which names the first field of a wrong type."""
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

    ``run`` has ``id, definition, version, stepId, attemptNumber``. ``payload`` is the step's whole resolved input;
    ``user_message`` and ``context`` are its two conventional parts. Calls with the same ``idempotency_key`` are
    deliveries of the same attempt. ``review`` is None unless a person asked for this attempt.
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
        """Reads a call. Raises ``Malformed``, which names the first field that is missing or of a wrong type."""
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
    """An agent's document. ``content`` is text, also if ``format`` is ``json``. ``name`` is that of its file, in small
    letters, such as ``revenue.svg``; only the main document of an answer may have none."""

    type: str
    format: str
    title: str
    content: str
    metadata: dict[str, Any] = field(default_factory=dict)
    name: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            **({} if self.name is None else {"name": self.name}),
            "type": self.type,
            "format": self.format,
            "title": self.title,
            "content": self.content,
            "metadata": self.metadata,
        }


def success(
    deliverable: Deliverable | None = None, others: Sequence[Deliverable] = (), **metadata: Any
) -> dict[str, Any]:
    """The answer of an agent after its work: its main document, if there is one, and others beside it."""
    content: dict[str, Any] = {} if deliverable is None else {"deliverable": deliverable.to_json()}
    if others:
        content["deliverables"] = [one.to_json() for one in others]
    return {"success": True, "mode": MODE, "payload": {"content": content, "metadata": metadata}}


def failure(reason: str, retryable: bool) -> dict[str, Any]:
    """The answer of an agent that could not do its work. ``reason`` is a sentence for people; ``retryable`` says
    whether a later call may succeed."""
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
