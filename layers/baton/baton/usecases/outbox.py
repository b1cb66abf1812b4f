"""Effects whose delivery failed: list them, and redrive them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.errors import Forbidden, NotFound
from baton.model import Principal, Role
from baton.ports.outbox import FailedEffect

if TYPE_CHECKING:
    from baton.store.outbox import FailedEffects

_ROLES = {Role.OPERATOR, Role.ADMIN}


@dataclass(frozen=True)
class ManageOutbox:
    """Every method needs the role operator or admin.

    Raises (all):
        NotFound: there is no such organisation or effect, or the caller is not a member there.
        Forbidden: the caller has neither role.
    """

    effects: FailedEffects

    def failed(
        self, caller: Principal, *, organization: str | None, failures: int, limit: int
    ) -> Sequence[FailedEffect]:
        """Effects that failed at least ``failures`` times, oldest first: of one organisation or, without its name, of
        all in which the caller has one of the roles."""
        organizations = self._organizations(caller, organization)
        return self.effects.failed(user_id=caller.user_id, organizations=organizations, failures=failures, limit=limit)

    def redrive(self, caller: Principal, effect_id: str) -> FailedEffect:
        """Makes one effect due now: the relay tries it again within a minute."""
        roles = self.effects.roles_for(user_id=caller.user_id, effect_id=effect_id)
        if roles and not roles & _ROLES:
            raise Forbidden("redriving effects needs the role operator or admin")
        effect = self.effects.redrive(user_id=caller.user_id, effect_id=effect_id) if roles else None
        if effect is None:
            raise NotFound(f"there is no failed effect {effect_id}; perhaps it has been delivered meanwhile")
        return effect

    def redrive_all(self, caller: Principal, *, organization: str | None) -> int:
        """Makes all failed effects due now, of one organisation or of all as in ``failed``. Returns their number."""
        organizations = self._organizations(caller, organization)
        return self.effects.redrive_all(user_id=caller.user_id, organizations=organizations)

    def _organizations(self, caller: Principal, organization: str | None) -> list[str]:
        roles = self.effects.roles(user_id=caller.user_id)
        if organization is not None:
            if organization not in roles:
                raise NotFound(f"there is no organisation {organization} that you are a member of")
            roles = {organization: roles[organization]}
        organizations = [slug for slug, own_roles in roles.items() if own_roles & _ROLES]
        if not organizations:
            raise Forbidden(f"the outbox needs the role operator or admin in {organization or 'an organisation'}")
        return organizations
