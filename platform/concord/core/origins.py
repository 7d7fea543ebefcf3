"""The origin of an address: its scheme, host and port. A key is bound to one, and what no client can call has none."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

USUAL = {"http": 80, "https": 443}
MAX_LENGTH = 500
PLACE = re.compile(r"(?:\[(?P<six>[^\[\]@/]+)\]|(?P<name>[^\[\]:@/]+))(?::(?P<port>[0-9]*))?", re.ASCII)
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
NUMERIC = re.compile(
    r"[0-9]+|0x[0-9a-f]*"
)  # a name that ends so is read as an IP address, in whatever notation


class BadAddress(ValueError):
    """No client can call this address; the message says why."""


@dataclass(frozen=True)
class Origin:
    """`host` in lower case and ASCII, an IPv6 address without brackets; the usual port of a scheme is not written."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == USUAL[self.scheme] else f":{self.port}")


def origin_of(address: object) -> Origin:
    """The origin of an http or https address to which a path can be added.

    One notation only: what a library may read in another way than we do (a tab inside, `0177.0.0.1`, a user before the host)
    is refused rather than put right. Raises `BadAddress`.
    """
    if not isinstance(address, str) or not address.lower().startswith(("http://", "https://")):
        raise BadAddress("an address starts with https:// or http://")
    if len(address) > MAX_LENGTH:
        raise BadAddress(f"it is longer than {MAX_LENGTH} characters")
    if not address.isprintable() or " " in address or "\\" in address:
        raise BadAddress("it holds a blank, a backslash or a character that cannot be printed")
    if "?" in address or "#" in address:
        raise BadAddress("it has a ? or a #, and a path is added at its end")
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise BadAddress("its host cannot be read") from error
    if "@" in parts.netloc:
        raise BadAddress("an address holds no user or password: name a key instead")
    found = PLACE.fullmatch(parts.netloc)
    if found is None:
        raise BadAddress("after // comes a host, or a host and a port")
    port = _port(found["port"], parts.scheme)
    return Origin(parts.scheme, _six(found["six"]) if found["six"] else _name(found["name"]), port)


def _port(text: str | None, scheme: str) -> int:
    port = int(text) if text else USUAL[scheme]
    if not 1 <= port <= 65535:
        raise BadAddress("a port is a number from 1 to 65535")
    return port


def _six(text: str) -> str:
    try:
        ip = ipaddress.IPv6Address(text)
    except ValueError as error:
        raise BadAddress(f"[{text}] is no IPv6 address") from error
    if ip.scope_id:
        raise BadAddress("its IPv6 address names an interface of one machine")
    # How Python writes a mapped address differs between its versions; a key's binding must not.
    return str(ip.ipv4_mapped or ip)


def _name(text: str) -> str:
    host = _ascii(text)
    labels = host.split(".")
    if not all(labels):
        raise BadAddress("a part of its host's name is empty")
    if len(host) > 253 or any(len(label) > 63 for label in labels):
        raise BadAddress("its host's name is longer than 253 characters, or a part of it longer than 63")
    if bad := next((label for label in labels if not _is_label(label)), None):
        raise BadAddress(f"{bad!r} cannot be a part of a host's name")
    if NUMERIC.fullmatch(labels[-1]):
        _check_four(text)
    return host


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text.lower()).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddress(f"{text!r} cannot be a host's name") from error


def _is_label(label: str) -> bool:
    if not LABEL.fullmatch(label):
        return False
    if label.startswith("xn--"):
        try:
            idna.decode(label)
        except (idna.IDNAError, UnicodeError):
            return False
    return True


def _check_four(text: str) -> None:
    """Four numbers and nothing else: others read 0177.0.0.1, 127.1, 2130706433 and 0x7f.1 as 127.0.0.1, or not at all."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError as error:
        raise BadAddress(
            f"{text!r} is an IP address written in another way than as four numbers from 0 to 255"
        ) from error
