"""Connections only to IP addresses that a workspace may reach.

A check before the request would be a race: the name could resolve differently a moment later. So the check sits where the
connection is made: every address behind the name is checked, the connection goes to one of these, and before a byte is sent the
socket itself is asked whom it reached.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

# IANA's registries of special-purpose addresses, whether or not they call a range "globally reachable": no endpoint of others
# lives in one. Beside them, addresses that only a machine of one cloud can reach.
NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, from inside a virtual machine
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
    )
]
# All that IANA has given out. Outside it lie ::/96, 64:ff9b::/96 and 64:ff9b:1::/48 (IPv4 behind a translator), 100::/64,
# 5f00::/16, fc00::/7, fe80::/10, fec0::/10, ff00::/8 and whatever is not assigned yet.
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(each)
    for each in (
        "2001::/23",  # protocols, among them Teredo, whose addresses hold an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 holds an IPv4 address
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
]


KEPT_SECONDS = 5.0  # an idle connection; its address was checked when it was made


class PrivateAddress(Exception):
    """The endpoint's host leads to these IP addresses, which are not of the open internet and were not allowed.

    The message does not tell them: whoever names hosts and reads answers could ask the network's own directory so.
    """

    def __init__(self, host: str, found: Iterable[str]) -> None:
        self.found = tuple(found)
        super().__init__(f"{host} leads to a private address")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet; an IPv4 address in IPv6 form is judged as what it is."""
    ip = plain_ip(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in NOT_PUBLIC_4)
    return ip in PUBLIC_6 and not any(ip in network for network in NOT_PUBLIC_6)


def plain_ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Without the interface that a link-local address names, and without the IPv6 form of an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


class GuardedBackend(httpcore.SyncBackend):
    """Resolves a name itself and connects only where every address behind it, and the one reached, may be called."""

    def __init__(self, may_call: Callable[[str], bool]) -> None:
        self._may_call = may_call

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = self._resolved(host, port)
        self._check(host, found)
        deadline = None if timeout is None else time.monotonic() + timeout
        failed: Exception = httpcore.ConnectError(f"the name {host} has no address")
        for ip in found:
            left = None if deadline is None else max(0.01, deadline - time.monotonic())
            try:
                stream = super().connect_tcp(ip, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return self._checked(host, stream)
        raise failed

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("an endpoint is called by TCP")

    def _resolved(self, host: str, port: int) -> list[str]:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in entries))

    def _check(self, host: str, found: Iterable[str]) -> None:
        if refused := [ip for ip in found if not self._may_call(ip)]:
            raise PrivateAddress(host, sorted({str(plain_ip(ip)) for ip in refused}))

    def _checked(self, host: str, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        """The connection, if the socket reached whom it was meant to reach. Nothing has been sent yet, not even for TLS."""
        try:
            self._check(host, [str(stream.get_extra_info("server_addr")[0])])
        except BaseException:
            stream.close()
            raise
        return stream


def client(
    *, allow_private: bool, timeout: httpx.Timeout, connections: int, allowed: Iterable[str] = ()
) -> httpx.Client:
    """An HTTP client without redirects and without proxies from the environment.

    It calls public addresses, and of the others those in `allowed`; with `allow_private` all.
    """
    known = frozenset(str(plain_ip(ip)) for ip in allowed)

    def may_call(ip: str) -> bool:
        return allow_private or is_public(ip) or str(plain_ip(ip)) in known

    limits = httpx.Limits(max_connections=connections)
    transport = httpx.HTTPTransport(verify=_certificates(), trust_env=False, limits=limits)
    # httpx has no public way to give its pool a network backend; the pool itself is httpcore's public API.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=_certificates(),
        max_connections=connections,
        keepalive_expiry=KEPT_SECONDS,
        network_backend=GuardedBackend(may_call),
    )
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to believe; read once, since it takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)
