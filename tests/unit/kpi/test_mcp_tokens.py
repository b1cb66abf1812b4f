"""The tokens of the MCP function's callers."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from baton.errors import Unauthenticated
from kpi_mcp.tokens import organization_of

KEY = "k" * 64
AUDIENCE = "baton-mcp"


def token(key: str = KEY, algorithm: str = "HS256", without: str = "", **changes: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"aud": AUDIENCE, "iat": now, "exp": now + 120, "organization": "demo", **changes}
    claims.pop(without, None)
    return {"authorization": "Bearer " + jwt.encode(claims, key, algorithm=algorithm)}


def test_a_token_names_the_organisation() -> None:
    assert organization_of(token(), KEY, AUDIENCE) == "demo"


def test_the_scheme_may_be_in_any_case() -> None:
    headers = {"authorization": token()["authorization"].replace("Bearer", "bearer")}
    assert organization_of(headers, KEY, AUDIENCE) == "demo"


REFUSED = {
    "no header": {},
    "another scheme": {"authorization": "Basic ZGVtbzpkZW1v"},
    "an empty token": {"authorization": "Bearer "},
    "no token at all": {"authorization": "Bearer x.y.z"},
    "another key": token(key="o" * 64),
    "no signature": token(key="", algorithm="none"),
    "another algorithm": token(algorithm="HS512"),
    "a user's audience": token(aud="authenticated"),
    "no audience": token(without="aud"),
    "no end": token(without="exp"),
    "no beginning": token(without="iat"),
    "no organisation": token(without="organization"),
    "an expired one": token(iat=int(time.time()) - 300, exp=int(time.time()) - 60),
    "one that lives for a day": token(exp=int(time.time()) + 86_400),
    "one from tomorrow": token(iat=int(time.time()) + 86_400, exp=int(time.time()) + 86_460),
    "an organisation that is no slug": token(organization="demo' or true --"),
    "an organisation that is no text": token(organization=["demo"]),
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED.keys())
def test_any_other_token_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        organization_of(headers, KEY, AUDIENCE)
