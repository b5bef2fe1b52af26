"""Where a model runs: on this computer, on another of one's own network, or at a provider's."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from aiproxy_desktop.core.endpoints import is_loopback, split_url
from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.storage.model_settings import Place

# Reserved for networks of one's own: RFC 6762 (.local), RFC 8375 (.home.arpa), ICANN's resolution of
# 29 July 2024 (.internal); routers hand out .lan and .home besides.
_OWN_NETWORK = (".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain")


def place_of(model: ModelInfo, base_url: str, kind: str = "") -> Place:
    """Where a model runs, as far as its provider's address tells.

    Args:
        model: whose `free` tells an Ollama model from one that Ollama passes on to its cloud.
        base_url: of its provider; empty for the built-in one.
        kind: the provider's (`ProviderState.kind`), which tells further Ollama hosts from other servers.
    """
    if kind == "builtin" or (not base_url and model.local):
        return "computer"
    if not model.free and (kind == "ollama" or model.provider == "ollama"):
        return "cloud"
    return _place_of_address(base_url)


@lru_cache(maxsize=256)  # asked for every row of a table
def _place_of_address(base_url: str) -> Place:
    text = base_url.strip()
    try:
        host = split_url(text if "://" in text else f"http://{text}").hostname or ""
    except InvalidEndpointError:
        return "cloud"
    host = host.rstrip(".").casefold()
    if is_loopback(host):
        return "computer"
    try:
        # Neither 100.64.0.0/10 of overlay networks nor link-local addresses are of the public Internet.
        return "cloud" if ipaddress.ip_address(host).is_global else "network"
    except ValueError:
        return "network" if "." not in host or host.endswith(_OWN_NETWORK) else "cloud"
