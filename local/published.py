"""State machines of published definitions. AWS keeps them; moto loses them when the stack stops."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import psycopg
from botocore.exceptions import ClientError

from baton.adapters import Adapters
from baton.clients import SHORT_CALLS
from baton.compiler import asl_text, compile_machine
from baton.config import Settings
from baton.errors import BatonError
from baton.plan import Plan
from baton.ports.library import DefinitionVersion
from local.template import Deployment

MACHINES = """
select d.machine, d.digest, d.plan, o.slug
from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
where d.machine like 'x-%'
union all
select r.machine, r.digest, r.plan, o.slug
from public.orchestration_runs r
join public.orchestration_definitions d on d.id = r.definition_id
join public.organizations o on o.id = d.organization_id
where r.machine like 'x-%' and r.status in ('pending', 'running', 'checkpoint')
"""


_log = logging.getLogger(__name__)

PATIENT_CALLS = {**SHORT_CALLS, "read_timeout": 60}
"""moto works in this process: a large machine takes some seconds while others use the processor."""


class MakeMachines(Protocol):
    def make_as(self, name: str, asl: str, of: DefinitionVersion) -> None: ...


class StoredMachine(NamedTuple):
    """A row of ``MACHINES``."""

    name: str
    digest: str
    plan: Mapping[str, Any]
    organization: str


def restore_machines(deployment: Deployment, database_url: str) -> None:
    """Create the machines again that definitions and open runs in the database use."""
    api = next(function for function in deployment.functions if "BATON_MACHINE_ROLE" in function.environment)
    machines = replace(Adapters(Settings(api.environment)).machines, calls=PATIENT_CALLS)
    with psycopg.connect(database_url) as connection:
        rows = {row.name: row for row in map(StoredMachine._make, connection.execute(MACHINES))}
    restore(machines, rows.values())


def restore(machines: MakeMachines, rows: Iterable[StoredMachine]) -> None:
    """Make each machine with the digest that it had, even if this checkout's compiler computes another one.

    A warning names each machine that cannot be made. The stack starts without it, and only its runs fail.
    """
    for row in rows:
        try:
            plan = Plan.from_json(row.plan)
            machine = compile_machine(plan)
            of = DefinitionVersion(row.organization, plan.name, plan.version)
            machines.make_as(row.name, asl_text(machine).replace(machine.digest, row.digest), of)
        except (BatonError, ClientError) as error:
            _log.warning("the machine %s of %s is missing on this stack: %s", row.name, row.organization, error)
