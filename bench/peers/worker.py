"""A process that runs one peer: ``python -m bench.peers.worker PEER URL MONITOR_URL``.

PEER is a name of ``PEERS``, or one with ``UNPREPARED`` behind it: that peer without prepared statements.

It reads a line of JSON for each measurement (``{"workload": name, "runs": n}``) and answers with the cost of a run. It
logs to stderr.
"""

from __future__ import annotations

import importlib
import json
import sys
from contextlib import closing
from dataclasses import asdict

from bench.measuring import Meters, Stopwatch
from bench.peers.engine import Engine
from bench.workloads import ALL

PEERS = {"LangGraph": "langgraph_engine", "DBOS": "dbos_engine", "Absurd": "absurd_engine"}
UNPREPARED = ", unprepared"
_CLASSES = {"LangGraph": "LangGraph", "DBOS": "Dbos", "Absurd": "Absurd"}


def main(peer: str, url: str, monitor_url: str) -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    client, published = Stopwatch(), set[str]()
    name = peer.removesuffix(UNPREPARED)
    make = getattr(importlib.import_module(f"bench.peers.{PEERS[name]}"), _CLASSES[name])
    engine: Engine = make(url, prepares=name == peer)
    with closing(engine), closing(Meters(monitor_url, client)) as meters:
        for line in sys.stdin:
            request = json.loads(line)
            workload = ALL[request["workload"]]
            if workload.name not in published:
                engine.publish(workload)
                published.add(workload.name)
            with meters.measuring(), client.running():
                for _ in range(request["runs"]):
                    engine.run(workload)
            print(json.dumps(asdict(meters.cost.each(request["runs"]))), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
