"""State machines that Baton makes at run time, for definitions that are not in the template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from baton.clients import CREATION_LOCK, SHORT_CALLS
from baton.compiler import asl_text
from baton.compiler.machine import Machine
from baton.errors import EngineUnavailable, SettingMissing

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_FUNCTION = re.compile(r"\$\{([A-Z][A-Za-z]*)FunctionArn\}")
_PASSING = ("ThrottlingException", "StateMachineDeleting", "TooManyRequestsException")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True)
class Machines:
    """Makes ``<stack>-x-<digest>``.

    Args:
        machine_prefix: ARN of a state machine without its own name, ending in ``<stack>-``.
        function_prefix: the same of a function: ``${StepFunctionArn}`` is the prefix and ``step``.
        role: ARN of the role that machines run with.
        logs: ARN of the log group for failures.
    """

    machine_prefix: str
    function_prefix: str
    role: str
    logs: str

    def make(self, machine: Machine) -> str:
        """Makes the machine unless it exists. Returns its name without the stack's prefix.

        Raises:
            EngineUnavailable: Step Functions did not answer, or asks to wait.
        """
        name = f"x-{machine.digest}"
        self.make_as(name, asl_text(machine))
        return name

    def make_as(self, name: str, asl: str) -> None:
        """Makes a machine of ASL text that has placeholders for functions, under the given name."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._create(name, self._with_functions(asl))
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            # An earlier deployment made it, perhaps with other logging. The digest in its name stands for its content.
            if code == "StateMachineAlreadyExists":
                return
            if code not in _PASSING and error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise
            raise EngineUnavailable(f"the state machine {name} could not be made: {error}") from error
        except BotoCoreError as error:
            raise EngineUnavailable(f"the state machine {name} could not be made: {error}") from error

    def _create(self, name: str, definition: str) -> None:
        stack_prefix = self.machine_prefix.rpartition(":")[2]
        self._client.create_state_machine(  # the same again is no error, and makes nothing
            name=stack_prefix + name,
            definition=definition,
            roleArn=self.role,
            loggingConfiguration={
                "level": "ERROR",
                "includeExecutionData": False,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": self.logs}}],
            },
            tags=[{"key": "baton:stack", "value": stack_prefix.removesuffix("-")}],  # to find leftovers of a stack
        )

    def _with_functions(self, asl: str) -> str:
        filled = _FUNCTION.sub(lambda match: self.function_prefix + _CAPITAL.sub("-", match[1]).lower(), asl)
        if "${" in filled:
            name = filled[filled.index("${") :].partition("}")[0]
            raise SettingMissing(f"a published state machine has {name}}}, and no setting says what that stands for")
        return filled

    @cached_property
    def _client(self) -> SFNClient:
        import boto3  # made on first use: a cold start that needs no client must not pay for it
        from botocore.config import Config

        with CREATION_LOCK:
            return boto3.client("stepfunctions", config=Config(**SHORT_CALLS))
