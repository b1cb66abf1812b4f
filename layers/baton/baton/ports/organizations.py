"""Organisations and their settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.model import PutTimeZoneOutcome, Role


@dataclass(frozen=True)
class Launcher:
    """The machine as which executions of the state machine ``<stack>-launch`` launch runs. ``user_id`` is its id in the
    record, e.g. in ``launched_by``."""

    user_id: str
    roles: Sequence[Role]
    allowed_by: str
    allowed_at: datetime


@dataclass(frozen=True)
class Organization:
    """``organization`` is its slug, ``time_zone`` the IANA name. ``launcher`` is None if the deployment's state machine
    may not launch runs there."""

    organization: str
    name: str
    time_zone: str
    launcher: Launcher | None


@dataclass(frozen=True)
class PutTimeZoneResult:
    """With the outcome ``unknown``, ``names`` are those of all time zones."""

    outcome: PutTimeZoneOutcome
    organization: Organization
    names: Sequence[str]
