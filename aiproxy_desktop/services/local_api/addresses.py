"""Addresses as text: of clients, of proxies, and of the networks these are in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from aiproxy_desktop.core.errors import ConfigurationError

Network: TypeAlias = IPv4Network | IPv6Network

# The longest there is, in brackets and with a port: more is not looked at.
_LONGEST = 60


def read_address(text: str) -> str:
    """An address in its usual form; empty where the text is none.

    Takes what proxies write: a port after it, brackets around IPv6. A zone (`%eth0`) means something on one
    machine only and is left out; an IPv4 address that an IPv6 socket saw (`::ffff:…`) becomes IPv4.
    """
    text = text.strip()
    if len(text) > _LONGEST or not text.isascii():
        return ""
    if text.startswith("["):
        text, closed, port = text[1:].partition("]")
        if not closed or (port and not _is_port(port)):
            return ""
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(inner or address)


def read_network(text: str) -> Network:
    """An address or a network (`10.0.0.0/8`).

    Raises:
        ConfigurationError: it is neither.
    """
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise ConfigurationError(
            f"The trusted proxy “{text[:80]}” is no address",
            "Write an address or a network, such as “10.0.0.1” or “10.0.0.0/8”.",
        ) from None


@lru_cache(maxsize=1024)
def is_among(address: str, networks: Sequence[str]) -> bool:
    """Whether an address, as `read_address` has it, is one of some or within one of some networks.

    Args:
        address: empty is in none.
        networks: a tuple; what is no network holds nothing.
    """
    if not address:
        return False
    one = ip_address(address)
    return any(one in network for network in _networks(networks))


@lru_cache(maxsize=16)
def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    found = []
    for text in texts:
        try:
            found.append(read_network(text))
        except ConfigurationError:  # said where the settings are read
            continue
    return tuple(found)


def _is_port(text: str) -> bool:
    return text.startswith(":") and text[1:].isdecimal() and len(text) <= len(":65535")
