"""Calls of the approval function: it alone can complete a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton import exact_json
from baton.clients import CREATION_LOCK, one_call
from baton.errors import ApprovalUnavailable
from baton.model import DecideOutcome, ExpireOutcome
from baton.outbox import Effect
from baton.ports.approvals import DecisionCommand, DecisionResult

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

READ_TIMEOUT_SECONDS = 22  # more than the time limit of the approval function, less than that of its callers


class ApprovalClient:
    """Implements ``ports.approvals.ApprovalService``; ``complete`` is a handler of the outbox."""

    def __init__(self, function: str) -> None:
        self._function = function

    @cached_property
    def _client(self) -> LambdaClient:
        import boto3  # made on first use, as in ``engine``
        from botocore.config import Config

        # Shorter than the time limit of the API: its caller can send the decision again.
        with CREATION_LOCK:
            return boto3.client("lambda", config=Config(**one_call(READ_TIMEOUT_SECONDS)))

    def decide(self, command: DecisionCommand) -> DecisionResult:
        """Sends the command, and waits for the answer.

        Raises:
            ApprovalUnavailable: the function failed or cannot be reached.
        """
        outcomes: type[DecideOutcome | ExpireOutcome] = ExpireOutcome if command.user_id is None else DecideOutcome
        return DecisionResult.from_json(self._invoke({"decide": command.to_json()}), outcomes, effects=())

    def complete(self, effects: Sequence[Effect]) -> None:
        """Asks for the delivery of these completions, and waits for each."""
        for effect in effects:
            self._invoke({"deliver": effect.id})

    def _invoke(self, call: dict[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=exact_json.dumps(call))
        except (BotoCoreError, ClientError) as error:
            raise ApprovalUnavailable(f"{self._function}: {error}") from error
        body = exact_json.loads(answer["Payload"].read().decode())
        if answer.get("FunctionError") or not isinstance(body, dict):
            raise ApprovalUnavailable(f"{self._function} answered: {body}")
        return body
