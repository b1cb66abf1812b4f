"""State machines of published definitions: AWS keeps them, moto forgets them with every stack."""

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
    """Makes the machines anew that definitions and open runs in the database are pinned to.

    A machine gets the digest that it had, also if this checkout's compiler would give it another one by now.
    """
    api = next(function for function in deployment.functions if "BATON_MACHINE_ROLE" in function.environment)
    machines = Adapters(Settings(api.environment)).machines
    with psycopg.connect(database_url) as connection:
        pinned = {name: (digest, plan) for name, digest, plan in connection.execute(MACHINES)}
    for name, (digest, plan) in pinned.items():
        compiled = compile_machine(Plan.from_json(plan))
        machines.make_as(name, asl_text(compiled).replace(compiled.digest, digest))
