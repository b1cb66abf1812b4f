"""Measures workloads on warm sessions, over the counting proxy and from cold sessions, and pages of lists."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from baton.api.functions import ApiFunction
from baton.model import Principal, RunStatus
from baton.ports.reads import RunFilter
from bench.counting_proxy import CountingProxy, Traffic
from bench.measuring import Cost, Meters, Stopwatch
from bench.record.driving import Driver
from bench.record.functions import Functions
from bench.workloads import Workload, chain

COLD = Workload("cold", "cold session", chain(8), rounds=8)
LISTS = {
    "runs, first page": RunFilter(),
    "runs of one definition": RunFilter(definition="filled"),
    "runs, nothing matches": RunFilter(statuses=[RunStatus.ABORTED]),
}
MEMBER = Principal(
    str(uuid.UUID(hashlib.md5(b"member filled-1", usedforsecurity=False).hexdigest()))
)  # see filling.sql
_PAGES, _ROUNDS = 50, 5
_WARM_UP = 8  # steps (at least one run) before the measurement


@dataclass(frozen=True)
class WireCounts:
    """The wire traffic of a run."""

    awaited: int
    unawaited: int
    statements: int
    bytes_up: int
    bytes_down: int

    @classmethod
    def of(cls, traffic: Traffic) -> WireCounts:
        return cls(len(traffic.trips), len(traffic.unawaited), traffic.statements, traffic.bytes_up, traffic.bytes_down)


@dataclass(frozen=True)
class Row:
    """One line of the report: the ``costs`` of each round and the ``wire_counts``, for ``size`` steps or runs."""

    name: str
    title: str
    size: int
    costs: tuple[Cost, ...]
    wire_counts: WireCounts | None = None


class Bench:
    """Measures in one database. ``urls`` are the URLs of the logins; ``owner_url`` and ``monitor_url`` lead to the same
    database."""

    def __init__(self, owner_url: str, monitor_url: str, urls: Mapping[str, str]) -> None:
        self._client, self._record = Stopwatch(), Stopwatch()
        self.meters = Meters(monitor_url, self._client, self._record)
        self._proxy = CountingProxy(owner_url)
        self.driver = Driver(Functions(urls, self._client, self._record), owner_url)
        over_proxy = {login: self._proxy.url(url) for login, url in urls.items()}
        self._counted = Driver(Functions(over_proxy, Stopwatch(), Stopwatch()), owner_url)
        self.driver.prepare()

    def rows(self, workload: Workload) -> Iterator[Row]:
        self.warm_up(workload)
        self.meters.checkpoint()
        launches, costs = zip(*(self.round(workload) for _ in range(workload.rounds)), strict=True)
        launched, wire_counts = self._count(workload)
        yield Row(workload.name, workload.title, workload.size, costs, wire_counts)
        if workload.pauses:
            whole = tuple(launch + cost for launch, cost in zip(launches, costs, strict=True))
            together = WireCounts(*(vars(launched)[name] + vars(wire_counts)[name] for name in vars(wire_counts)))
            yield Row(f"{workload.name} run", "… launch included, a run", 1, whole, together)

    def warm_up(self, workload: Workload) -> None:
        """Publish the workload and run it, so that the caches of the process and of the sessions are full."""
        self.driver.publish(workload)
        for _ in range(max(1, _WARM_UP // workload.size)):
            self.driver.drive(workload, self.driver.launch(workload))

    def round(self, workload: Workload) -> tuple[Cost, Cost]:
        """The cost of launching a run, and of driving it to its end."""
        with self.meters.measuring():
            runs = [self.driver.launch(workload) for _ in range(workload.runs)]
        launching = self.meters.cost.each(workload.runs)
        with self.meters.measuring():
            for run_id in runs:
                self.driver.drive(workload, run_id)
        return launching, self.meters.cost.each(workload.runs)

    def cold_rows(self) -> Iterator[Row]:
        """Measure steps after every function has closed its session: it plans every statement again."""
        self.warm_up(COLD)
        self.meters.checkpoint()
        first, later = [], []
        for _ in range(COLD.rounds):
            run_id = self.driver.launch(COLD)
            self.driver.functions.end_sessions()
            one, *others = COLD.steps
            with self.meters.measuring():
                self.driver.step(COLD, run_id, one)
            first.append(self.meters.cost)
            with self.meters.measuring():
                for step_id in others:
                    self.driver.step(COLD, run_id, step_id)
            later.append(self.meters.cost)
        yield Row("cold", "step 1 of a session", 1, tuple(first))
        yield Row("cold 2-8", "steps 2 to 8 of it", len(COLD.steps) - 1, tuple(later))

    def list_rows(self) -> Iterator[Row]:
        """Measure pages of an organisation with a twentieth of all runs, on a warm session."""
        for title, narrowed in LISTS.items():

            def read(api: ApiFunction, narrowed: RunFilter = narrowed) -> None:
                api.reads.runs(MEMBER, narrowed, cursor=None, limit=21)

            self.driver.functions.call_api(read)
            costs = []
            for _ in range(_ROUNDS):
                with self.meters.measuring():
                    for _ in range(_PAGES):
                        self.driver.functions.call_api(read)
                costs.append(self.meters.cost)
            yield Row("lists", title, _PAGES, tuple(costs))

    def close(self) -> None:
        for driver in (self.driver, self._counted):
            driver.close()
        self._proxy.close()
        self.meters.close()

    def _count(self, workload: Workload) -> tuple[WireCounts, WireCounts]:
        driver = self._counted
        driver.answer_with(workload)
        driver.drive(workload, driver.launch(workload))  # opens the connections
        with self._passing() as launching:
            run_id = driver.launch(workload)
        with self._passing() as driving:
            driver.drive(workload, run_id)
        return WireCounts.of(launching[0]), WireCounts.of(driving[0])

    @contextmanager
    def _passing(self) -> Iterator[list[Traffic]]:
        passed: list[Traffic] = []
        self._proxy.take()
        yield passed
        with self.meters.measuring():  # waits until the sessions are at rest
            time.sleep(0.05)
        passed.append(self._proxy.take())
