"""A client of the API that repeats a call without an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from baton.model import Decision, Principal
from baton.usecases.approvals import DecisionRequest
from baton.usecases.fork_run import ForkRequest
from baton.usecases.launch_run import LaunchRequest
from baton.usecases.recovery import AbortRequest, RetryRequest, SkipRequest
from tests.integration.faults.asl import StateError
from tests.integration.faults.lambda_service import FakeLambda
from tests.integration.faults.step_functions import FakeStepFunctions

_TRIES = 5
_WORTH_A_RETRY = {"Runtime.ExitError", "StoreUnavailable", "ApprovalUnavailable", "ClientError"}


@dataclass(frozen=True)
class ApiClient:
    """``caller`` is a member of ``demo`` who may launch and decide."""

    functions: FakeLambda
    caller: Principal
    states: FakeStepFunctions

    def launch(self, orchestration: str, key: str, parameters: Mapping[str, Any]) -> str:
        """The run's id."""
        request = LaunchRequest("demo", None, orchestration, None, parameters, idempotency_key=key)
        return str(self._ask(lambda api: api.launch(self.caller, request).run_id))

    def decide(self, approval_id: str, decision: str, **more: Any) -> Any:
        request = DecisionRequest(approval_id, Decision(decision), **more)
        return self._ask(lambda api: api.decide(self.caller, request))

    def retry(self, run_id: str, **more: Any) -> Any:
        request = RetryRequest(run_id, **more)
        return self._act(lambda api: api.recover.retry(self.caller, request))

    def skip(self, run_id: str, **more: Any) -> Any:
        request = SkipRequest(run_id, **more)
        return self._act(lambda api: api.recover.skip(self.caller, request))

    def abort(self, run_id: str) -> Any:
        request = AbortRequest(run_id)
        return self._act(lambda api: api.recover.abort(self.caller, request))

    def fork(self, run_id: str, step_id: str, **more: Any) -> Any:
        request = ForkRequest(run_id, step_id, idempotency_key=f"fork of {run_id}", **more)
        return {"runId": self._ask(lambda api: api.fork(self.caller, request)).run_id}

    def root_of(self, run_id: str) -> str:
        return str(self._ask(lambda api: api.reads.run(self.caller, run_id))["root_run_id"])

    def stop(self, run_id: str) -> Any:
        """Stops an execution in the console of Step Functions, without the API."""
        (arn,) = [arn for arn in self.states.executions if arn.endswith(f":{run_id}-1")]
        return self.states.stop_execution(arn, "Stopped", "by hand")

    def _act(self, request: Callable[[Any], Any]) -> Any:
        """A repeated call may get a Conflict, because the first call has succeeded."""
        asked = 0

        def ask(api: Any) -> Any:
            nonlocal asked
            asked += 1
            return request(api)

        try:
            self._ask(ask)
        except StateError as error:
            if asked == 1 or error.name != "Conflict":
                raise
        return {}

    def _ask(self, request: Callable[[Any], Any]) -> Any:
        return insist(lambda: self.functions.use("api", request))


def insist(work: Callable[[], Any]) -> Any:
    """Repeats the work while its answer is lost, as EventBridge does with functions that fail."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except StateError as error:
            if error.name not in _WORTH_A_RETRY:
                raise
    return work()


def once(work: Callable[[], Any]) -> None:
    """Like a call of the schedule: without an answer, the next call is the scheduled one."""
    try:
        work()
    except StateError as error:
        if error.name not in _WORTH_A_RETRY:
            raise
