"""State machines of published definitions. AWS keeps them; moto loses them when the stack stops."""

from __future__ import annotations

import psycopg

from baton.adapters import Adapters
from baton.compiler import asl_text, compile_machine
from baton.config import Settings
from baton.plan import Plan
from local.template import Deployment

MACHINES = """
select machine, digest, plan from public.orchestration_definitions where machine like 'x-%'
union all
select machine, digest, plan from public.orchestration_runs
where machine like 'x-%' and status in ('pending', 'running', 'checkpoint')
"""


def restore_machines(deployment: Deployment, database_url: str) -> None:
    """Create the machines again that definitions and open runs in the database use.

    A machine keeps its digest, even if this checkout's compiler computes another one.
    """
    api = next(function for function in deployment.functions if "BATON_MACHINE_ROLE" in function.environment)
    machines = Adapters(Settings(api.environment)).machines
    with psycopg.connect(database_url) as connection:
        rows = {name: (digest, plan) for name, digest, plan in connection.execute(MACHINES)}
    for name, (digest, plan) in rows.items():
        machine = compile_machine(Plan.from_json(plan))
        machines.make_as(name, asl_text(machine).replace(machine.digest, digest))
