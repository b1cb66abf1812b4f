"""The proxy that counts, which also withholds the answer to what nobody waits for."""

from __future__ import annotations

import socket

from bench.counting_proxy import CountingProxy, Traffic
from tests.integration.waiting import PATIENCE


class WithholdingProxy(CountingProxy):
    """The answer to what nobody waits for is withheld until ``let_go``: whoever did wait for it would wait in vain."""

    def __init__(self, database_url: str) -> None:
        self._withheld: set[socket.socket] = set()  # clients whose answers are
        super().__init__(database_url)

    def look(self, unawaited: int = 0) -> Traffic:
        """What passed since the last look, once so many statements were sent that nobody waits for."""
        self.let_go(unawaited)
        return self.take()

    def let_go(self, unawaited: int = 0) -> None:
        """The answers that are withheld go on, once so many statements were sent that nobody waits for."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._traffic.unawaited) >= unawaited, PATIENCE)
            self._withheld.clear()
            self._changed.notify_all()

    def close(self) -> None:
        self.let_go()
        super().close()

    def sent_unawaited(self, client: socket.socket) -> None:
        self._withheld.add(client)

    def before_answer(self, client: socket.socket) -> None:
        if not self._changed.wait_for(lambda: client not in self._withheld, PATIENCE):
            self._traffic.trips.append(["the answer to what is sent without waiting"])
