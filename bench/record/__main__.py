"""``python -m bench.record [W1 W2 …] [--json]``: measures the cost of a step of this Baton.

Real handlers and use cases run on a Postgres that writes to the disk, with filled and analysed tables. Every workload
has some rounds on warm sessions, one round through a counting proxy, and a chain of 8 from cold sessions. The figures
are CPU, not time, and the client and the embedded server share one CPU (``stay_on_one_cpu``); but a busy machine has
cold caches, so compare only numbers of one call. CPU of Postgres is known only on Linux. A page of a list counts as a
step.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from baton import logs
from bench.measuring import load_of_machine
from bench.record.measured import Bench, Row
from bench.record.report import FOOTER, HEADER, as_json, line
from bench.server import filled_database, running_server
from bench.workloads import ALL
from cli.database_urls import url_of
from local.environment import own_environment

COLD, LISTS = "cold", "lists"
NAMES = (*ALL, COLD, LISTS)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.record", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join(NAMES)}; all if none")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    unknown = set(options.workloads) - {*NAMES}
    if unknown:
        parser.error(f"there is no workload {', '.join(sorted(unknown))}")
    rows = []
    _tell(HEADER, quiet=options.json)
    with Path(os.devnull).open("w", encoding="ascii") as nowhere:
        logs.output.set(nowhere)  # the functions write their log, which costs CPU, but nobody reads it
        for row in _measured_rows(options.workloads or NAMES):
            rows.append(row)
            _tell(line(row), quiet=options.json)
    if options.json:
        print(json.dumps({"load": load_of_machine(), "rows": as_json(rows)}, indent=2))
    _tell(f"{FOOTER}\nLoad of the machine at the end: {load_of_machine()}", quiet=options.json)
    return 0


def _measured_rows(names: Sequence[str]) -> Iterator[Row]:
    with own_environment(), running_server() as server, filled_database(server, _report) as (owner_url, logins):
        monitor_url = url_of(server.monitor_url, _name(owner_url))
        with closing(Bench(owner_url, monitor_url, logins)) as bench:
            others = {COLD: bench.cold_rows, LISTS: bench.list_rows}
            for name in names:
                yield from others[name]() if name in others else bench.rows(ALL[name])


def _name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def _tell(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text, flush=True)


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
