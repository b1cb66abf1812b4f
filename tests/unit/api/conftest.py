"""The API over fakes at its ports."""

from __future__ import annotations

import pytest

from tests.unit.api.client import Client
from tests.unit.api.fakes import FakeFunction
from tests.unit.api.rows import (
    ANNA,
    APPROVAL_ID,
    DEFINITION_ID,
    DELIVERABLE_ID,
    DELIVERY_ID,
    EFFECT_ID,
    RUN_ID,
    TOKEN_ID,
    WEBHOOK_ID,
)


@pytest.fixture
def function() -> FakeFunction:
    return FakeFunction()


@pytest.fixture
def client(function: FakeFunction) -> Client:
    return Client(function)


@pytest.fixture
def ids() -> dict[str, str]:
    return {
        "run": RUN_ID,
        "approval": APPROVAL_ID,
        "deliverable": DELIVERABLE_ID,
        "definition": DEFINITION_ID,
        "effect": EFFECT_ID,
        "token": TOKEN_ID,
        "webhook": WEBHOOK_ID,
        "delivery": DELIVERY_ID,
        "anna": ANNA.user_id,
    }
