"""A connection to Postgres with time limits, and the login that opens it.

A transaction pooler drops the settings of a session. So the server's limits are settings of the logins
(``statement_timeout`` and ``lock_timeout`` in the migrations). This module sets the client's limits.
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

MAX_ADDRESSES = 2  # of a host; they are tried in turn


@dataclass(frozen=True)
class Waits:
    """Time limits, in seconds: ``connect`` for each address, ``answer`` for one try, ``call`` for all tries together.
    The server's limit for a statement is below ``answer``. So if ``answer`` passes, the server has ended the statement,
    or the connection is dead."""

    connect: int = 3
    answer: float = 8.0
    call: float = 14.0


WAITS = Waits()


class Connection(psycopg.Connection[Row]):
    """``answer_by`` is the time (of ``time.monotonic``) until which it waits for an answer. Then the caller gets a
    ``psycopg.OperationalError``, and the connection is closed."""

    answer_by: float

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        left = max(0.0, self.answer_by - time.monotonic())
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.OperationalError:
            if time.monotonic() >= self.answer_by:
                self.pgconn.finish()  # a late answer would look like the answer to the next statement
            raise


class Login:
    """The URL with which a function logs in.

    Args:
        url: the URL in the function's secret.
        read_again: the URLs to try if the database refuses ``url``: the newest version of the secret, and the version
            before it, because a rotation may not have reached the database yet.
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
    """Opens a connection. If the database refuses the login, it tries the other URLs of the login.

    Raises:
        psycopg.OperationalError: the database does not answer, or refuses all URLs.
    """
    try:
        return _connect(login.url, waits)
    except psycopg.errors.ConnectionTimeout:
        raise  # this is no refusal
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
        tcp_user_timeout=int(waits.answer * 1000),  # without effect on some platforms
        **_addresses(url),
    )
    connection.answer_by = time.monotonic() + waits.answer
    return connection


def _addresses(url: str) -> dict[str, Any]:
    """At most ``MAX_ADDRESSES`` addresses of the host, alternately IPv6 and IPv4: an address without an answer
    costs ``Waits.connect`` seconds."""
    named = conninfo_to_dict(url)
    host = str(named.get("host") or "")
    if not host or host.startswith(("/", "@")) or "," in host or named.get("hostaddr"):
        return {}
    flags = socket.AI_ADDRCONFIG if not _is_loopback(host) else 0
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    except OSError as error:
        raise psycopg.OperationalError(f"failed to resolve host {host!r}: {error}") from error
    families = [dict.fromkeys(str(entry[4][0]) for entry in answers if entry[0] == family) for family in _FAMILIES]
    picked = [address for address in chain(*zip_longest(*families)) if address is not None][:MAX_ADDRESSES]
    return {"host": ",".join([host] * len(picked)), "hostaddr": ",".join(picked)}


_FAMILIES = (socket.AF_INET6, socket.AF_INET)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")  # AI_ADDRCONFIG counts no loopback address
