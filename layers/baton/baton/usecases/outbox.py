"""Effects that could not be delivered: see them, and have them tried again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.errors import Forbidden, NotFound
from baton.model import Principal, Role
from baton.ports.outbox import FailedEffect

if TYPE_CHECKING:
    from baton.store.outbox import FailedEffects

_MAY = {Role.OPERATOR, Role.ADMIN}


@dataclass(frozen=True)
class ManageOutbox:
    """All three need the role operator or admin.

    Raises (all):
        NotFound: there is no such organisation or effect, or the caller is not a member there.
        Forbidden: the role is missing.
    """

    effects: FailedEffects

    def failed(
        self, caller: Principal, *, organization: str | None, failures: int, limit: int
    ) -> Sequence[FailedEffect]:
        """What failed at least ``failures`` times in the named organisation, or in all where the caller has a role for
        that; oldest first."""
        governed = self._governed(caller, organization)
        return self.effects.failed(user_id=caller.user_id, organizations=governed, failures=failures, limit=limit)

    def redrive(self, caller: Principal, effect_id: str) -> FailedEffect:
        """Has the relay try one again within a minute, however long it would have waited."""
        roles = self.effects.roles_for(user_id=caller.user_id, effect_id=effect_id)
        if roles and not roles & _MAY:
            raise Forbidden("redriving effects needs the role operator or admin")
        redriven = self.effects.redrive(user_id=caller.user_id, effect_id=effect_id) if roles else None
        if redriven is None:
            raise NotFound(f"there is no effect {effect_id} that failed; it may have been delivered meanwhile")
        return redriven

    def redrive_all(self, caller: Principal, *, organization: str | None) -> int:
        """The same of everything that failed in the named organisation, or in all; how many there are."""
        governed = self._governed(caller, organization)
        return self.effects.redrive_all(user_id=caller.user_id, organizations=governed)

    def _governed(self, caller: Principal, organization: str | None) -> list[str]:
        roles = self.effects.roles(user_id=caller.user_id)
        if organization is not None:
            if organization not in roles:
                raise NotFound(f"there is no organisation {organization} that you are a member of")
            roles = {organization: roles[organization]}
        governed = [slug for slug, held in roles.items() if held & _MAY]
        if not governed:
            where = organization or "an organisation"
            raise Forbidden(f"the outbox needs the role operator or admin in {where}")
        return governed
