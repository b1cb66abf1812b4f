"""The tokens of callers. This deployment signs them; each names the organisation whose data the caller may read."""

from __future__ import annotations

import re
from collections.abc import Mapping

import jwt

from baton.errors import Unauthenticated

MAX_LIFETIME_SECONDS = 900  # a token is for one call
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def organization_of(headers: Mapping[str, str], key: str, audience: str) -> str:
    """The slug of the organisation that the bearer token names. The names in ``headers`` are in lower case.

    Raises:
        Unauthenticated: there is no token; or its signature, audience, expiry or lifetime is wrong.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("send a token for this server: Authorization: Bearer <token>")
    try:
        claims = jwt.decode(
            token.strip(),
            key,
            algorithms=["HS256"],
            audience=audience,
            leeway=5,
            options={"require": ["exp", "iat", "aud", "organization"]},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthenticated(f"the token is not valid here: {error}") from error
    if claims["exp"] - claims["iat"] > MAX_LIFETIME_SECONDS:
        raise Unauthenticated(f"the token lives longer than {MAX_LIFETIME_SECONDS} seconds; ask for a shorter one")
    organization = claims["organization"]
    if not isinstance(organization, str) or not _SLUG.fullmatch(organization):
        raise Unauthenticated("the token's claim organization must be the slug of an organisation")
    return organization
