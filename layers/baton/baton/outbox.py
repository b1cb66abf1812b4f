"""Effects that must follow a commit, and their delivery.

A boundary of the record writes its effects in its own transaction and gets them back; the function that wrote them
delivers them at once. What it does not deliver (it died, or AWS did not answer) stays in the outbox for ``relay``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from baton.errors import StoreUnavailable

EVENT = "event"  # an event for the bus
START = "start"  # start the execution of a run's generation
COMPLETE = "complete"  # complete the token of a decided checkpoint
RELEASE = "release"  # complete the token of a gate whose step may go on
STOP = "stop"  # stop the execution of a run's generation

STUCK_AFTER = 5  # failures; by then the relay has tried for some seven minutes, and waits longer and longer


@dataclass(frozen=True)
class Effect:
    """One row of the outbox. ``wanted`` is False for a start that a later generation, or the run's end, has
    overtaken; ``failures`` counts the tries before this one."""

    id: str
    run_id: str
    kind: str
    payload: Mapping[str, Any]
    wanted: bool = True
    token: str | None = field(default=None, repr=False)
    failures: int = 0


class Delivered:
    """The ids of effects that were delivered and that the record has not struck off yet."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._lock = threading.Lock()

    def add(self, effect_ids: Iterable[str]) -> None:
        with self._lock:
            self._ids.extend(effect_ids)

    def take(self) -> list[str]:
        """All of them; the caller strikes them off."""
        with self._lock:
            taken, self._ids = self._ids, []
        return taken


class OutboxStore(Protocol):
    def delivered(self, effect_ids: Sequence[str]) -> None: ...

    def not_delivered(self, effect_id: str, reason: str) -> None: ...


Deliver = Callable[[Sequence[Effect]], None]
"""Delivers effects of one kind or raises; delivering twice must do no harm."""


class Outbox:
    """Delivers the kinds of effects that this function is allowed to and leaves the others for the relay."""

    def __init__(
        self, store: OutboxStore, handlers: Mapping[str, Deliver], report: Callable[[str, Effect], None]
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._report = report

    def deliver(self, effects: Sequence[Effect]) -> None:
        """Delivers in the order of writing. Nothing waits for an effect that fails, but for one thing: the stop of a
        run's execution comes before the start of its next."""
        delivered: list[str] = []
        not_stopped: set[str] = set()
        for batch in _batches(effect for effect in effects if effect.kind in self._handlers):
            ready = [effect for effect in batch if effect.kind != START or effect.run_id not in not_stopped]
            done = self._deliver_together(ready) or self._deliver_each(ready)
            not_stopped.update(effect.run_id for effect in ready if effect.kind == STOP and effect.id not in done)
            delivered.extend(done)
        if delivered:
            with suppress(StoreUnavailable):  # the relay delivers them again, which does no harm
                self._store.delivered(delivered)

    def _deliver_together(self, effects: Sequence[Effect]) -> list[str]:
        """The ids of all of them, or none: then it is to be seen which of them failed."""
        if len(effects) < 2 or self._attempt(effects) is not None:
            return []
        return [effect.id for effect in effects]

    def _deliver_each(self, effects: Sequence[Effect]) -> list[str]:
        delivered = []
        for effect in effects:
            reason = self._attempt([effect])
            if reason is None:
                delivered.append(effect.id)
            else:
                self._report(reason, effect)
                with suppress(StoreUnavailable):
                    self._store.not_delivered(effect.id, reason)
        return delivered

    def _attempt(self, effects: Sequence[Effect]) -> str | None:
        """Why it failed, or None. Whatever went wrong, the effects stay in the outbox, and the commit stands."""
        try:
            self._handlers[effects[0].kind]([effect for effect in effects if effect.wanted])
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"
        return None


def _batches(effects: Iterable[Effect]) -> Iterator[list[Effect]]:
    """Events that follow one another go together, everything else by itself."""
    for kind, group in groupby(effects, key=lambda effect: effect.kind):
        if kind == EVENT:
            yield list(group)
        else:
            yield from ([effect] for effect in group)
