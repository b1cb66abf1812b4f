"""Who calls: a short-lived token, signed by this deployment, that names the organisation whose data may be read."""

from __future__ import annotations

import re
from collections.abc import Mapping

import jwt

from baton.errors import Unauthenticated

LONGEST_LIFETIME = 900  # seconds; a token that claims more was not made for one call
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def organization_of(headers: Mapping[str, str], key: str, audience: str) -> str:
    """The slug of the organisation that the bearer token names. ``headers`` has lower-case names.

    Raises:
        Unauthenticated: there is no token, or it is not signed with ``key``, is not for ``audience``, has expired or
            lives too long.
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
    if claims["exp"] - claims["iat"] > LONGEST_LIFETIME:
        raise Unauthenticated(f"the token lives longer than {LONGEST_LIFETIME} seconds; ask for a shorter one")
    organization = claims["organization"]
    if not isinstance(organization, str) or not _SLUG.fullmatch(organization):
        raise Unauthenticated("the token's claim organization must be the slug of an organisation")
    return organization
