"""Which IP addresses an endpoint may have, judged where the connection is made: before it, and by the socket itself."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx
import pytest

from evaluation.engines.addresses import GuardedBackend, PrivateAddress, client, is_public

# The IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and what was added since), and what they no longer or not
# name: site-local and IPv4-compatible addresses, the 6bone, and the hosts of a cloud.
SPECIAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "168.63.129.16/32",
    "::1/128",
    "::/128",
    "::/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001::/32",
    "2001:1::1/128",
    "2001:2::/48",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:30::/28",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
PRIVATE_4 = [each for each in SPECIAL if "." in each]


def ends(network: str) -> set[str]:
    found = ipaddress.ip_network(network)
    return {str(found[0]), str(found[-1]), str(found[found.num_addresses // 2])}


@pytest.mark.parametrize("network", SPECIAL)
def test_no_special_range_is_public_from_its_first_address_to_its_last(network: str) -> None:
    assert [ip for ip in ends(network) if is_public(ip)] == []


@pytest.mark.parametrize("network", PRIVATE_4)
def test_an_ipv4_address_is_as_private_inside_every_ipv6_form(network: str) -> None:
    for ip in ends(network):
        number = int(ipaddress.IPv4Address(ip))
        flipped = number ^ 0xFFFFFFFF
        forms = [
            f"::ffff:{ip}",
            f"::{ip}",
            f"::ffff:0:{ip}",
            f"64:ff9b::{ip}",
            f"64:ff9b:1::{ip}",
            str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
            str(ipaddress.IPv6Address((0x20010000 << 96) | flipped)),
            str(ipaddress.IPv6Address((0xFE80 << 112) | (0x5EFE << 32) | number)),
        ]
        assert [form for form in forms if is_public(form)] == []


def test_every_range_that_python_calls_private_is() -> None:
    for constants in ("_IPv4Constants", "_IPv6Constants"):
        for network in getattr(ipaddress, constants)._private_networks:
            if str(network) != "::ffff:0:0/96":
                assert not any(map(is_public, ends(str(network)))), network


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "203.0.112.255",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7:ffff::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "3fff:1000::1",
        "::ffff:8.8.8.8",
    ],
)
def test_what_lies_beside_a_range_is_public(address: str) -> None:
    assert is_public(address)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The resolver gives these addresses, call by call, the last ones again and again; returns the names asked for."""
    left, asked, real = list(answers), [], socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *how: Any, **also: Any) -> list[Any]:
        if not host.endswith(".example"):
            return real(host, port, *how, **also)
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


class Listener:
    """A socket on the loopback that tells whether anybody came, and what was sent."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def received(self) -> bytes | None:
        """What the first that came has sent before it hung up; None where nobody came."""
        self.socket.settimeout(0.3)
        try:
            there, _ = self.socket.accept()
        except TimeoutError:
            return None
        with there:
            there.settimeout(0.5)
            return there.recv(4096)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


def ask(url: str, **how: Any) -> None:
    timeout = httpx.Timeout(0.5)
    with client(**{"allow_private": False, **how}, timeout=timeout, connections=1) as http:
        http.post(url, json={}, headers={"Authorization": "Bearer secret"})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "0x7f.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "0",
        "[::]",
    ],
)
def test_no_notation_of_the_loopback_is_connected_to(host: str, listener: Listener) -> None:
    with pytest.raises((PrivateAddress, httpx.ConnectError)):
        ask(f"http://{host}:{listener.port}/v1")
    assert listener.received() is None


@pytest.mark.parametrize("network", SPECIAL)
def test_no_name_that_leads_into_a_special_range_is_connected_to(
    network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = sorted(ends(network))[0]
    for found in ([inside], ["8.8.8.8", inside]):
        resolving(monkeypatch, found)
        with pytest.raises(PrivateAddress) as caught:
            ask("http://name.example/v1")
        assert [ipaddress.ip_address(ip) for ip in caught.value.found] == [ipaddress.ip_address(inside)]


def test_a_name_is_resolved_once_and_its_checked_address_is_called(
    monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    """Rebinding: what the name says at a second look never matters."""
    asked = resolving(monkeypatch, ["203.0.112.1"], ["127.0.0.1"])
    called: list[str] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(httpx.ConnectError):
        ask(f"http://rebinding.example:{listener.port}/v1")
    assert (asked, called) == (["rebinding.example"], ["203.0.112.1"])
    with pytest.raises(PrivateAddress):
        ask(f"http://rebinding.example:{listener.port}/v1")
    assert listener.received() is None


def test_the_socket_is_asked_whom_it_reached_before_a_byte_is_sent(
    monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    """Whatever happens between the look-up and the connection: here the operating system leads elsewhere."""
    resolving(monkeypatch, ["8.8.8.8"])
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *a, **k: real(("127.0.0.1", listener.port), *a, **k)
    )
    for scheme in ("http", "https"):
        with pytest.raises(PrivateAddress, match=r"^name\.example leads to a private address$"):
            ask(f"{scheme}://name.example:{listener.port}/v1")
        assert listener.received() == b"", "it was reached, and hung up on before the key or a handshake"


def test_what_was_allowed_is_called_and_nothing_beside_it(
    monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    allowed = {"allowed": ["127.0.0.1"]}
    with pytest.raises(httpx.ReadTimeout):
        ask(f"http://127.0.0.1:{listener.port}/v1", **allowed)
    assert b"Bearer secret" in (listener.received() or b"")
    resolving(monkeypatch, ["127.0.0.1", "127.0.0.2", "::ffff:10.0.0.1"])
    with pytest.raises(PrivateAddress) as caught:
        ask(f"http://name.example:{listener.port}/v1", **allowed)
    assert caught.value.found == ("10.0.0.1", "127.0.0.2")
    assert str(caught.value) == "name.example leads to a private address", "which one is told to nobody here"


def test_an_address_that_does_not_answer_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    resolving(monkeypatch, ["127.0.0.9", "127.0.0.1"])
    with pytest.raises(httpx.ReadTimeout):
        ask(f"http://name.example:{listener.port}/v1", allow_private=True)
    assert (listener.received() or b"").startswith(b"POST /v1")


def test_names_that_lead_nowhere_and_sockets_that_are_files_are_refused() -> None:
    backend = GuardedBackend(lambda ip: True)
    with pytest.raises(httpcore.ConnectError, match="cannot be resolved"):
        backend.connect_tcp("a" * 64, 80)
    with pytest.raises(httpcore.ConnectError, match="cannot be resolved"):
        backend.connect_tcp("nowhere.invalid", 80)
    with pytest.raises(httpcore.ConnectError, match="by TCP"):
        backend.connect_unix_socket("/run/docker.sock")


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    """Through a proxy the socket would reach the proxy, whatever is behind it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
    with pytest.raises(PrivateAddress):
        ask("http://10.0.0.1/v1")
    assert listener.received() is None
