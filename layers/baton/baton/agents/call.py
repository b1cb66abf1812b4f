"""Calls an agent by its transport, and checks its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from baton import storable
from baton.budgets import MAX_RECORDED_ANSWER_BYTES, MAX_TITLE_BYTES, shortened, too_large
from baton.errors import AgentCallFailed, AgentThrottled
from baton.model import TransportType

MAX_KIND_CHARACTERS = 100
MAX_DELIVERABLES = 100  # beside the main one
FILE_NAME = re.compile("[a-z0-9][a-z0-9._-]{0,99}")

Transport = Callable[[Mapping[str, Any], Mapping[str, Any], float], Mapping[str, Any]]
"""(transport settings, request, deadline in seconds) → the agent's answer; raises AgentCallFailed."""


@dataclass(frozen=True)
class AgentDirectory:
    """Has the transport of every type."""

    transports: Mapping[TransportType, Transport]

    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        """The agent's answer, checked against the contract.

        Raises:
            AgentCallFailed: the call failed in any way. The record can store the error.
            AgentThrottled: there is no room for the agent now, and it did nothing.
        """
        try:
            return _checked(self._carry(transport, task, deadline_seconds))
        except AgentThrottled:
            raise
        except AgentCallFailed as error:
            raise _storable(error) from None  # a traceback would show the whole text of the agent
        except Exception as error:  # otherwise the step would stay `running`
            reason = f"the call of {task['agent']} ended with {type(error).__name__}: {error}"
            raise _storable(AgentCallFailed("AgentUnreachable", reason, retryable=True)) from error

    def _carry(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Any:
        if deadline_seconds <= 0:
            raise AgentCallFailed("AgentTimedOut", f"no time was left to call {task['agent']}", retryable=True)
        carry = next((carry for kind, carry in self.transports.items() if kind == transport.get("type")), None)
        if carry is None:
            known = " or ".join(sorted(self.transports))
            raise AgentCallFailed(
                "AgentUnreachable",
                f"transport.type of the agent {task['agent']} must be {known}, not {transport.get('type')!r}",
                retryable=False,
            )
        return carry(transport, task, deadline_seconds)


def _storable(error: AgentCallFailed) -> AgentCallFailed:
    """The same failure, shortened, and without characters that the record cannot store."""
    kind, message = storable.cleaned(error.kind)[:MAX_KIND_CHARACTERS], shortened(storable.cleaned(str(error)))
    answer = None if storable.problem(error.answer) else error.answer
    return AgentCallFailed(kind, message, retryable=error.retryable, answer=answer)


def _checked(answer: Any) -> Mapping[str, Any]:
    unstorable = storable.problem(answer)
    if unstorable:
        _, what = unstorable  # the record cannot store the answer
        raise AgentCallFailed("AnswerInvalid", f"the agent's answer {what}", retryable=False)
    if too_long := too_large(answer, MAX_RECORDED_ANSWER_BYTES):
        raise AgentCallFailed("AnswerTooLarge", f"the agent's answer {too_long}", retryable=False)
    if not isinstance(answer, Mapping) or not isinstance(answer.get("success"), bool):
        raise _invalid("an object with `success: true` or `success: false`", answer)
    payload = answer.get("payload")
    if not isinstance(payload, Mapping) or not isinstance(payload.get("content"), Mapping):
        raise _invalid("`payload.content` as an object", answer)
    if not answer["success"]:
        metadata = payload.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        raise AgentCallFailed(
            "AgentRefused",
            str(metadata.get("reason") or "the agent gave no reason"),
            retryable=metadata.get("retryable") is not False,
            answer=answer,
        )
    _check_deliverables(payload["content"], answer)
    return answer


def _check_deliverables(content: Mapping[str, Any], answer: Any) -> None:
    main, others = content.get("deliverable"), content.get("deliverables")
    if main is not None:
        _check_deliverable("deliverable", main, answer)
    if others is None:
        return
    if not isinstance(others, list) or len(others) > MAX_DELIVERABLES:
        raise _invalid(f"`payload.content.deliverables` as a list of at most {MAX_DELIVERABLES}", answer)
    for place, one in enumerate(others):
        _check_deliverable(f"deliverables[{place}]", one, answer)
        if "name" not in one:
            raise _invalid(f"`payload.content.deliverables[{place}].name`", answer)
    names = [one["name"] for one in (main, *others) if one is not None and "name" in one]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise _invalid(f"another name for each deliverable, but `{doubled[0]}` names two", answer)


def _check_deliverable(place: str, deliverable: Any, answer: Any) -> None:
    path = f"payload.content.{place}"
    if not isinstance(deliverable, Mapping):
        raise _invalid(f"`{path}` as an object", answer)
    for name in ("type", "format", "title", "content"):
        if not isinstance(deliverable.get(name), str):
            raise _invalid(f"`{path}.{name}` as a string", answer)
        size = len(deliverable[name].encode())
        if name != "content" and size > MAX_TITLE_BYTES:
            raise _invalid(f"`{path}.{name}` with at most {MAX_TITLE_BYTES:,} bytes, not {size:,}", answer)
    if not isinstance(deliverable.get("metadata", {}), Mapping):
        raise _invalid(f"`{path}.metadata` as an object", answer)
    file_name = deliverable.get("name", "none")
    if not isinstance(file_name, str) or not FILE_NAME.fullmatch(file_name):
        raise _invalid(f"`{path}.name` as a file name: {FILE_NAME.pattern}", answer)


def _invalid(expected: str, answer: Any) -> AgentCallFailed:
    return AgentCallFailed(
        "AnswerInvalid", f"the agent's answer breaks the contract: it needs {expected}", retryable=False, answer=answer
    )
