"""``python -m bench.record [W1 W2 …] [--json]``: what a step of today's Baton costs.

Real handlers and use cases on a Postgres that writes through, whose tables are filled and analysed. Every workload has
some rounds on warm sessions, one through a proxy that counts, and a chain of 8 from cold sessions. CPU is read, not
time, but a busy machine has cold caches: compare numbers of one sitting. CPU of Postgres is known on Linux alone.
A page of a list counts as a step.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

from bench.measuring import load_of_machine
from bench.record.measured import Bench, Row
from bench.record.report import FOOT, HEAD, as_json, line
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
    given = parser.parse_args(arguments)
    unknown = set(given.workloads) - {*NAMES}
    if unknown:
        parser.error(f"there is no workload {', '.join(sorted(unknown))}")
    rows = []
    _tell(HEAD, quiet=given.json)
    for row in _measured(given.workloads or NAMES):
        rows.append(row)
        _tell(line(row), quiet=given.json)
    if given.json:
        print(json.dumps({"load": load_of_machine(), "rows": as_json(rows)}, indent=2))
    _tell(f"{FOOT}\nLoad of the machine at the end: {load_of_machine()}", quiet=given.json)
    return 0


def _measured(names: Sequence[str]) -> Iterator[Row]:
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
