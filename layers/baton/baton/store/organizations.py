"""Organisations in Postgres: their settings, and who may launch runs there from Step Functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baton.model import PutTimeZoneOutcome, Role
from baton.ports.organizations import Launcher, Organization, PutTimeZoneResult
from baton.store.database import Database
from baton.store.functions import Function, Query, row_of

_ORGANIZATION = Query("organization_of_member", user_id="uuid", organization="text", engine_id="text")
_PUT_TIME_ZONE = Function("put_time_zone", user_id="uuid", organization="text", time_zone="text", engine_id="text")
_ALLOW = Function("allow_launches", user_id="uuid", organization="text", engine_id="text", launcher_id="uuid")
_FORBID = Function("forbid_launches", user_id="uuid", organization="text", engine_id="text")


class OrganizationsTable:
    """For the API's login. Every method is one round trip. All but ``organization`` check the role admin again, and
    return None for a caller without it. ``engine_id`` is the deployment whose launcher they show."""

    def __init__(self, database: Database, engine_id: str) -> None:
        self._database = database
        self._engine_id = engine_id

    def organization(self, *, user_id: str, organization: str) -> Organization | None:
        """None: there is no such organisation, or the caller is not a member."""
        answer = _ORGANIZATION(self._database, user_id=user_id, organization=organization, engine_id=self._engine_id)
        return None if answer is None else _organization(answer)

    def put_time_zone(self, *, user_id: str, organization: str, time_zone: str) -> PutTimeZoneResult | None:
        """Sets the time zone, if there is one with that name."""
        answer = _PUT_TIME_ZONE(
            self._database,
            user_id=user_id,
            organization=organization,
            time_zone=time_zone,
            engine_id=self._engine_id,
        )
        if answer is None:
            return None
        outcome = PutTimeZoneOutcome(answer["outcome"])
        return PutTimeZoneResult(outcome, _organization(answer["organization"]), answer["names"] or ())

    def allow_launches(self, *, user_id: str, organization: str, launcher_id: str) -> Organization | None:
        """Makes the launcher, with this id. If there is one, it stays as it is."""
        answer = _ALLOW(
            self._database,
            user_id=user_id,
            organization=organization,
            engine_id=self._engine_id,
            launcher_id=launcher_id,
        )
        return None if answer is None else _organization(answer)

    def forbid_launches(self, *, user_id: str, organization: str) -> Organization | None:
        """Deletes the launcher. A second call changes nothing."""
        answer = _FORBID(self._database, user_id=user_id, organization=organization, engine_id=self._engine_id)
        return None if answer is None else _organization(answer)


def _organization(answer: Mapping[str, Any]) -> Organization:
    row = row_of(answer)
    return Organization(**{**row, "launcher": row["launcher"] and _launcher(row["launcher"])})


def _launcher(answer: Mapping[str, Any]) -> Launcher:
    row = row_of(answer)
    return Launcher(**{**row, "roles": tuple(map(Role, row["roles"]))})
