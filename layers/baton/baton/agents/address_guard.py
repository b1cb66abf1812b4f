"""The addresses that an agent's URL may have: public ones, by https. Every other is refused before a byte is sent.

There are two checks. ``check`` reads the URL, at publication and before each call. ``resolve`` looks the host's
addresses up once and checks them all. The connection goes to one of these addresses, so the name cannot lead elsewhere
a moment later.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from baton.errors import AddressRefused

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) → all its addresses in text form, best first; raises OSError."""

MAX_URL_CHARACTERS = 2000
PORTS = (443, 8443)  # the usual ones of https, so a URL cannot reach the ports of other services
MAX_ADDRESSES = 16

_ALLOWED_CHARACTERS = re.compile(
    r"[!-\[\]-~]+", re.ASCII
)  # printable; no space, and no backslash, which some parsers take for a slash
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII
)
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_REFUSED_NETWORKS = (
    IPv4Network("168.63.129.16/32"),  # Azure's own services, at an address that looks public
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv6Network("3fff::/20"),  # documentation, which Python knows only in late versions
)


@dataclass(frozen=True)
class Endpoint:
    """The parts of a checked URL; ``target`` is path and query. ``loopback``: it must lead to this machine."""

    scheme: str
    host: str
    port: int
    target: str
    loopback: bool

    def __str__(self) -> str:
        """For messages: without path and query, which may hold a secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True)
class AddressGuard:
    """``allow_loopback`` allows URLs of this machine, also by http. It is for the local stack only."""

    allow_loopback: bool = False
    look_up: Resolve | None = None

    def check(self, url: str) -> Endpoint:
        """The URL's parts. AddressRefused says what is wrong with the URL. This does no look-up."""
        parts, port = _split(url)
        host = (parts.hostname or "").lower()
        loopback = self.allow_loopback and _names_loopback(host)
        if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
            raise AddressRefused("must begin with https://")
        if parts.username is not None or parts.password is not None:
            raise AddressRefused("must not hold a user name or password")
        if "#" in url:
            raise AddressRefused("must not have a fragment (#…)")
        if not loopback:
            _check_host(host)
        if port is None:
            port = 443 if parts.scheme == "https" else 80
        elif not loopback and port not in PORTS:
            raise AddressRefused(f"must use port {' or '.join(map(str, PORTS))}, not {port}")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Endpoint(parts.scheme, host, port, target, loopback)

    def resolve(self, endpoint: Endpoint, timeout_seconds: float) -> tuple[str, ...]:
        """The checked addresses of the host.

        Raises:
            AddressRefused: one of them is not public (or, for a loopback endpoint, not loopback).
            OSError: the host has no address, or none was found in time (TimeoutError).
        """
        addresses = _in_time(lambda: (self.look_up or _look_up)(endpoint.host, endpoint.port), timeout_seconds)
        if not addresses:
            raise OSError(f"{endpoint.host} has no address")
        for text in addresses:
            reason = refusal(ip_address(text), loopback=endpoint.loopback)
            if reason:
                # Without the address: it may belong to a network that the agent's owner must not know.
                raise AddressRefused(f"{endpoint.host} leads to where no agent may be called: {reason}")
        return tuple(addresses[:MAX_ADDRESSES])


def refusal(address: Address, *, loopback: bool = False) -> str | None:
    """Why agents must not have this address, or None. With ``loopback``, only addresses of this machine are allowed."""
    carried = _unwrapped(address)
    if loopback:
        return None if carried.is_loopback else "not an address of this machine"
    if carried.is_loopback:
        return "an address of this machine"
    if carried.is_link_local:
        return "link-local, where clouds keep their metadata"
    if carried.is_multicast:
        return "a multicast address"
    public = carried.is_global and not carried.is_reserved
    if isinstance(carried, IPv6Address):
        public = public and carried in _GLOBAL_UNICAST
    if not public or any(carried in network for network in _REFUSED_NETWORKS if network.version == carried.version):
        return "not a public address"
    return None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 address: mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052).

    Python calls some of these global for every address inside. Teredo and other old forms are refused anyway, because
    their prefixes are not public.
    """
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > MAX_URL_CHARACTERS:
        raise AddressRefused(f"must be at most {MAX_URL_CHARACTERS} characters")
    if not _ALLOWED_CHARACTERS.fullmatch(url):
        raise AddressRefused("must be printable ASCII without spaces and backslashes (a name as xn--…, a path as %XX)")
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise AddressRefused(f"is not a URL: {error}") from error


def _check_host(host: str) -> None:
    """Refuses a host that is neither a public name nor a public address in canonical form. ``2130706433``, ``0x7f.1``
    and ``127.1``, which some parsers take for addresses, are refused as names."""
    literal = _literal(host)
    if literal is not None:
        reason = refusal(literal)
        if reason:
            raise AddressRefused(f"must not lead to {host}, which is {reason}")
    elif host.endswith(_PRIVATE_NAMES) or not _HOST_NAME.fullmatch(host):
        raise AddressRefused(f"must name a public host such as agents.example.com, not {host!r}")


def _names_loopback(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" if literal is None else refusal(literal, loopback=True) is None


def _literal(host: str) -> Address | None:
    if "%" in host:  # a zone, whose meaning depends on this machine
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _look_up(host: str, port: int) -> list[str]:
    return list(dict.fromkeys(_texts(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))))


def _texts(records: Sequence[tuple[object, ...]]) -> Iterator[str]:
    for *_, address in records:
        assert isinstance(address, tuple)
        yield str(address[0])


def _in_time(look_up: Callable[[], Sequence[str]], seconds: float) -> Sequence[str]:
    """The look-up's answer, or TimeoutError. The system's resolver has no time limit, so it runs on a thread."""
    answers: list[Sequence[str]] = []
    errors: list[OSError] = []

    def ask() -> None:
        try:
            answers.append(look_up())
        except (OSError, UnicodeError) as error:
            errors.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=ask, name="address look-up", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError("the host's address was not found in time")
    return answers[0]
