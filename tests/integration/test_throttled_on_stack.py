"""An account with four places for functions, on the whole stack: what Lambda throttles is tried again later."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from tests.integration.fake_agent import FakeAgent
from tests.integration.stack_client import StackClient, step
from tests.integration.waiting import PATIENCE

PLACES = 4
ITEMS = [f"n{number}" for number in range(60)]


class Account:
    """Lambda runs ``PLACES`` calls at once and throttles the others. A second passes with each call that ends, or when
    nothing is at work, so the pauses of retriers cost no time."""

    def __init__(self) -> None:
        self.at_work = self.ended = self.throttled = 0
        self._changed = threading.Condition()

    def invoke(self, call: Callable[[], bytes], response_headers: Any) -> bytes:
        with self._changed:
            if self.at_work >= PLACES:
                self.throttled += 1
                response_headers["x-amz-function-error"] = "Unhandled"
                return json.dumps({"errorType": "Lambda.TooManyRequestsException", "errorMessage": "busy"}).encode()
            self.at_work += 1
        try:
            return call()
        finally:
            with self._changed:
                self.at_work, self.ended = self.at_work - 1, self.ended + 1
                self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        with self._changed:
            until = self.ended + seconds
            assert self._changed.wait_for(lambda: self.ended >= until or not self.at_work, PATIENCE)


@pytest.fixture
def account(stack: object, monkeypatch: pytest.MonkeyPatch) -> Account:
    account, invoke = Account(), LambdaFunction.invoke

    def limited(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        def call() -> bytes:
            return bytes(invoke(self, body, request_headers, response_headers))

        return account.invoke(call, response_headers) if self.function_name.endswith("-step") else call()

    monkeypatch.setattr(LambdaFunction, "invoke", limited)
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=account.sleep))
    return account


def test_a_long_for_each_completes_in_an_account_with_four_places(
    client: StackClient, agent: FakeAgent, account: Account
) -> None:
    each = step("each", for_each=ITEMS, input={"context": {"one": "{{ item }}"}})
    client.publish(each, error_handling={"on_step_failure": {"retry_count": 0}})
    run_id = client.launch()
    run = client.wait_for_end(run_id)
    assert (run["status"], run["generation"]) == ("completed", 1)
    assert account.throttled > 0
    failures = "select count(*) from orchestration_steps where run_id = %s and (failures > 0 or status <> 'completed')"
    assert client.rows(failures, run_id) == [(0,)]
