"""The routing core: one face over every model provider. No Qt, no disk, no keyring.

Names are loaded when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiproxy_desktop.core.assembler import MessageAssembler as MessageAssembler
    from aiproxy_desktop.core.client import CompletionClient as CompletionClient
    from aiproxy_desktop.core.credentials import EnvironmentCredentials as EnvironmentCredentials
    from aiproxy_desktop.core.credentials import StaticCredentials as StaticCredentials
    from aiproxy_desktop.core.errors import AIProxyError as AIProxyError
    from aiproxy_desktop.core.events import Finished as Finished
    from aiproxy_desktop.core.events import ReasoningDelta as ReasoningDelta
    from aiproxy_desktop.core.events import Started as Started
    from aiproxy_desktop.core.events import StreamEvent as StreamEvent
    from aiproxy_desktop.core.events import TextDelta as TextDelta
    from aiproxy_desktop.core.events import Usage as Usage
    from aiproxy_desktop.core.events import UsageReported as UsageReported
    from aiproxy_desktop.core.http import HttpClient as HttpClient
    from aiproxy_desktop.core.messages import CompletionRequest as CompletionRequest
    from aiproxy_desktop.core.messages import Message as Message
    from aiproxy_desktop.core.models import ModelInfo as ModelInfo
    from aiproxy_desktop.core.provider import Credentials as Credentials
    from aiproxy_desktop.core.provider import Provider as Provider
    from aiproxy_desktop.core.registry import Registry as Registry
    from aiproxy_desktop.core.router import Router as Router

_MODULES = {
    "assembler": ("MessageAssembler",),
    "client": ("CompletionClient",),
    "credentials": ("EnvironmentCredentials", "StaticCredentials"),
    "errors": ("AIProxyError",),
    "events": ("Finished", "ReasoningDelta", "Started", "StreamEvent", "TextDelta", "Usage", "UsageReported"),
    "http": ("HttpClient",),
    "messages": ("CompletionRequest", "Message"),
    "models": ("ModelInfo",),
    "provider": ("Credentials", "Provider"),
    "registry": ("Registry",),
    "router": ("Router",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605  # computed from the one table


def __getattr__(name: str) -> Any:
    module = _HOMES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
