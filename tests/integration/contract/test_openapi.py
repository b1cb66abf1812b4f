"""The running API held to its own document: requests of every shape, sound and unsound, find no crash, and no answer
that the document does not have."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.stack import Stack
from tests.unit.api.client import Client
from tests.unit.api.fakes import FakeFunction

DOCUMENT = Client(FakeFunction()).get("/openapi.json", token=None).body
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
api = schemathesis.openapi.from_dict(DOCUMENT)


def test_what_is_served_is_the_document_that_these_tests_go_by(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.url}/openapi.json") as answer:
        assert json.load(answer) == DOCUMENT


@pytest.mark.parametrize("exists", [True, False], ids=["of what there is", "of anything"])
@api.parametrize()
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_finds_a_crash_or_an_answer_that_is_not_documented(
    case: Any, exists: bool, stack: Stack, known: dict[str, str]
) -> None:
    if exists:
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
    token = stack.token("viewer", "operator", "approver", "admin")
    case.call_and_validate(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
