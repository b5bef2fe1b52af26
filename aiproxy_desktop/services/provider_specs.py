"""Which providers there are, worked out from the settings and the environment."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.storage.settings import RESERVED_IDS, Settings

ProviderKind: TypeAlias = Literal["openai", "gemini", "anthropic", "ollama", "builtin", "endpoint"]

# Those a key can be given for. Nobody looks for a key of the others, which must not wait for a keyring.
KEYED_KINDS: frozenset[ProviderKind] = frozenset({"openai", "gemini", "anthropic", "endpoint"})


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """All that a provider is built from; equal specs build equal providers.

    `problem` stands in for an address that could not be read, and then nothing is built.
    """

    id: str
    label: str
    kind: ProviderKind
    base_url: str = ""
    needs_key: bool = False
    model_files: tuple[str, ...] = ()
    problem: AIProxyError | None = None


def provider_specs(settings: Settings, environ: Mapping[str, str]) -> tuple[ProviderSpec, ...]:
    """Every provider, in the order in which they are shown.

    Args:
        settings: the person's.
        environ: OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL, ANTHROPIC_BASE_URL and OLLAMA_HOST count.
    """
    from aiproxy_desktop.core.providers.anthropic import ANTHROPIC_BASE_URL
    from aiproxy_desktop.core.providers.gemini import GEMINI_BASE_URL
    from aiproxy_desktop.core.providers.openai import OPENAI_BASE_URL

    return (
        _vendor("openai", "OpenAI", environ.get("OPENAI_BASE_URL", ""), OPENAI_BASE_URL),
        _vendor("gemini", "Gemini", environ.get("GOOGLE_GEMINI_BASE_URL", ""), GEMINI_BASE_URL),
        _vendor("anthropic", "Anthropic", environ.get("ANTHROPIC_BASE_URL", ""), ANTHROPIC_BASE_URL),
        _ollama(settings.ollama_host or environ.get("OLLAMA_HOST", "")),
        ProviderSpec("builtin", "Built in", "builtin", model_files=settings.model_files),
        *(
            _checked(ProviderSpec(item.id, item.name, "endpoint", item.base_url, item.needs_key))
            for item in settings.endpoints
        ),
    )


def endpoint_id(name: str, taken: Collection[str]) -> str:
    """A short id for an endpoint of this name: lower-case letters, digits and dashes, unique."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "endpoint"
    unavailable = RESERVED_IDS.union(taken)
    number, candidate = 1, plain
    while candidate in unavailable:
        number += 1
        candidate = f"{plain}-{number}"
    return candidate


def _vendor(
    kind: Literal["openai", "gemini", "anthropic"], label: str, chosen: str, default: str
) -> ProviderSpec:
    return _checked(ProviderSpec(kind, label, kind, chosen.strip() or default, needs_key=True))


def _checked(spec: ProviderSpec) -> ProviderSpec:
    try:
        return replace(spec, base_url=parse_base_url(spec.base_url))
    except AIProxyError as error:
        return replace(spec, problem=error)


def _ollama(host: str) -> ProviderSpec:
    from aiproxy_desktop.core.providers.ollama import parse_ollama_host

    try:
        return ProviderSpec("ollama", "Ollama", "ollama", parse_ollama_host(host))
    except AIProxyError as error:
        return ProviderSpec("ollama", "Ollama", "ollama", host, problem=error)
