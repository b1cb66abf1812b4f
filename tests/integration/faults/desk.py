"""Whoever asks something of the API, and asks the same again when there is no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from baton.model import Principal
from baton.usecases.decide import DecisionRequest
from baton.usecases.launch import LaunchRequest
from tests.integration.faults.asl import StateError
from tests.integration.faults.functions import Functions

_TRIES = 5
_WORTH_A_RETRY = {"Runtime.ExitError", "StoreUnavailable", "ApprovalUnavailable", "ClientError"}


@dataclass(frozen=True)
class Desk:
    """``caller`` is a member of ``demo`` who may launch and decide."""

    functions: Functions
    caller: Principal

    def launch(self, orchestration: str, key: str, parameters: Mapping[str, Any]) -> str:
        """The run's id."""
        request = LaunchRequest("demo", None, orchestration, None, parameters, idempotency_key=key)
        return str(self._ask(lambda api: api.launch(self.caller, request).run_id))

    def decide(self, approval_id: str, decision: str, **more: Any) -> Any:
        request = DecisionRequest(approval_id, decision, **more)
        return self._ask(lambda api: api.decide(self.caller, request))

    def _ask(self, request: Callable[[Any], Any]) -> Any:
        return insist(lambda: self.functions.use("api", request))


def insist(work: Callable[[], Any]) -> Any:
    """The same again for as long as the answer is lost; EventBridge does it with functions that fail, too."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except StateError as error:
            if error.name not in _WORTH_A_RETRY:
                raise
    return work()


def once(work: Callable[[], Any]) -> None:
    """As the schedule asks: if there is no answer, it will ask again anyway."""
    try:
        work()
    except StateError as error:
        if error.name not in _WORTH_A_RETRY:
            raise
