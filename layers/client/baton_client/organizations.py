"""The settings of an organisation. Its members read them, and its admins change them."""

from __future__ import annotations

from typing import TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.vocabulary import Role


class Launcher(TypedDict):
    """The machine as which executions of ``<stack>-launch`` launch runs. ``userId`` is its name in the record."""

    userId: str
    roles: list[Role]
    allowedBy: str
    allowedAt: str


class Organization(TypedDict):
    """``timeZone`` decides which day it is, for relative dates such as ``start of month``. ``launcher`` is None if
    executions of ``<stack>-launch`` may not launch runs in the organisation."""

    organization: str
    name: str
    timeZone: str
    launcher: Launcher | None


class Organizations:
    """``client.organizations``. The default of ``organization`` is the client's. Raises (all methods): the errors
    that ``Client`` names, and OrganizationMissing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, organization: str | None = None) -> Organization:
        return self._connection.get(self._path(organization), Organization)

    def put_time_zone(self, time_zone: str, *, organization: str | None = None) -> Organization:
        """``time_zone`` is an IANA name, for example ``Europe/Berlin``."""
        return self._connection.put(f"{self._path(organization)}/time-zone", Organization, {"timeZone": time_zone})

    def allow_launches(self, *, organization: str | None = None) -> Organization:
        """Let executions of ``<stack>-launch`` launch runs. A second call changes nothing."""
        return self._connection.put(f"{self._path(organization)}/launcher", Organization)

    def forbid_launches(self, *, organization: str | None = None) -> Organization:
        """Take the permission back. A second call changes nothing."""
        return self._connection.delete(f"{self._path(organization)}/launcher", Organization)

    def _path(self, organization: str | None) -> str:
        return f"/organizations/{segment(self._connection.organization(organization), 'organization')}"
