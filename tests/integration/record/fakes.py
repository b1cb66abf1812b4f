"""Fake agents and a fake approval function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from baton.errors import AgentCallFailed
from baton.usecases.approvals import TakeDecision


@dataclass
class FakeAgents:
    """Every call gets the next item of ``script``: an answer, an error to raise, or a function that is run while the
    agent is at work and returns one of those. ``asked`` are the tasks so far."""

    script: list[Mapping[str, Any] | BaseException | Callable[[], Any]] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        self.asked.append(task)
        answer = self.script.pop(0)
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class FakeApprovalFunction:
    """The approval function, called without Lambda."""

    take: TakeDecision

    def decide(self, command: Any) -> Any:
        return self.take(command)


def answer(content: str = "[]", **metadata: Any) -> dict[str, Any]:
    """An agent's successful answer with a deliverable."""
    deliverable = {"type": "analysis", "format": "json", "title": "KPIs", "content": content, "metadata": metadata}
    return {"success": True, "mode": "build", "payload": {"content": {"deliverable": deliverable}, "metadata": {}}}


def kpi_answer() -> dict[str, Any]:
    used = {"kpiNames": ["revenue"], "grouping": "month", "startDate": "2024-07-01", "endDate": "2024-09-30",
            "companies": [], "departments": []}  # fmt: skip
    return answer('[{"kpi":"revenue"}]', sql="select 1", rowCount=1, **used)


def refusal(reason: str, *, retryable: bool) -> AgentCallFailed:
    return AgentCallFailed("AgentRefused", reason, retryable=retryable)
