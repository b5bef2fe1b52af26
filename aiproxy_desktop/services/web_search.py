"""How each provider is asked to search the web, in its own words. No Qt.

From the providers' documentation: OpenAI's and Azure's guides to web search in the Responses interface,
Anthropic's web search tool, Gemini's grounding with Google Search, OpenRouter's plug-ins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiproxy_desktop.core.messages import NativeTool
from aiproxy_desktop.core.models import ModelInfo


@dataclass(frozen=True, slots=True)
class WebSearch:
    """What is added to a request: a tool of the provider's own, or fields of its request."""

    tool: NativeTool | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


_OFFERS: Mapping[str, WebSearch] = {
    "openai": WebSearch(NativeTool({"type": "web_search"})),
    "azure": WebSearch(NativeTool({"type": "web_search_preview"})),
    "gemini": WebSearch(NativeTool({"type": "web_search"})),
    "anthropic": WebSearch(NativeTool({"type": "web_search_20250305", "name": "web_search"})),
    "openrouter": WebSearch(fields={"plugins": [{"id": "web"}]}),
}


def web_search_of(provider_id: str, model: ModelInfo | None = None) -> WebSearch | None:
    """How this model is asked to search; None where that is not offered.

    Args:
        provider_id: left side of a model's reference.
        model: what is known of it; one that is known not to search is not asked.
    """
    if model is not None and model.capabilities.web_search is False:
        return None
    return _OFFERS.get(model.maker if model is not None else provider_id)
