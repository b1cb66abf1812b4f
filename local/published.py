"""State machines of published definitions. AWS keeps them; moto loses them when the stack stops."""

from __future__ import annotations

import psycopg

from baton.adapters import Adapters
from baton.compiler import asl_text, compile_machine
from baton.config import Settings
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


def restore_machines(deployment: Deployment, database_url: str) -> None:
    """Create the machines again that definitions and open runs in the database use.

    A machine keeps its digest, even if this checkout's compiler computes another one.
    """
    api = next(function for function in deployment.functions if "BATON_MACHINE_ROLE" in function.environment)
    machines = Adapters(Settings(api.environment)).machines
    with psycopg.connect(database_url) as connection:
        rows = {name: rest for name, *rest in connection.execute(MACHINES)}
    for name, (digest, stored, organization) in rows.items():
        plan = Plan.from_json(stored)
        machine = compile_machine(plan)
        row = DefinitionVersion(organization, plan.name, plan.version)
        machines.make_as(name, asl_text(machine).replace(machine.digest, digest), row)
