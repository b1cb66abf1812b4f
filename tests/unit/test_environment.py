"""Each function's variables in template.yaml are exactly those that its code reads.

Every function is started like in Lambda with the template's variables: once with the default parameters, and once with
all optional parameters. A recording environment notes the variables that it reads.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from baton import bootstrap
from baton.config import Settings
from cli.checkout import ROOT
from local.environment import forget_clients
from local.template import Deployment, Function, read_template
from tests.unit.imports import FUNCTIONS

OURS = ("BATON_", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL")
LOCAL_ONLY = {"BATON_ALLOW_LOOPBACK_AGENTS"}  # another test checks that the template does not name it
FACTORIES = tuple(f"{name}.<locals>.<lambda>" for name in vars(bootstrap) if name.endswith("_function"))
AWS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
REQUIRED = {"AuthIssuer": "https://issuer.example/auth/v1"}
OPTIONAL = {
    "LegacyJwtSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt-AbCdEf",
    "McpUrl": "https://mcp.example",
    "McpToken": "token",
    "McpOrganization": "acme",
    "ReviewUrl": "https://reviews.example",
}


@cache
def deployment(*, full: bool) -> Deployment:
    parameters = REQUIRED | OPTIONAL if full else REQUIRED
    return read_template(
        ROOT / "template.yaml", stack_name="baton", parameters=parameters, api_url="https://api.example"
    )


class RecordingEnvironment(dict[str, str]):
    """Records the names of variables that are read. A copy, such as ``dict(os.environ)``, reads none."""

    def __init__(self, variables: Mapping[str, str], read: set[str]) -> None:
        super().__init__(variables)
        self._read = read

    def __getitem__(self, name: str) -> str:
        self._read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._read.add(name)
        return super().get(name, default)


def variables_read(function: Function, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The variables that the function reads at its start, and when it uses a part for the first time."""
    read: set[str] = set()

    def keep(settings: Settings, environment: Mapping[str, str]) -> None:
        object.__setattr__(settings, "environment", RecordingEnvironment(environment, read))

    monkeypatch.setattr(os, "environ", RecordingEnvironment({**AWS, **function.environment}, read))
    monkeypatch.setattr(Settings, "__init__", keep)
    monkeypatch.setattr(SecretsProvider, "get", lambda *_, **__: "postgresql://login:password@127.0.0.1:1/postgres")
    app = started(function)
    for value in list(vars(app).values()):
        if hasattr(value, "cache_info"):
            value()
        wire(value)
    return {name for name in read if name.startswith(OURS)}


def started(function: Function) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"started_{function.folder.name}", function.folder / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wire(value: Any) -> None:
    """Make ``bootstrap`` create the parts now that it creates at their first use."""
    if isinstance(value, FunctionType) and value.__qualname__.startswith(FACTORIES):
        value()
    elif is_dataclass(value) and type(value).__module__.startswith("baton."):
        for field in fields(value):
            wire(getattr(value, field.name))


@pytest.fixture
def both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Function]]:
    """The function of a folder, without and with all optional parameters."""
    monkeypatch.setattr(os, "environ", {**os.environ, **AWS})
    yield [
        function for full in (False, True) for function in deployment(full=full).functions if function.folder == folder
    ]
    forget_clients()


@pytest.mark.parametrize("folder", FUNCTIONS, ids=lambda folder: folder.name)
def test_a_function_reads_exactly_the_variables_of_the_template(
    both: list[Function], monkeypatch: pytest.MonkeyPatch
) -> None:
    template_names = {name for function in both for name in function.environment}
    read = {name for function in both for name in variables_read(function, monkeypatch)} - LOCAL_ONLY
    assert sorted(template_names - read) == [], "template.yaml sets these and the function reads none of them"
    assert sorted(read - template_names) == [], "the function reads these and template.yaml does not set them"


def test_a_variable_that_is_only_copied_is_not_read() -> None:
    read: set[str] = set()
    copied = dict(RecordingEnvironment({"A": "1", "B": "2"}, read))
    assert (copied, read) == ({"A": "1", "B": "2"}, set())
