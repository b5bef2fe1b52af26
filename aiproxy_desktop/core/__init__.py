"""The routing core: one face over every model provider. No Qt, no disk, no keyring.

Names are loaded when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiproxy_desktop.core.assembler import MessageAssembler as MessageAssembler
    from aiproxy_desktop.core.client import CompletionClient as CompletionClient
    from aiproxy_desktop.core.client_context import ClientContext as ClientContext
    from aiproxy_desktop.core.credentials import EnvironmentCredentials as EnvironmentCredentials
    from aiproxy_desktop.core.credentials import StaticCredentials as StaticCredentials
    from aiproxy_desktop.core.errors import AIProxyError as AIProxyError
    from aiproxy_desktop.core.errors import InvalidRequestError as InvalidRequestError
    from aiproxy_desktop.core.errors import MediaError as MediaError
    from aiproxy_desktop.core.errors import UnsupportedError as UnsupportedError
    from aiproxy_desktop.core.events import Finished as Finished
    from aiproxy_desktop.core.events import ImageReceived as ImageReceived
    from aiproxy_desktop.core.events import Noted as Noted
    from aiproxy_desktop.core.events import OpaqueReceived as OpaqueReceived
    from aiproxy_desktop.core.events import ReasoningDelta as ReasoningDelta
    from aiproxy_desktop.core.events import Started as Started
    from aiproxy_desktop.core.events import StreamEvent as StreamEvent
    from aiproxy_desktop.core.events import TextDelta as TextDelta
    from aiproxy_desktop.core.events import ToolCallDelta as ToolCallDelta
    from aiproxy_desktop.core.events import Usage as Usage
    from aiproxy_desktop.core.events import UsageReported as UsageReported
    from aiproxy_desktop.core.fetching import MediaFetcher as MediaFetcher
    from aiproxy_desktop.core.http import HttpClient as HttpClient
    from aiproxy_desktop.core.media import MediaLimits as MediaLimits
    from aiproxy_desktop.core.messages import CompletionRequest as CompletionRequest
    from aiproxy_desktop.core.messages import HostedMediaPart as HostedMediaPart
    from aiproxy_desktop.core.messages import MediaLink as MediaLink
    from aiproxy_desktop.core.messages import MediaPart as MediaPart
    from aiproxy_desktop.core.messages import Message as Message
    from aiproxy_desktop.core.messages import NativeTool as NativeTool
    from aiproxy_desktop.core.messages import OpaquePart as OpaquePart
    from aiproxy_desktop.core.messages import ReasoningPart as ReasoningPart
    from aiproxy_desktop.core.messages import ResponseFormat as ResponseFormat
    from aiproxy_desktop.core.messages import SafetySetting as SafetySetting
    from aiproxy_desktop.core.messages import TextPart as TextPart
    from aiproxy_desktop.core.messages import Tool as Tool
    from aiproxy_desktop.core.messages import ToolCallPart as ToolCallPart
    from aiproxy_desktop.core.messages import ToolChoice as ToolChoice
    from aiproxy_desktop.core.messages import ToolResultPart as ToolResultPart
    from aiproxy_desktop.core.models import Capabilities as Capabilities
    from aiproxy_desktop.core.models import ModelInfo as ModelInfo
    from aiproxy_desktop.core.models import Price as Price
    from aiproxy_desktop.core.provider import Credentials as Credentials
    from aiproxy_desktop.core.provider import Provider as Provider
    from aiproxy_desktop.core.registry import Registry as Registry
    from aiproxy_desktop.core.router import Router as Router
    from aiproxy_desktop.core.timeouts import Timeouts as Timeouts

_MODULES = {
    "assembler": ("MessageAssembler",),
    "client": ("CompletionClient",),
    "client_context": ("ClientContext",),
    "credentials": (
        "EnvironmentCredentials",
        "StaticCredentials",
    ),
    "errors": (
        "AIProxyError",
        "InvalidRequestError",
        "MediaError",
        "UnsupportedError",
    ),
    "events": (
        "Finished",
        "ImageReceived",
        "Noted",
        "OpaqueReceived",
        "ReasoningDelta",
        "Started",
        "StreamEvent",
        "TextDelta",
        "ToolCallDelta",
        "Usage",
        "UsageReported",
    ),
    "fetching": ("MediaFetcher",),
    "http": ("HttpClient",),
    "media": ("MediaLimits",),
    "messages": (
        "CompletionRequest",
        "HostedMediaPart",
        "MediaLink",
        "MediaPart",
        "Message",
        "NativeTool",
        "OpaquePart",
        "ReasoningPart",
        "ResponseFormat",
        "SafetySetting",
        "TextPart",
        "Tool",
        "ToolCallPart",
        "ToolChoice",
        "ToolResultPart",
    ),
    "models": (
        "Capabilities",
        "ModelInfo",
        "Price",
    ),
    "provider": (
        "Credentials",
        "Provider",
    ),
    "registry": ("Registry",),
    "router": ("Router",),
    "timeouts": ("Timeouts",),
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
