"""Base URLs: read once, refused with a sentence when they are not one."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from aiproxy_desktop.core.errors import InvalidEndpointError

# The environment variables of the addresses that differ from one user to the next; providers/vendors.py has
# the rows.
ADDRESS_VARIABLES: dict[str, tuple[str, ...]] = {
    "azure": ("AZURE_OPENAI_ENDPOINT",),
    "lmstudio": ("LM_STUDIO_API_BASE",),
    "vllm": ("VLLM_API_BASE",),
    "llamacpp": ("LLAMA_API_BASE",),
    "litellm": ("LITELLM_PROXY_API_BASE",),
}


@lru_cache(maxsize=64)  # asked for at every request
def parse_base_url(text: str) -> str:
    """An http or https base URL without a trailing slash, query or fragment.

    Raises:
        InvalidEndpointError: the text is not one.
    """
    url = text.strip()
    if "://" not in url:
        raise InvalidEndpointError(
            f"“{_shown(url)}” is not a complete address", "It must begin with https:// or http://."
        )
    parts = split_url(url)
    if parts.query or parts.fragment:
        raise InvalidEndpointError(
            f"“{_shown(url)}” is not a base address", "Leave out everything from the ? or # on."
        )
    return parts.geturl().rstrip("/")


def split_url(url: str) -> SplitResult:
    """The parts of an http or https URL with a host and a sound port.

    Raises:
        InvalidEndpointError: it is not one, or holds a user name or password.
    """
    shown = _shown(url)
    if any(char.isspace() or not char.isprintable() for char in url):
        raise InvalidEndpointError(f"“{shown}” is not an address", "It holds a space or a control character.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidEndpointError(
            f"“{shown}” is not an address", "Check the host and the port, which is a number up to 65535."
        ) from None
    if parts.scheme not in {"http", "https"}:
        raise InvalidEndpointError(
            f"“{shown}” is not a web address", "Only http:// and https:// can be used."
        )
    if not host or port == 0:
        raise InvalidEndpointError(f"“{shown}” is not an address", "It needs a host after the ://.")
    if "@" in parts.netloc:
        raise InvalidEndpointError(
            "The address holds a user name or a password", "Leave them out and set the key apart from it."
        )
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Scheme, host and port of a URL that has been checked, for a person to read."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _shown(url: str) -> str:
    """The text as a title may show it: bounded, printable, and without what stands before an @."""
    bare = url.rpartition("@")[2]
    clean = "".join(char if char.isprintable() else "?" for char in bare)
    return clean if len(clean) <= 120 else clean[:119] + "…"
