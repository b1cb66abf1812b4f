"""State machines that Baton makes at run time, for definitions that are not in the template."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton.clients import CREATION_LOCK, SHORT_CALLS
from baton.compiler import asl_text
from baton.compiler.machine import Machine
from baton.errors import EngineUnavailable, SettingMissing
from baton.ports.library import DefinitionVersion

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import TagTypeDef

_FUNCTION = re.compile(r"\$\{([A-Z][A-Za-z]*)FunctionArn\}")
_PASSING = ("ThrottlingException", "StateMachineDeleting", "TooManyRequestsException")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_TAGS = re.compile(r"[^\w\s.:/=+@-]")

MAX_NAME_CHARACTERS = 80  # of a state machine's name, in Step Functions
MAX_TAG_CHARACTERS = 256  # of a tag's value
_MAX_READABLE_CHARACTERS = 24  # of a definition's name in the name of its machine
_MAX_VERSION_CHARACTERS = 20


def machine_name(stack_prefix: str, of: DefinitionVersion, digest: str) -> str:
    """``x-{name}-{version}-{digest}``, which fits into a name behind ``stack_prefix`` (``{stack}-``).

    The last part is a hash of the row and of the machine's content: each row has a machine of its own, also if the
    readable parts are cut or two organisations publish the same file. ``1.0.0-rc.1`` becomes ``1-0-0-rc-1``.

    Raises:
        SettingMissing: the stack's name is too long for any machine.
    """
    row = "\n".join([of.organization, of.name, of.version, digest])
    unique = hashlib.sha256(row.encode()).hexdigest()[:16]
    room = MAX_NAME_CHARACTERS - len(stack_prefix) - len(f"x--{unique}")
    if room < 0:
        raise SettingMissing(f"the stack's name is too long for state machines: {stack_prefix.removesuffix('-')}")
    version = _in_name(of.version)[:_MAX_VERSION_CHARACTERS]
    name = _in_name(of.name)[: max(min(_MAX_READABLE_CHARACTERS, room - len(version) - 1), 0)].strip("-")
    readable = "-".join(filter(None, [name, version]))[:room].strip("-")
    return "-".join(filter(None, ["x", readable, unique]))


def _in_name(text: str) -> str:
    return _NOT_IN_NAMES.sub("-", text).strip("-")


def _tag(key: str, value: str) -> TagTypeDef:
    return {"key": f"baton:{key}", "value": _NOT_IN_TAGS.sub("_", value)[:MAX_TAG_CHARACTERS]}


@dataclass(frozen=True)
class Machines:
    """Makes ``{stack}-x-{name}-{version}-{digest}`` (see ``machine_name``), with tags that say whose it is.

    Args:
        engine_id: the deployment, as runs name it.
        machine_prefix: ARN of a state machine without its own name, ending in ``<stack>-``.
        function_prefix: the same of a function: ``${StepFunctionArn}`` is the prefix and ``step``.
        role: ARN of the role that machines run with.
        logs: ARN of the log group for failures.
        calls: the client's time-outs and retries, as arguments of botocore's ``Config``.
    """

    engine_id: str
    machine_prefix: str
    function_prefix: str
    role: str
    logs: str
    calls: Mapping[str, Any] = field(default_factory=lambda: SHORT_CALLS)

    def name_of(self, machine: Machine, of: DefinitionVersion) -> str:
        return machine_name(self._stack_prefix, of, machine.digest)

    def make(self, machine: Machine, of: DefinitionVersion) -> str:
        """Makes the machine unless it exists. Returns its name without the stack's prefix.

        Raises:
            EngineUnavailable: Step Functions did not answer, or asks to wait.
        """
        name = self.name_of(machine, of)
        self.make_as(name, asl_text(machine), of)
        return name

    def make_as(self, name: str, asl: str, of: DefinitionVersion) -> None:
        """Makes a machine of ASL text that has placeholders for functions, under the given name."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._create(name, self._with_functions(asl), of)
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

    @property
    def _stack_prefix(self) -> str:
        return self.machine_prefix.rpartition(":")[2]

    def _create(self, name: str, definition: str, of: DefinitionVersion) -> None:
        self._client.create_state_machine(  # the same again is no error, and makes nothing
            name=self._stack_prefix + name,
            definition=definition,
            roleArn=self.role,
            loggingConfiguration={
                "level": "ERROR",
                "includeExecutionData": False,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": self.logs}}],
            },
            tags=[  # to find leftovers of a stack, and whose a machine is
                _tag("engine", self.engine_id),
                _tag("organization", of.organization),
                _tag("definition", of.name),
                _tag("version", of.version),
            ],
        )

    def _with_functions(self, asl: str) -> str:
        filled = _FUNCTION.sub(lambda match: self.function_prefix + _CAPITAL.sub("-", match[1]).lower(), asl)
        if "${" in filled:
            name = filled[filled.index("${") :].partition("}")[0]
            raise SettingMissing(
                f"a published state machine has the placeholder {name}}}, and no setting has its value"
            )
        return filled

    @cached_property
    def _client(self) -> SFNClient:
        import boto3  # made on first use: a cold start that needs no client must not pay for it
        from botocore.config import Config

        with CREATION_LOCK:
            return boto3.client("stepfunctions", config=Config(**self.calls))
