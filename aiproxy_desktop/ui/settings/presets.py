"""Well-known OpenAI-compatible servers, to fill the endpoint form from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointPreset:
    """What goes into the form's name and base URL."""

    name: str
    base_url: str


# Hosted services first, then servers on this computer at their usual ports.
PRESETS: tuple[EndpointPreset, ...] = (
    EndpointPreset("Groq", "https://api.groq.com/openai/v1"),
    EndpointPreset("OpenRouter", "https://openrouter.ai/api/v1"),
    EndpointPreset("Mistral", "https://api.mistral.ai/v1"),
    EndpointPreset("DeepSeek", "https://api.deepseek.com/v1"),
    EndpointPreset("Together", "https://api.together.xyz/v1"),
    EndpointPreset("LM Studio", "http://127.0.0.1:1234/v1"),
    EndpointPreset("vLLM", "http://127.0.0.1:8000/v1"),
    EndpointPreset("llama.cpp server", "http://127.0.0.1:8080/v1"),
)
