"""The execution of a run in Step Functions, and its page in the AWS console."""

from __future__ import annotations

from typing_extensions import TypedDict

_CONSOLES = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-cn": "https://console.amazonaws.cn",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
}
_ACCOUNT_OF_EXAMPLES = "123456789012"  # AWS gives it to nobody; the local stack uses it


class Execution(TypedDict):
    """The newest execution of a run. ``consoleUrl`` is its page in the console of Step Functions. It is null for an
    execution of the local stack, and in a partition of AWS whose console has no known address."""

    arn: str
    consoleUrl: str | None


def execution(arn: str) -> Execution:
    return {"arn": arn, "consoleUrl": _console_url(arn)}


def _console_url(arn: str) -> str | None:
    _, partition, _, region, account, *_ = arn.split(":")
    if partition not in _CONSOLES or account == _ACCOUNT_OF_EXAMPLES:
        return None
    return f"{_CONSOLES[partition].format(region=region)}/states/home?region={region}#/v2/executions/details/{arn}"
