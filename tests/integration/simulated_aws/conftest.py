"""Tests the installed moto with our fixes: the features of Step Functions, Lambda and EventBridge that Baton needs."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest
from moto.awslambda.models import LambdaFunction
from moto.events.models import Rule

from local import moto_fixes
from local.stack import Stack
from tests.integration.simulated_aws.machines import (
    FakeFunctions,
    create_function,
)
from tests.integration.simulated_aws.rules import RuleFixture


@pytest.fixture
def functions(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> FakeFunctions:
    functions = FakeFunctions()
    monkeypatch.setattr(LambdaFunction, "invoke", LambdaFunction.invoke)  # both are put back after the test
    monkeypatch.setattr(Rule, "send_to_targets", Rule.send_to_targets)
    monkeypatch.setattr(moto_fixes.ends, "reporters", [functions.ends.put])
    moto_fixes.run_functions(functions.invoke, functions.invoke_later)
    moto_fixes.deliver_events_to_functions(functions.invoke_later)
    return functions


@pytest.fixture
def rule(stack: Stack, functions: FakeFunctions) -> RuleFixture:
    return RuleFixture()


@pytest.fixture
def states(stack: Stack) -> Any:
    return boto3.client("stepfunctions")


@pytest.fixture
def lambdas(stack: Stack) -> Any:
    return boto3.client("lambda")


@pytest.fixture
def function(functions: FakeFunctions, lambdas: Any) -> str:
    return create_function(lambdas, f"asked-{uuid.uuid4()}")
