"""Service tokens: with one, a machine calls the API as a member of one organisation until the token expires."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from baton import service_token
from baton.errors import FieldProblem, Forbidden, Invalid, NotFound
from baton.model import Principal, Role
from baton.ports.reads import Cursor
from baton.ports.service_tokens import NewServiceToken, ServiceToken
from baton.usecases.administration import administrator, refuse_former_admin, role_set

if TYPE_CHECKING:
    from baton.store.members import MembersTable
    from baton.store.service_tokens import ServiceTokensTable

MAX_LIFETIME = timedelta(days=366)
MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class NewTokenRequest:
    """The role approver needs ``allow_approver``: with it, a machine takes decisions that are made for people."""

    organization: str
    name: str
    roles: Collection[str]
    expires_at: datetime
    allow_approver: bool = False


@dataclass(frozen=True)
class IssuedToken:
    """``secret`` is the bearer token itself. The record keeps only a hash of it."""

    token: ServiceToken
    secret: str


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ManageServiceTokens:
    """Every method needs the role admin.

    Raises (all):
        NotFound: there is no such organisation, or the caller is not a member of it.
        Forbidden: the caller is not an admin there.
    """

    members: MembersTable
    record: ServiceTokensTable
    now: Callable[[], datetime] = _now

    def list(
        self, caller: Principal, organization: str, *, cursor: Cursor | None = None, limit: int | None = None
    ) -> Sequence[ServiceToken]:
        """The tokens, the newest first, with expired and revoked ones."""
        administrator(self.members, caller, organization)
        return self.record.tokens(user_id=caller.user_id, organization=organization, cursor=cursor, limit=limit)

    def create(self, caller: Principal, request: NewTokenRequest) -> IssuedToken:
        """Creates a token, which is valid at once.

        Raises:
            Invalid: a name, a role, or a moment that is past or more than 366 days ahead; the error names the field.
            Forbidden: also if the caller is a machine and the token is for an approver.
        """
        membership = administrator(self.members, caller, request.organization)
        roles = role_set(request.roles)
        if problems := [*self._problems(request)]:
            raise Invalid("The request is not valid", problems)
        if Role.APPROVER in roles and not membership.person:
            raise Forbidden("only a person may let a machine be an approver")
        token_id = str(uuid.uuid4())
        secret, secret_hash = service_token.new(token_id)
        new = NewServiceToken(
            token_id, request.organization, request.name.strip(), roles, secret_hash, request.expires_at
        )
        token = self.record.create(user_id=caller.user_id, token=new)
        if token is None:
            refuse_former_admin()
        return IssuedToken(token, secret)

    def revoke(self, caller: Principal, organization: str, token_id: str) -> ServiceToken:
        """Revokes a token: the next request with it fails. A second call changes nothing.

        Raises:
            NotFound: the organisation has no such token.
        """
        administrator(self.members, caller, organization)
        token = self.record.revoke(user_id=caller.user_id, organization=organization, token_id=token_id)
        if token is None:
            raise NotFound(f"there is no service token {token_id} in {organization}")
        return token

    def _problems(self, request: NewTokenRequest) -> Sequence[FieldProblem]:
        problems = []
        if not 1 <= len(request.name.strip()) <= MAX_NAME_CHARACTERS:
            problems.append(FieldProblem("name", f"must have 1 to {MAX_NAME_CHARACTERS} characters"))
        if Role.APPROVER in request.roles and not request.allow_approver:
            problems.append(
                FieldProblem("allowApprover", "must be true for the role approver: decisions are for people to take")
            )
        if not self.now() < request.expires_at <= self.now() + MAX_LIFETIME:
            problems.append(
                FieldProblem("expiresAt", f"must be in the future, at most {MAX_LIFETIME.days} days from now")
            )
        return problems
