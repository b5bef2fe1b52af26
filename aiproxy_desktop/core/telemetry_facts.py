"""What telemetry says about a completion, under the names that others look for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.messages import CompletionRequest

AttributeValue: TypeAlias = str | bool | int | float | Sequence[str]

_LONGEST = 256

# The well-known values of gen_ai.provider.name where they differ from our ids.
# https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
_PROVIDERS = {
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "azure": "azure.ai.openai",
}

# The names of ai-proxy-core 0.4, in metrics and spans.
_CALLER = {
    "app": "client.app",
    "device": "client.device",
    "client_id": "client.id",
    "ip": "client.ip",
}
# One value a person or a call: a metric by these would have no end.
_CALLER_IN_SPANS = {
    "user_id": "user.id",
    "session_id": "session.id",
    "request_id": "client.request_id",
}


def metric_facts(target: Target, context: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """What a measurement is told apart by."""
    return session_facts(target.provider.id, target.model, context)


def session_facts(provider: str, model: str, context: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """The same for a session, which asks no target."""
    return {"model": whole_text(model), "provider": provider, **_named(_CALLER, context)}


def session_span_facts(
    operation: str, provider: str, model: str, context: Mapping[str, Any]
) -> dict[str, AttributeValue]:
    """What a span says about a session or a request for images, nothing of what was said in it."""
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
        "gen_ai.request.model": whole_text(model),
        **caller_facts(context),
    }


def caller_facts(context: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """What a span says about the caller."""
    return _named(_CALLER, context) | _named(_CALLER_IN_SPANS, context)


def request_facts(target: Target, request: CompletionRequest) -> dict[str, AttributeValue]:
    """What a span says about the request, nothing of what was said in it."""
    provider = getattr(target.provider, "vendor", "") or target.provider.id
    facts: dict[str, AttributeValue] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
        "gen_ai.request.model": whole_text(target.model),
    }
    if request.temperature is not None:
        facts["gen_ai.request.temperature"] = float(request.temperature)
    if request.max_tokens is not None:
        facts["gen_ai.request.max_tokens"] = request.max_tokens
    return facts | _server(getattr(target.provider, "server", None))


def usage_facts(usage: Usage | None) -> dict[str, AttributeValue]:
    """The provider's own counts, where it told them."""
    if usage is None:
        return {}
    counts = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
    }
    return {name: count for name, count in counts.items() if count is not None}


def whole_text(text: str) -> str:
    """The text as UTF-8 can have it: a lone surrogate in one attribute would lose the whole batch."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _server(base_url: object) -> dict[str, AttributeValue]:
    if not isinstance(base_url, str):
        return {}
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return {}
    if not host:
        return {}
    return {"server.address": host, "server.port": port or (80 if parts.scheme == "http" else 443)}


def _named(names: Mapping[str, str], context: Mapping[str, Any]) -> dict[str, AttributeValue]:
    return {
        name: whole_text(str(context[key])[:_LONGEST])
        for key, name in names.items()
        if context.get(key) is not None and str(context[key])
    }
