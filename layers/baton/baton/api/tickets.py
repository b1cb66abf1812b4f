"""Tickets to one run's stream: EventSource cannot send a header, and a bearer token must not be in a URL.

A ticket is a JSON Web Token that Baton signs (HS256). It names one run and one member, lasts an hour, and opens only
the stream. Every use of it checks the membership again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt

from baton.api.identity import InvalidToken
from baton.model import Principal

LIFETIME_SECONDS = 3600
AUDIENCE = "baton-stream"
_NEW_ONE = "get a new one with POST …/status/stream/ticket"


@dataclass(frozen=True)
class Ticket:
    text: str
    expires_at: datetime


class Tickets:
    """``key`` reads the signing key, of at least 32 bytes. After a change of the key, earlier tickets are invalid."""

    def __init__(self, key: Callable[[], str], now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    def issue(self, member: Principal, run_id: str) -> Ticket:
        expires = int(self._now()) + LIFETIME_SECONDS
        claims = {"aud": AUDIENCE, "sub": member.user_id, "run": run_id, "exp": expires}
        return Ticket(jwt.encode(claims, self._key(), algorithm="HS256"), datetime.fromtimestamp(expires, UTC))

    def holder(self, ticket: str, run_id: str) -> Principal:
        """The member of the ticket. Raises InvalidToken unless it is a valid ticket to this run."""
        try:
            claims = jwt.decode(
                ticket,
                self._key(),
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud", "run"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken(f"The ticket has expired; {_NEW_ONE}.") from error
        except jwt.PyJWTError as error:
            raise InvalidToken(f"The ticket is not valid; {_NEW_ONE}.") from error
        if claims["run"] != run_id:
            raise InvalidToken(f"The ticket is for another run; {_NEW_ONE}.")
        return Principal(user_id=claims["sub"])
