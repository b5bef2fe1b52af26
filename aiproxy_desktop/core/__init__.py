"""The routing core: one face over every model provider. No Qt, no disk, no keyring.

Names are loaded when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiproxy_desktop.core.administration import ModelDetails as ModelDetails
    from aiproxy_desktop.core.administration import PullProgress as PullProgress
    from aiproxy_desktop.core.administration import PullTotals as PullTotals
    from aiproxy_desktop.core.administration import RunningModel as RunningModel
    from aiproxy_desktop.core.assembler import MessageAssembler as MessageAssembler
    from aiproxy_desktop.core.client import CompletionClient as CompletionClient
    from aiproxy_desktop.core.client_context import ClientContext as ClientContext
    from aiproxy_desktop.core.compatibility import Problem as Problem
    from aiproxy_desktop.core.completions import AnthropicCompletions as AnthropicCompletions
    from aiproxy_desktop.core.completions import BaseCompletions as BaseCompletions
    from aiproxy_desktop.core.completions import GoogleCompletions as GoogleCompletions
    from aiproxy_desktop.core.completions import OllamaCompletions as OllamaCompletions
    from aiproxy_desktop.core.completions import OpenAICompletions as OpenAICompletions
    from aiproxy_desktop.core.credentials import EnvironmentCredentials as EnvironmentCredentials
    from aiproxy_desktop.core.credentials import StaticCredentials as StaticCredentials
    from aiproxy_desktop.core.errors import AIProxyError as AIProxyError
    from aiproxy_desktop.core.errors import AuthenticationError as AuthenticationError
    from aiproxy_desktop.core.errors import ConfigurationError as ConfigurationError
    from aiproxy_desktop.core.errors import ContentBlockedError as ContentBlockedError
    from aiproxy_desktop.core.errors import Fault as Fault
    from aiproxy_desktop.core.errors import InterruptedStreamError as InterruptedStreamError
    from aiproxy_desktop.core.errors import InvalidEndpointError as InvalidEndpointError
    from aiproxy_desktop.core.errors import InvalidKeyError as InvalidKeyError
    from aiproxy_desktop.core.errors import InvalidRequestError as InvalidRequestError
    from aiproxy_desktop.core.errors import LocalModelError as LocalModelError
    from aiproxy_desktop.core.errors import MediaError as MediaError
    from aiproxy_desktop.core.errors import MissingKeyError as MissingKeyError
    from aiproxy_desktop.core.errors import ModelNotFoundError as ModelNotFoundError
    from aiproxy_desktop.core.errors import NoLocalModelError as NoLocalModelError
    from aiproxy_desktop.core.errors import ProtocolError as ProtocolError
    from aiproxy_desktop.core.errors import ProviderFailureError as ProviderFailureError
    from aiproxy_desktop.core.errors import ProviderTimeoutError as ProviderTimeoutError
    from aiproxy_desktop.core.errors import QuotaError as QuotaError
    from aiproxy_desktop.core.errors import RateLimitError as RateLimitError
    from aiproxy_desktop.core.errors import RequestError as RequestError
    from aiproxy_desktop.core.errors import RequestTooLargeError as RequestTooLargeError
    from aiproxy_desktop.core.errors import UnknownModelError as UnknownModelError
    from aiproxy_desktop.core.errors import UnreachableError as UnreachableError
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
    from aiproxy_desktop.core.images.models import ImageModel as ImageModel
    from aiproxy_desktop.core.images.models import ImageQuality as ImageQuality
    from aiproxy_desktop.core.images.models import ImageSize as ImageSize
    from aiproxy_desktop.core.images.models import ImageStyle as ImageStyle
    from aiproxy_desktop.core.images.openai_images import OpenAIImageProvider as OpenAIImageProvider
    from aiproxy_desktop.core.images.values import ImageInput as ImageInput
    from aiproxy_desktop.core.images.values import ImageMade as ImageMade
    from aiproxy_desktop.core.images.values import ImagePreview as ImagePreview
    from aiproxy_desktop.core.images.values import ImagesFinished as ImagesFinished
    from aiproxy_desktop.core.images.values import ImagesStarted as ImagesStarted
    from aiproxy_desktop.core.images.values import ImageUsage as ImageUsage
    from aiproxy_desktop.core.images.values import ImageWords as ImageWords
    from aiproxy_desktop.core.live.gemini_live import GeminiLiveSession as GeminiLiveSession
    from aiproxy_desktop.core.live.services import GeminiLiveService as GeminiLiveService
    from aiproxy_desktop.core.live.services import OpenAIRealtimeService as OpenAIRealtimeService
    from aiproxy_desktop.core.live.session import LiveSession as LiveSession
    from aiproxy_desktop.core.live.values import LiveOptions as LiveOptions
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
    from aiproxy_desktop.core.model_manager import ModelManager as ModelManager
    from aiproxy_desktop.core.model_providers import AnthropicModelProvider as AnthropicModelProvider
    from aiproxy_desktop.core.model_providers import GeminiModelProvider as GeminiModelProvider
    from aiproxy_desktop.core.model_providers import ModelProvider as ModelProvider
    from aiproxy_desktop.core.model_providers import OllamaModelProvider as OllamaModelProvider
    from aiproxy_desktop.core.model_providers import OpenAIModelProvider as OpenAIModelProvider
    from aiproxy_desktop.core.models import Capabilities as Capabilities
    from aiproxy_desktop.core.models import ModelInfo as ModelInfo
    from aiproxy_desktop.core.models import Price as Price
    from aiproxy_desktop.core.offers import ProviderContext as ProviderContext
    from aiproxy_desktop.core.provider import Credentials as Credentials
    from aiproxy_desktop.core.provider import Detectable as Detectable
    from aiproxy_desktop.core.provider import ImageMaker as ImageMaker
    from aiproxy_desktop.core.provider import ModelAdministrator as ModelAdministrator
    from aiproxy_desktop.core.provider import Provider as Provider
    from aiproxy_desktop.core.provider import Warmable as Warmable
    from aiproxy_desktop.core.registry import Registry as Registry
    from aiproxy_desktop.core.retry import INTERACTIVE as INTERACTIVE
    from aiproxy_desktop.core.retry import NO_RETRY as NO_RETRY
    from aiproxy_desktop.core.retry import PATIENT as PATIENT
    from aiproxy_desktop.core.retry import RetryPolicy as RetryPolicy
    from aiproxy_desktop.core.router import Router as Router
    from aiproxy_desktop.core.selection import Selection as Selection
    from aiproxy_desktop.core.telemetry import Telemetry as Telemetry
    from aiproxy_desktop.core.timeouts import Timeouts as Timeouts

_MODULES = {
    "administration": ("ModelDetails", "PullProgress", "PullTotals", "RunningModel"),
    "assembler": ("MessageAssembler",),
    "client": ("CompletionClient",),
    "client_context": ("ClientContext",),
    "compatibility": ("Problem",),
    "completions": (
        "AnthropicCompletions",
        "BaseCompletions",
        "GoogleCompletions",
        "OllamaCompletions",
        "OpenAICompletions",
    ),
    "credentials": ("EnvironmentCredentials", "StaticCredentials"),
    "errors": (
        "AIProxyError",
        "AuthenticationError",
        "ConfigurationError",
        "ContentBlockedError",
        "Fault",
        "InterruptedStreamError",
        "InvalidEndpointError",
        "InvalidKeyError",
        "InvalidRequestError",
        "LocalModelError",
        "MediaError",
        "MissingKeyError",
        "ModelNotFoundError",
        "NoLocalModelError",
        "ProtocolError",
        "ProviderFailureError",
        "ProviderTimeoutError",
        "QuotaError",
        "RateLimitError",
        "RequestError",
        "RequestTooLargeError",
        "UnknownModelError",
        "UnreachableError",
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
    "images.models": ("ImageModel", "ImageQuality", "ImageSize", "ImageStyle"),
    "images.openai_images": ("OpenAIImageProvider",),
    "images.values": (
        "ImageInput",
        "ImageMade",
        "ImagePreview",
        "ImageUsage",
        "ImageWords",
        "ImagesFinished",
        "ImagesStarted",
    ),
    "live.gemini_live": ("GeminiLiveSession",),
    "live.services": ("GeminiLiveService", "OpenAIRealtimeService"),
    "live.session": ("LiveSession",),
    "live.values": ("LiveOptions",),
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
    "model_manager": ("ModelManager",),
    "model_providers": (
        "AnthropicModelProvider",
        "GeminiModelProvider",
        "ModelProvider",
        "OllamaModelProvider",
        "OpenAIModelProvider",
    ),
    "models": ("Capabilities", "ModelInfo", "Price"),
    "offers": ("ProviderContext",),
    "provider": ("Credentials", "Detectable", "ImageMaker", "ModelAdministrator", "Provider", "Warmable"),
    "registry": ("Registry",),
    "retry": ("INTERACTIVE", "NO_RETRY", "PATIENT", "RetryPolicy"),
    "router": ("Router",),
    "selection": ("Selection",),
    "telemetry": ("Telemetry",),
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
