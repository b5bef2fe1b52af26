"""What is typed into the local API's settings: read kindly, kept exactly, or refused in one sentence."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable

from aiproxy_desktop.core.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - listened at only where the person says so

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*\Z")
_LABELS = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\Z")
_USUAL_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_MOST_NAME = 200


class EntryError(ConfigurationError):
    """An entry is not what it has to be."""


def listen_address(text: str) -> str:
    """An address to listen at: `127.0.0.1`, `::1`, `0.0.0.0`, or `localhost`, which is the first.

    Raises:
        EntryError: it is none.
    """
    told = text.strip().strip("[]").lower()
    if told in {"", "localhost"}:
        return LOOPBACK
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        raise EntryError(
            f"“{text.strip()}” is not an address", f"Write one such as {LOOPBACK}, or {EVERYWHERE} for all."
        ) from None


def port_number(text: str) -> int:
    """A port.

    Raises:
        EntryError: it is none.
    """
    told = text.strip()
    if not (told.isascii() and told.isdecimal() and len(told) <= 5 and 1 <= int(told) <= 65535):
        raise EntryError(f"“{told}” is not a port", "Write a number from 1 to 65535, such as 8000.")
    return int(told)


def host_entry(text: str) -> str:
    """What `Host` may be, as programs write it: `desk.lan:8000`, `[fd00::1]:8000`, `models.home`.

    Raises:
        EntryError: it is none; or it stands for any host, which none may.
    """
    told = text.strip().lower()
    scheme, separator, rest = told.partition("://")
    told = (rest if separator and scheme in {"http", "https"} else told).rstrip("/")
    _refuse_wildcard(told, "host")
    return _host_and_port(told, text.strip())


def origin_entry(text: str) -> str:
    """What `Origin` may be, as browsers write it (RFC 6454): `https://notes.example`, `app://obsidian.md`.

    Raises:
        EntryError: it is none; or it stands for any page, which none may.
    """
    told = text.strip().rstrip("/").lower()
    _refuse_wildcard(told, "origin")
    scheme, separator, rest = told.partition("://")
    if told == "null" or not separator or not _SCHEME.match(scheme) or not rest:
        raise EntryError(
            f"“{text.strip()}” is not an origin", "Write a scheme and a host, such as https://notes.example."
        )
    host = _host_and_port(rest, text.strip())
    usual = _USUAL_PORTS.get(scheme)
    # Browsers leave out the port that is the scheme's own.
    if usual is not None:
        host = host.removesuffix(f":{usual}")
    return f"{scheme}://{host}"


def proxy_entry(text: str) -> str:
    """An address or a network (CIDR) whose word on whom it asks for is believed.

    Raises:
        EntryError: it is none; or it takes in every address.
    """
    told = text.strip().strip("[]")
    try:
        network = ipaddress.ip_network(told, strict=False)
    except ValueError:
        raise EntryError(
            f"“{text.strip()}” is not an address or a network", "Write one such as 10.0.0.2 or 10.0.0.0/24."
        ) from None
    if network.prefixlen == 0:
        raise EntryError(f"“{told}” takes in every address", "Name the addresses of your proxies.")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def alias_name(text: str) -> str:
    """A name for a model.

    Raises:
        EntryError: it is none.
    """
    told = text.strip()
    if not told:
        raise EntryError("A name is missing", "Write what programs will ask for, such as gpt-4o.")
    if len(told) > _MOST_NAME or not told.isprintable() or any(each.isspace() for each in told):
        raise EntryError(
            "This cannot be a name", f"Write at most {_MOST_NAME} characters without spaces, such as gpt-4o."
        )
    return told


def entries(lines: str, read: Callable[[str], str]) -> tuple[str, ...]:
    """One entry a line or between commas, each once, in the order in which they stand.

    Args:
        lines: as typed.
        read: one of the functions above.

    Raises:
        EntryError: the first one that is refused.
    """
    told: Iterable[str] = re.split(r"[\n,;]", lines)
    return tuple(dict.fromkeys(read(each) for each in told if each.strip()))


def _refuse_wildcard(told: str, what: str) -> None:
    if "*" in told:
        raise EntryError(f"“{told}” would let in any {what}", f"Name each {what} by itself.")


def _host_and_port(told: str, as_typed: str) -> str:
    host, colon, port = told.rpartition(":")
    if not colon or told.endswith("]"):
        host, port = told, ""
    if host.startswith("[") and host.endswith("]"):
        try:
            host = f"[{ipaddress.IPv6Address(host[1:-1])}]"
        except ValueError:
            raise _no_host(as_typed) from None
    else:
        host = _ascii(host, as_typed)
        if not _LABELS.match(host):
            raise _no_host(as_typed)
    return f"{host}:{port_number(port)}" if colon and host != told else host


def _ascii(host: str, as_typed: str) -> str:
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise _no_host(as_typed) from None


def _no_host(as_typed: str) -> EntryError:
    return EntryError(f"“{as_typed}” is not a host", "Write a name or an address, such as desk.lan:8000.")
