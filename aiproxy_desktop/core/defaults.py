"""Zero configuration: the providers that a client finds by itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Setup:
    """A registry with the HTTP client under it."""

    registry: Registry
    http: HttpClient

    async def aclose(self) -> None:
        """Close the providers, then the connections."""
        try:
            await self.registry.aclose()
        finally:
            await self.http.aclose()


def default_setup(credentials: Credentials | None = None, environ: Mapping[str, str] | None = None) -> Setup:
    """OpenAI, Gemini, Anthropic and Ollama where the environment says, and the built-in model.

    Nothing is contacted and no key is read; what is wrong with a variable shows at the call.
    """
    from aiproxy_desktop.core.providers.anthropic import ANTHROPIC_BASE_URL, AnthropicProvider
    from aiproxy_desktop.core.providers.builtin import BuiltinProvider, default_model
    from aiproxy_desktop.core.providers.gemini import GEMINI_BASE_URL, GeminiProvider
    from aiproxy_desktop.core.providers.ollama import OllamaProvider
    from aiproxy_desktop.core.providers.openai import OPENAI_BASE_URL, OpenAICompatibleProvider

    variables = os.environ if environ is None else environ
    keys = credentials or EnvironmentCredentials(variables)
    http = HttpClient()
    openai_url = variables.get("OPENAI_BASE_URL", "").strip() or OPENAI_BASE_URL
    gemini_url = variables.get("GOOGLE_GEMINI_BASE_URL", "").strip() or GEMINI_BASE_URL
    anthropic_url = variables.get("ANTHROPIC_BASE_URL", "").strip() or ANTHROPIC_BASE_URL
    registry = Registry(
        (
            OpenAICompatibleProvider("openai", "OpenAI", openai_url, http, keys),
            GeminiProvider(http, keys, gemini_url),
            AnthropicProvider(http, keys, anthropic_url),
            OllamaProvider(http, variables.get("OLLAMA_HOST", "")),
        )
    )
    built_in = default_model()
    if built_in is not None:
        registry.add(BuiltinProvider(http, (built_in,)))
    return Setup(registry, http)
