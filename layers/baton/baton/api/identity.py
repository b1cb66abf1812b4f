"""The caller, by their bearer token: a person's JSON Web Token of the issuer, or a machine's service token.

It works with any issuer that publishes ``{issuer}/.well-known/jwks.json``, as Supabase Auth and the local stack do. The
token has no roles: those are in the record, with the caller's memberships.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt

from baton import service_token
from baton.api.key_set import IdentityUnavailable, KeySet
from baton.errors import Unauthenticated
from baton.model import Principal

if TYPE_CHECKING:
    from baton.store.service_tokens import ServiceTokensTable


__all__ = ["Identify", "IdentityUnavailable", "InvalidToken", "KeySet", "TokenVerifier", "bearer_token"]

CLOCK_SKEW_SECONDS = 30
ROLE = "authenticated"  # Supabase Auth's word for a user who has signed in
MIN_SECRET_BYTES = 32  # bytes, as HS256 asks for (RFC 7518)

LegacySecret = Callable[[], str]


class InvalidToken(Unauthenticated):
    """The request has a token, but an invalid one."""

    token_was_sent = True


def bearer_token(authorization: str | None) -> str:
    """The token of an ``Authorization`` header. Raises Unauthenticated when there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the header `Authorization: Bearer <token>`.")
    return token.strip()


@dataclass(frozen=True)
class Identify:
    """Bearer token → Principal, for both kinds of tokens.

    Raises:
        Unauthenticated: the token is not valid.
        IdentityUnavailable: nothing can check the token now.
    """

    people: Callable[[str], Principal]
    machines: ServiceTokensTable

    def __call__(self, token: str) -> Principal:
        if not token.startswith(service_token.PREFIX):
            return self.people(token)
        id_and_hash = service_token.read(token)
        bearer = id_and_hash and self.machines.bearer(*id_and_hash)
        if not bearer:
            raise InvalidToken("The service token is not one of this deployment.")
        if not bearer.live:
            raise InvalidToken("The service token has expired or was revoked; ask an admin for a new one.")
        return Principal(user_id=bearer.id)


class TokenVerifier:
    """JSON Web Token → Principal. Raises Unauthenticated unless the token is valid, has this issuer and audience, and
    belongs to a user who has signed in.

    Args:
        legacy_secret: reads the secret of an issuer that signs with HS256, as Supabase Auth did before it had signing
            keys. Without it, all such tokens are invalid. The first such token calls it.
    """

    def __init__(
        self, issuer: str, audience: str, keys: KeySet | None = None, legacy_secret: LegacySecret | None = None
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._audience = audience
        self._keys = keys or KeySet(f"{self._issuer}/.well-known/jwks.json")
        self._legacy_secret = legacy_secret

    def __call__(self, token: str) -> Principal:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, RecursionError) as error:
            raise InvalidToken("The bearer token is not a JSON Web Token.") from error
        claims = self._verified(token, *self._key(header))
        if claims.get("role") != ROLE:
            raise InvalidToken(f"The token's role must be `{ROLE}`: sign in as a user.")
        if claims.get("is_anonymous", False) is not False:
            raise InvalidToken("Anonymous users have no access: sign in as a user.")
        return Principal(user_id=_user_id(claims["sub"]))

    def _key(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        """The key for the signature and its algorithm. The key fixes the algorithm; the token cannot choose it."""
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm == "HS256" and self._legacy_secret is not None:
            if key_id is None or (isinstance(key_id, str) and self._keys.find(key_id) is None):
                return _usable_secret(self._legacy_secret()), "HS256"
            raise InvalidToken("The token names a key (`kid`) that does not sign with HS256.")
        if algorithm not in ("ES256", "RS256") or not isinstance(key_id, str):
            raise InvalidToken("The token must be signed with ES256 or RS256 and name its key (`kid`).")
        key = self._keys.find(key_id)
        if key is None:
            raise InvalidToken("The token is signed with a key that its issuer does not publish.")
        return key.key, key.algorithm_name

    def _verified(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken("The token has expired; get a new one.") from error
        except jwt.PyJWTError as error:
            raise InvalidToken(f"The token is not valid: {str(error).rstrip('.')}.") from error
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidToken("The token's claims cannot be read.") from error
        return claims


def _usable_secret(secret: str) -> bytes:
    """The secret as bytes. Raises IdentityUnavailable if it is a public key, or too short to be safe."""
    if len(secret.encode()) < MIN_SECRET_BYTES or "-----BEGIN" in secret or '"kty"' in secret:
        raise IdentityUnavailable(
            "The legacy secret of this deployment cannot be used. Send a token that is signed with ES256 or RS256."
        )
    return secret.encode()


def _user_id(subject: Any) -> str:
    try:
        return str(UUID(subject))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidToken("The token's subject is not a user id (a UUID).") from error
