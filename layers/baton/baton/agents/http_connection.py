"""A connection to an address that the guard has checked."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence

from baton.agents.address_guard import Endpoint
from baton.agents.http_exchange import Deadline


def connect(
    endpoint: Endpoint, addresses: Sequence[str], deadline: Deadline, tls: Callable[[], ssl.SSLContext]
) -> socket.socket:
    """Connects to the first of ``addresses`` that answers. With https, the certificate must be that of the host;
    ``tls`` makes the context of the TLS connection, and is called for https alone.

    Raises:
        TimeoutError, OSError: there is no connection.
    """
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            connected = socket.create_connection((address, endpoint.port), timeout=deadline.left())
        except TimeoutError:
            raise
        except OSError as error:
            failure = error
            continue
        if endpoint.scheme == "http":
            return connected
        try:
            connected.settimeout(deadline.left())
            return tls().wrap_socket(connected, server_hostname=endpoint.host)
        except BaseException:
            connected.close()
            raise
    raise failure


def host_header(endpoint: Endpoint) -> str:
    """The value of the header Host."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return host if endpoint.port == {"http": 80, "https": 443}[endpoint.scheme] else f"{host}:{endpoint.port}"
