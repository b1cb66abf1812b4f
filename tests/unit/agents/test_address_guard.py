"""The URLs that an agent may have, and the addresses of their hosts."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from baton.agents.address_guard import AddressGuard, refusal
from baton.errors import AddressRefused

PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "::ffff:8.8.8.8",  # mapped
    "2002:0808:0808::1",  # 6to4 of 8.8.8.8
    "64:ff9b::808:808",  # NAT64 of 8.8.8.8, as IPv6-only networks give it
]
NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.10", "::1",  # this machine
    "0.0.0.0", "0.1.2.3", "::",  # unspecified
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1",  # private
    "fd00:ec2::254",  # AWS' metadata by IPv6
    "169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0",  # link-local
    "168.63.129.16",  # Azure's services
    "100.64.0.1", "100.127.255.255",  # carrier-grade NAT
    "224.0.0.1", "239.255.255.255", "ff02::1",  # multicast
    "240.0.0.1", "255.255.255.255",  # reserved, broadcast
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",  # special purposes
    "2001:db8::1", "3fff::1", "100::1", "2001::1", "5f00::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",  # mapped
    "::127.0.0.1", "::a9fe:a9fe",  # IPv4-compatible
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::",  # 6to4
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1",  # NAT64
    "64:ff9b:1::808:808",  # NAT64 of a local network
]  # fmt: skip
FINE_URLS = [
    "https://agents.example.com",
    "https://agents.example.com/hello?tenant=a%20b",
    "https://AGENTS.Example.com:443/",
    "https://agents.example.com:8443/x",
    "https://xn--bcher-kva.example/agent",
    "https://93.184.215.14/agent",
    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/agent",
]
BAD_URLS = {
    "http://agents.example.com/": "https://",
    "ftp://agents.example.com/": "https://",
    "//agents.example.com/": "https://",
    "agents.example.com": "https://",
    "": "printable",
    "https://": "public host",
    "https:///path": "public host",
    "https://user@agents.example.com/": "user name",
    "https://user:secret@agents.example.com/": "user name",
    "https://agents.example.com@169.254.169.254/": "user name",
    "https://@agents.example.com/": "user name",
    "https://agents.example.com:22/": "port 443",
    "https://agents.example.com:6379/": "port 443",
    "https://agents.example.com:0/": "port 443",
    "https://agents.example.com:99999/": "not a URL",
    "https://agents.example.com/#part": "fragment",
    "https://agents.example.com/a b": "spaces",
    "https://agents.example.com\\@127.0.0.1/": "backslashes",
    "https://agents.example.com/\r\nHost: other": "spaces",
    "https://bücher.example/": "xn--",
    "https://１２７.0.0.1/": "xn--",
    "https://localhost/": "public host",
    "https://agent.localhost/": "public host",
    "https://metadata/": "public host",
    "https://metadata.google.internal/": "public host",
    "https://printer.local/": "public host",
    "https://agents.example.com./": "public host",
    "https://agents..example.com/": "public host",
    "https://127.0.0.1/": "this machine",
    "https://169.254.169.254/latest/meta-data": "link-local",
    "https://10.0.0.1/": "not a public",
    "https://[::1]/": "this machine",
    "https://[::ffff:127.0.0.1]/": "this machine",
    "https://[64:ff9b::a9fe:a9fe]/": "link-local",
    "https://[fe80::1%25eth0]/": "public host",
    "https://[fe80::1]/": "link-local",
    "https://2130706433/": "public host",  # 127.0.0.1 as one number
    "https://0x7f000001/": "public host",
    "https://0x7f.0.0.1/": "public host",
    "https://0177.0.0.1/": "public host",
    "https://127.1/": "public host",
    "https://agents.example.com/" + "a" * 2000: "characters",
}


def leading_to(*addresses: str) -> AddressGuard:
    return AddressGuard(look_up=lambda host, port: addresses)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert refusal(ip_address(address)) is None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may_be_called(address: str) -> None:
    assert refusal(ip_address(address))


@pytest.mark.parametrize("url", FINE_URLS)
def test_an_https_url_of_a_public_host_is_fine(url: str) -> None:
    assert not AddressGuard().check(url).loopback


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_wrong_url_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(AddressRefused, match=BAD_URLS[url]):
        AddressGuard().check(url)


def test_the_check_of_a_url_returns_its_parts() -> None:
    endpoint = AddressGuard().check("https://Agents.Example.com:8443/a?b=c")
    assert (endpoint.host, endpoint.port, endpoint.target) == ("agents.example.com", 8443, "/a?b=c")


def test_the_text_of_an_endpoint_lacks_the_query_which_may_have_a_secret() -> None:
    assert str(AddressGuard().check("https://agents.example.com/p?key=secret")) == "https://agents.example.com:443"


def test_resolve_returns_all_addresses_of_a_host_in_their_order() -> None:
    guard = leading_to("8.8.8.8", "2606:4700::1111")
    assert guard.resolve(guard.check("https://agents.example.com"), 5) == ("8.8.8.8", "2606:4700::1111")


@pytest.mark.parametrize("hidden", ["10.0.0.1", "64:ff9b::a9fe:a9fe", "fe80::1%eth0"])
def test_one_private_address_among_public_ones_refuses_the_host(hidden: str) -> None:
    guard = leading_to("8.8.8.8", hidden)
    with pytest.raises(AddressRefused, match="leads to where Baton calls nothing"):
        guard.resolve(guard.check("https://agents.example.com"), 5)


def test_a_host_without_an_address_is_not_found() -> None:
    guard = leading_to()
    with pytest.raises(OSError, match="no address"):
        guard.resolve(guard.check("https://agents.example.com"), 5)


def test_looking_a_host_up_ends_in_time() -> None:
    guard = AddressGuard(look_up=never)
    with pytest.raises(TimeoutError):
        guard.resolve(guard.check("https://agents.example.com"), 0.05)


def never(host: str, port: int) -> Sequence[str]:
    import threading

    threading.Event().wait(30)
    return []


LOOPBACK_URLS = [
    "http://127.0.0.1:8901/",
    "https://127.0.0.1/",
    "http://localhost:3000/agent",
    "http://[::1]:8901/",
    "http://[::ffff:127.0.0.1]:80/",
]


@pytest.mark.parametrize("url", LOOPBACK_URLS)
def test_loopback_is_for_the_local_stack_alone(url: str) -> None:
    assert AddressGuard(allow_loopback=True).check(url).loopback
    with pytest.raises(AddressRefused):
        AddressGuard().check(url)


@pytest.mark.parametrize(
    "url", ["http://agents.example.com/", "http://10.0.0.1/", "http://169.254.169.254/", "http://0.0.0.0/"]
)
def test_the_local_stack_calls_no_other_private_address(url: str) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard(allow_loopback=True).check(url)


def test_localhost_must_lead_to_this_machine() -> None:
    guard = AddressGuard(allow_loopback=True, look_up=lambda host, port: ["10.0.0.1"])
    with pytest.raises(AddressRefused, match="not an address of this machine"):
        guard.resolve(guard.check("http://localhost:8901/"), 5)


def test_a_public_name_must_not_lead_to_this_machine_even_locally() -> None:
    guard = AddressGuard(allow_loopback=True, look_up=lambda host, port: ["127.0.0.1"])
    with pytest.raises(AddressRefused, match="this machine"):
        guard.resolve(guard.check("https://agents.example.com/"), 5)
