"""The running API and its document: valid and invalid requests cause no crash, and get only documented answers.

``small`` sends four random requests of each operation. It leaves out half of the random requests, and all requests that
schemathesis derives from the limits of every field: most of three thousand.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.stack import Stack
from tests.integration.http_client import send
from tests.profile import PROFILE, Profile
from tests.unit.api.document import openapi_document

DOCUMENT = openapi_document()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PHASES = {"coverage": {"enabled": PROFILE is Profile.THOROUGH}}
api = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict({"phases": PHASES}))


def test_the_api_serves_the_document_of_these_tests(stack: Stack) -> None:
    assert send(f"{stack.url}/openapi.json").json() == DOCUMENT


@pytest.mark.parametrize("exists", [True, False], ids=["of what there is", "of anything"])
@api.parametrize()
@settings(
    max_examples=PROFILE.choose(small=4, thorough=8),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_request_gets_a_documented_answer(
    case: Any, exists: bool, stack: Stack, known_values: dict[str, str]
) -> None:
    if exists:
        case.path_parameters = {
            name: known_values.get(name, value) for name, value in (case.path_parameters or {}).items()
        }
    token = stack.token("viewer", "operator", "approver", "admin")
    case.call_and_validate(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
