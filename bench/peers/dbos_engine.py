"""DBOS: a workflow of steps. A pause is ``recv``, its answer ``send``."""

# mypy: disable-error-code="import-not-found, untyped-decorator"
# (The peer is in an environment of its own.)

from __future__ import annotations

from dbos import DBOS, DBOSConfig

from bench.peers.engine import work
from bench.workloads import ALL, Workload


@DBOS.step()
def _step(workload: str, step_id: str, seen: list[str]) -> str:
    return work(ALL[workload], step_id, seen)


@DBOS.workflow()
def _workflow(name: str) -> int:
    workload, outputs = ALL[name], dict[str, str]()
    for step_id, before in workload.steps.items():
        outputs[step_id] = _step(name, step_id, [outputs[one] for one in before])
        if step_id in workload.pauses:
            assert DBOS.recv(step_id, timeout_seconds=60) == "continue"
    return len(outputs)


class Dbos:
    def __init__(self, url: str, *, prepares: bool) -> None:
        config: DBOSConfig = {"name": "bench", "system_database_url": url, "run_admin_server": False}
        if not prepares:
            config["db_engine_kwargs"] = {
                "connect_args": {"application_name": "dbos_transact", "prepare_threshold": None}
            }
        DBOS(config=config)
        DBOS.launch()

    def publish(self, workload: Workload) -> None:
        pass  # its workflow reads the workload

    def run(self, workload: Workload) -> None:
        handle = DBOS.start_workflow(_workflow, workload.name)
        for step_id in workload.pauses:
            DBOS.send(handle.workflow_id, "continue", step_id)
        assert handle.get_result(polling_interval_sec=0.05) == len(workload.steps)

    def close(self) -> None:
        DBOS.destroy()
