"""Effects that must follow a commit, and their delivery.

A boundary of the record writes its effects in its own transaction and returns them. The function delivers them beside
its other work, until its handler returns. If the function dies or AWS does not answer, the effects stay in the outbox
for the relay.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, wraps
from itertools import groupby
from typing import Any, Protocol

from baton.model import EffectKind

_log = logging.getLogger(__name__)


MARGIN_SECONDS = 2.0  # at the end of an invocation, for the report of failures to the record and for the answer
MAX_WAIT_SECONDS = 30.0  # for deliveries at the end of an invocation; soon after, the relay takes over
STUCK_FAILURES = 5  # an effect with so many is stuck; by then the relay has tried for about seven minutes


@dataclass(frozen=True)
class Effect:
    """One row of the outbox. ``wanted`` is False for a start that is out of date: the run has ended or has a later
    generation. ``failures`` counts the earlier tries."""

    id: str
    run_id: str
    kind: EffectKind
    payload: Mapping[str, Any]
    wanted: bool = True
    token: str | None = field(default=None, repr=False)
    failures: int = 0


@dataclass(frozen=True)
class FailedDelivery:
    effect: Effect
    reason: str


class Delivered:
    """The ids of delivered effects whose rows the record still has."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._lock = threading.Lock()

    def add(self, effect_ids: Iterable[str]) -> None:
        with self._lock:
            self._ids.extend(effect_ids)

    def take(self) -> list[str]:
        """Returns all ids and forgets them. The caller must strike their rows off."""
        with self._lock:
            ids, self._ids = self._ids, []
        return ids


class OutboxStore(Protocol):
    def strike_off(self, effect_ids: Sequence[str]) -> None: ...

    def put_off(self, failed: Sequence[FailedDelivery]) -> None: ...


class SerialExecutor(Protocol):
    """Runs tasks in the order of their submission (see ``delivery``). ``join`` returns whether all are done within so
    many seconds."""

    def submit(self, task: Callable[[], None], /) -> None: ...

    def join(self, seconds: float, /) -> bool: ...


Deliver = Callable[[Sequence[Effect]], None]
"""Delivers effects of one kind, or raises an error. A second delivery must do no harm."""
Handler = Callable[[Any, Any], Any]
"""A Lambda handler: ``(event, context) → answer``."""


class Outbox:
    """Delivers the kinds of effects that have a handler here, and leaves the others to the relay.

    The record's next boundary strikes off the effects in ``delivered``.
    """

    def __init__(
        self,
        store: OutboxStore,
        delivered: Delivered,
        handlers: Mapping[EffectKind, Deliver],
        report: Callable[[str, Effect], None],
        executor: SerialExecutor,
    ) -> None:
        self._store = store
        self._delivered = delivered
        self._handlers = handlers
        self._report = report
        self._executor = executor
        self._failed: list[FailedDelivery] = []
        self._not_stopped: set[str] = set()

    def delivers(self, handler: Handler) -> Handler:
        """Decorates a handler. When the handler returns or raises, waits for the delivery of its effects, and leaves
        effects that take too long to the relay. If the process is killed, the relay delivers."""

        @wraps(handler)
        def invocation(event: Any, context: Any) -> Any:
            try:
                answer = handler(event, context)
            except Exception:
                self._finish(context)
                raise
            self._finish(context)
            return answer

        return invocation

    def deliver(self, effects: Sequence[Effect]) -> None:
        """Queues the effects for delivery: events last, all others in the order of writing. A failed delivery raises no
        error here, and the next effects are delivered all the same. There is one exception: the start of a run's
        execution waits for the stop of the previous one."""
        own = [effect for effect in effects if effect.kind in self._handlers]
        for batch in _batches(sorted(own, key=lambda effect: effect.kind == EffectKind.EVENT)):
            self._executor.submit(partial(self._deliver_batch, batch))

    def wait(self, seconds: float = threading.TIMEOUT_MAX) -> None:
        """Waits until each queued effect is delivered, or has failed; then records the failures. After ``seconds``,
        leaves the remaining effects to the relay."""
        if not self._executor.join(seconds):
            _log.warning("deliveries take too long, and are left to the relay")
        failed, self._failed = self._failed, []
        self._not_stopped.clear()
        if failed:
            _report_quietly(lambda: self._store.put_off(failed))

    def _finish(self, context: Any) -> None:
        self.wait(min(MAX_WAIT_SECONDS, context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS))
        effect_ids = self._delivered.take()
        if effect_ids:
            _report_quietly(lambda: self._store.strike_off(effect_ids))

    def _deliver_batch(self, batch: Sequence[Effect]) -> None:
        ready = [
            effect for effect in batch if effect.kind != EffectKind.START or effect.run_id not in self._not_stopped
        ]
        if not ready:
            return
        try:
            reason = self._attempt(ready)
        except BaseException as error:  # this process, or its thread, is being ended
            for effect in ready:
                self._fail(effect, _reason(error))
            raise
        if reason is None:
            self._delivered.add(effect.id for effect in ready)
        elif len(ready) > 1:  # each alone, to find the one that fails
            for effect in ready:
                self._deliver_batch([effect])
        else:
            self._fail(ready[0], reason)

    def _fail(self, effect: Effect, reason: str) -> None:
        self._failed.append(FailedDelivery(effect, reason))
        if effect.kind == EffectKind.STOP:
            self._not_stopped.add(effect.run_id)
        self._report(reason, effect)

    def _attempt(self, effects: Sequence[Effect]) -> str | None:
        """Delivers a batch. Returns the reason of a failure, or None. After any error, the effects stay in the
        outbox."""
        try:
            self._handlers[effects[0].kind]([effect for effect in effects if effect.wanted])
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a delivery must not end the process)
            return _reason(error)
        return None


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _report_quietly(report: Callable[[], None]) -> None:
    """Reports to the record. If that fails, the relay delivers once more, or a little earlier, which does no harm."""
    try:
        report()
    except Exception:  # noqa: BLE001
        _log.warning("the report of deliveries to the record failed", exc_info=True)


def _batches(effects: Iterable[Effect]) -> Iterator[list[Effect]]:
    """One batch for neighbouring events, and one for each other effect."""
    for kind, group in groupby(effects, key=lambda effect: effect.kind):
        if kind == EffectKind.EVENT:
            yield list(group)
        else:
            yield from ([effect] for effect in group)
