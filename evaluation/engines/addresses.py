"""Connections only to addresses that a workspace may reach.

A check before the request would be a race: the name could resolve differently a moment later. So the check sits where the
connection is made, and the connection goes to the very address that was checked.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx


class PrivateAddress(Exception):
    """The endpoint's name leads to an address inside the operator's network."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also where it hides inside an IPv6 form."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            ip = inner
        elif ip in ipaddress.ip_network("64:ff9b::/96"):
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


class GuardedBackend(httpcore.SyncBackend):
    """Resolves a name itself and connects only where every address behind it is public."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        if not found or not all(map(is_public, found)):
            raise PrivateAddress(f"{host} leads to a private address")
        return super().connect_tcp(found[0], port, timeout, local_address, socket_options)


def client(*, allow_private: bool, timeout: httpx.Timeout, connections: int) -> httpx.Client:
    """An HTTP client without redirects and without proxies from the environment; guarded unless private addresses are allowed."""
    transport = httpx.HTTPTransport(trust_env=False, limits=httpx.Limits(max_connections=connections))
    if not allow_private:
        # httpx has no public way to give its pool a network backend; the pool itself is httpcore's public API.
        transport._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            network_backend=GuardedBackend(),
        )
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)
