"""``python -m bench.peers [W1 W2 W3] [--json]``: Baton beside LangGraph, DBOS and Absurd.

All engines run the same workloads on one server, each in its own process and database. They take turns (A B C D,
A B C D …), so that other load of the machine affects all of them. Baton's tables are filled, the peers' are empty. All
figures are of whole runs with their launch. Agents answer immediately; Baton's AWS is a stub, and peers send no events.

Baton prepares no statements, because a transaction pooler does not keep them. The peers do, as their makers ship them.
"Unprepared" is the same peer without prepared statements.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from baton import logs
from bench.counting_proxy import CountingProxy
from bench.measuring import Cost, load_of_machine
from bench.peers.worker import PEERS, UNPREPARED
from bench.record.measured import Bench
from bench.server import HOME, Server, filled_database, running_server
from bench.workloads import ALL, Workload
from bench.workloads import PEERS as WORKLOADS
from cli.checkout import ROOT
from cli.database_urls import url_of
from local.environment import own_environment

PYTHON = ROOT / ".venv-bench-peers" / "bin" / "python"
ROUNDS = 5
BATON = "Baton"
ENGINES = [*PEERS, *(f"{name}{UNPREPARED}" for name in PEERS)]
HEADER = f"""\
{"":28}{"CPU, ms a step (median)":^36}{"÷ Baton's":^20}{"on the wire, a step":>22}
{"":28}{"Postgres":>12}{"client":>12}{"sum":>12}{"record":>10}{"all":>10}{"trips":>10}{"statements":>12}{"kB WAL":>9}"""
FOOTER = """
÷ Baton's: the median over the rounds of (sum of the peer ÷ sum of Baton). record: Postgres and the store's calls; all:
Postgres and the whole handlers. Below 1 a peer costs less than Baton."""


class Peer:
    """A process in the peers' environment that runs one peer and measures on request."""

    def __init__(self, name: str, url: str, monitor_url: str) -> None:
        HOME.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._log = (HOME / f"{_identifier(name)}.log").open("a")
        command = [str(PYTHON), "-m", "bench.peers.worker", name, url, monitor_url]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._log, text=True, cwd=ROOT)

    def measure(self, workload: Workload, runs: int) -> Cost:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"workload": workload.name, "runs": runs}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self._name} ended; {self._log.name} says why")
        return Cost(**json.loads(answer))

    def close(self) -> None:
        self._process.communicate()
        self._log.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join(WORKLOADS)}; all if none")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    if unknown := set(options.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {', '.join(sorted(unknown))} for peers")
    workloads = [ALL[name] for name in options.workloads or WORKLOADS]
    with own_environment(), running_server() as server, Path(os.devnull).open("w", encoding="ascii") as nowhere:
        logs.output.set(nowhere)  # as in ``bench.record``
        costs = _costs(server, workloads)
        passed = {name: _passed(server, name, workloads) for name in ENGINES}
    if options.json:
        rows = [
            {
                "workload": name,
                "engine": engine,
                "costs": [vars(cost) for cost in each],
                **passed.get(engine, {}).get(name, {}),
            }
            for name, engines in costs.items()
            for engine, each in engines.items()
        ]
        print(json.dumps({"load": load_of_machine(), "rows": rows}, indent=2))
        return 0
    print(HEADER)
    for workload in workloads:
        _print(workload, costs[workload.name], passed)
    print(f"{FOOTER}\nLoad of the machine at the end: {load_of_machine()}")
    return 0


def _costs(server: Server, workloads: Sequence[Workload]) -> dict[str, dict[str, list[Cost]]]:
    """Workload → engine → the cost of a run in each round."""
    costs: dict[str, dict[str, list[Cost]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        owner_url, logins = stack.enter_context(filled_database(server, _tell))
        baton = stack.enter_context(closing(Bench(owner_url, _monitor(server, owner_url), logins)))
        peers = {name: stack.enter_context(_peer(server, name)) for name in ENGINES}
        for workload in workloads:
            _tell(f"{workload.name}: {workload.title}")
            baton.warm_up(workload)
            for peer in peers.values():
                peer.measure(workload, 3)
            baton.meters.checkpoint()
            for _ in range(ROUNDS):
                launching, driving = baton.round(workload)
                costs[workload.name][BATON].append(launching + driving)
                for name, peer in peers.items():
                    costs[workload.name][name].append(peer.measure(workload, workload.runs))
    return costs


def _passed(server: Server, name: str, workloads: Sequence[Workload]) -> dict[str, dict[str, float]]:
    """Workload → the wire traffic between a peer and Postgres per step."""
    traffic_per_step = {}
    with closing(CountingProxy(server.owner_url)) as proxy, _peer(server, name, proxy) as peer:
        for workload in workloads:
            peer.measure(workload, 1)
            proxy.take()
            peer.measure(workload, 1)
            traffic = proxy.take()
            counts = {"trips": len(traffic.trips), "statements": traffic.statements}
            traffic_per_step[workload.name] = {name: count / workload.size for name, count in counts.items()}
    return traffic_per_step


@contextmanager
def _peer(server: Server, name: str, proxy: CountingProxy | None = None) -> Iterator[Peer]:
    with (
        server.copy(f"baton_bench_{_identifier(name)}") as url,
        closing(Peer(name, proxy.url(url) if proxy else url, _monitor(server, url))) as peer,
    ):
        yield peer


def _identifier(name: str) -> str:
    return name.lower().replace(", ", "_")


def _monitor(server: Server, url: str) -> str:
    return url_of(server.monitor_url, url.rpartition("/")[2].partition("?")[0])


def _print(workload: Workload, engines: dict[str, list[Cost]], passed: dict[str, Any]) -> None:
    print(f"{workload.name} {workload.title}")
    ours = engines[BATON]
    rows = {f"{BATON}, its record": [replace(cost, client=cost.record) for cost in ours], **engines}
    for name, costs in rows.items():
        postgres, client, wal = (
            median(getattr(cost, what) for cost in costs) / workload.size for what in ("postgres", "client", "wal")
        )
        shown = f"{postgres:12.2f}{client:12.2f}{median(map(_sum, costs)) / workload.size:12.2f}"
        of_record = _ratio(costs, [cost.postgres + cost.record for cost in ours])
        of_all = _ratio(costs, [_sum(cost) for cost in ours])
        wire = passed.get(name, {}).get(workload.name)
        counts = f"{wire['trips']:10.2f}{wire['statements']:12.1f}" if wire else " " * 22
        print(f"   {name:25}{shown}{of_record:10.2f}{of_all:10.2f}{counts}{wal / 1000:9.1f}")


def _ratio(costs: Sequence[Cost], ours: Sequence[float]) -> float:
    return median(_sum(cost) / our for cost, our in zip(costs, ours, strict=True))


def _sum(cost: Cost) -> float:
    return cost.postgres + cost.client


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
