"""Baton's HTTP API as a typed Python package: ``with Client(url, token) as baton: baton.runs.launch(…)``.

Answers are the API's JSON, typed as ``TypedDict``: its names, moments and ids as text, numbers as ``int`` or
``Decimal``, so that no digit is lost.
"""

from __future__ import annotations

from baton_client.client import Client
from baton_client.connection import Transport
from baton_client.errors import (
    BadArgument,
    BadArgumentType,
    BatonClientError,
    FieldError,
    GatewayRefused,
    OrganizationMissing,
    Refused,
    Unreachable,
)
from baton_client.retry_policy import RetryPolicy
from baton_client.stream import Event, RunStream

__version__ = "0.1.0"

__all__ = [
    "BadArgument",
    "BadArgumentType",
    "BatonClientError",
    "Client",
    "Event",
    "FieldError",
    "GatewayRefused",
    "OrganizationMissing",
    "Refused",
    "RetryPolicy",
    "RunStream",
    "Transport",
    "Unreachable",
]
