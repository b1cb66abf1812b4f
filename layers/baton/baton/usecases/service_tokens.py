"""Service tokens: have a machine call the API, as a member of one organisation, until a day fixed beforehand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from baton import service_token
from baton.errors import FieldProblem, Forbidden, Invalid, NotFound
from baton.model import Principal, Role
from baton.ports.service_tokens import NewServiceToken, ServiceToken
from baton.usecases.administration import administrator, role_is_gone, role_set

if TYPE_CHECKING:
    from baton.store.members import MembersTable
    from baton.store.service_tokens import ServiceTokensTable

MAX_LIFETIME = timedelta(days=366)
MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class NewTokenRequest:
    """``allow_approver`` says that the machine may take people's decisions; without it, it cannot be an approver."""

    organization: str
    name: str
    roles: Collection[str]
    expires_at: datetime
    allow_approver: bool = False


@dataclass(frozen=True)
class IssuedToken:
    """``secret`` is the token to send as a bearer. It is told here once, and kept nowhere."""

    token: ServiceToken
    secret: str


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ManageServiceTokens:
    """All three need the role admin.

    Raises (all):
        NotFound: there is no such organisation, or the caller is not a member of it.
        Forbidden: the role is missing.
    """

    standings: MembersTable
    record: ServiceTokensTable
    now: Callable[[], datetime] = _now

    def list(self, caller: Principal, organization: str) -> Sequence[ServiceToken]:
        """The newest first, also those that have expired or were revoked."""
        administrator(self.standings, caller, organization)
        return self.record.tokens(user_id=caller.user_id, organization=organization)

    def create(self, caller: Principal, request: NewTokenRequest) -> IssuedToken:
        """Makes a token that is good at once.

        Raises:
            Invalid: naming the field: the name, a role, a day that is past or more than a year ahead.
            Forbidden: also for a machine that would make an approver of another; a person must.
        """
        standing = administrator(self.standings, caller, request.organization)
        roles = role_set(request.roles)
        if problems := [*self._problems(request)]:
            raise Invalid("The request is not valid", problems)
        if Role.APPROVER in roles and not standing.person:
            raise Forbidden("only a person may let a machine be an approver")
        token_id = str(uuid.uuid4())
        secret, secret_hash = service_token.new(token_id)
        new = NewServiceToken(
            token_id, request.organization, request.name.strip(), roles, secret_hash, request.expires_at
        )
        made = self.record.create(user_id=caller.user_id, token=new)
        if made is None:
            role_is_gone()
        return IssuedToken(made, secret)

    def revoke(self, caller: Principal, organization: str, token_id: str) -> ServiceToken:
        """Ends it, from the next request on. Doing it again changes nothing.

        Raises:
            NotFound: the organisation has no such token.
        """
        administrator(self.standings, caller, organization)
        revoked = self.record.revoke(user_id=caller.user_id, organization=organization, token_id=token_id)
        if revoked is None:
            raise NotFound(f"there is no service token {token_id} in {organization}")
        return revoked

    def _problems(self, request: NewTokenRequest) -> Sequence[FieldProblem]:
        found = []
        if not 1 <= len(request.name.strip()) <= MAX_NAME_CHARACTERS:
            found.append(FieldProblem("name", f"must have 1 to {MAX_NAME_CHARACTERS} characters"))
        if Role.APPROVER in request.roles and not request.allow_approver:
            found.append(
                FieldProblem("allowApprover", "must be true for the role approver: decisions are for people to take")
            )
        if not self.now() < request.expires_at <= self.now() + MAX_LIFETIME:
            found.append(
                FieldProblem("expiresAt", f"must be a moment to come, at most {MAX_LIFETIME.days} days from now")
            )
        return found
