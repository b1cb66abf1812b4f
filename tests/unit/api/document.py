"""The OpenAPI document, made once for all tests, because it takes half a second."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.unit.api.client import Client
from tests.unit.api.fakes import FakeFunction


@cache
def openapi_document() -> Any:
    return Client(FakeFunction()).get("/openapi.json", token=None).body
