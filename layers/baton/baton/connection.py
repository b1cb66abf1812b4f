"""A connection to Postgres for which nobody waits for ever, and the login that opens it.

A transaction pooler keeps no settings of a session. So the limits of a statement are settings of the logins
(``statement_timeout``, ``lock_timeout`` in the migrations), and what is set here is the client's own affair.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

Row = dict[str, Any]
Answer = TypeVar("Answer")

MAX_ADDRESSES = 2  # of a host, that are tried one after the other


@dataclass(frozen=True)
class Waits:
    """Seconds: for a connection to each address, for the answer to one try, and for all tries together. The server
    gives a statement up before ``answer``, so what is given up here is over there, or the way to it is dead."""

    connect: int = 3
    answer: float = 8.0
    call: float = 14.0


WAITS = Waits()


class Connection(psycopg.Connection[Row]):
    """``answer_by`` is the instant (of ``time.monotonic``) at which an answer that is not here is given up. Whatever
    waits for it gets a ``psycopg.OperationalError``, and the connection is of no use any more."""

    answer_by: float

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        left = max(0.0, self.answer_by - time.monotonic())
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.OperationalError:
            if time.monotonic() >= self.answer_by:
                self.pgconn.finish()  # an answer that comes now would be taken for the next one's
            raise


class Login:
    """The URL that a function logs in with.

    Args:
        url: as the function's secret had it at first.
        read_again: what to try where the database refuses it: the secret as it is now, and as it was before, in case
            the database has not been told yet.
    """

    def __init__(self, url: str, read_again: Callable[[], Iterable[str]] = tuple) -> None:
        self.url = url
        self._read_again = read_again

    def others(self) -> Iterator[str]:
        """The other URLs, each once."""
        tried = {self.url}
        for url in self._read_again():
            if url not in tried:
                tried.add(url)
                yield url


def connect(login: Login, waits: Waits = WAITS) -> Connection:
    """
    Raises:
        psycopg.OperationalError: the database does not answer, or refuses the login also as its secret has it now.
    """
    try:
        return _connect(login.url, waits)
    except psycopg.errors.ConnectionTimeout:
        raise  # it refused nothing
    except psycopg.OperationalError as refusal:
        for url in login.others():
            try:
                connection = _connect(url, waits)
            except psycopg.OperationalError:
                continue
            login.url = url
            return connection
        raise refusal


def _connect(url: str, waits: Waits) -> Connection:
    connection = Connection.connect(
        url,
        autocommit=True,
        prepare_threshold=None,
        row_factory=dict_row,
        application_name="baton",
        connect_timeout=waits.connect,
        keepalives=1,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=int(waits.answer * 1000),  # nothing where the platform has none
        **_addresses(url),
    )
    connection.answer_by = time.monotonic() + waits.answer
    return connection


def _addresses(url: str) -> dict[str, Any]:
    """Of a host with many addresses some, of each family first one: each takes its time to be found dead."""
    named = conninfo_to_dict(url)
    host = str(named.get("host") or "")
    if not host or host.startswith(("/", "@")) or "," in host or named.get("hostaddr"):
        return {}
    flags = socket.AI_ADDRCONFIG if not _is_loopback(host) else 0
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    except OSError as error:
        raise psycopg.OperationalError(f"failed to resolve host {host!r}: {error}") from error
    families = [dict.fromkeys(str(entry[4][0]) for entry in found if entry[0] == family) for family in _FAMILIES]
    picked = [address for address in chain(*zip_longest(*families)) if address is not None][:MAX_ADDRESSES]
    return {"host": ",".join([host] * len(picked)), "hostaddr": ",".join(picked)}


_FAMILIES = (socket.AF_INET6, socket.AF_INET)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")  # AI_ADDRCONFIG counts no loopback address
