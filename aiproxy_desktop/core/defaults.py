"""Zero configuration: the providers that a client finds by itself."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.endpoints import ADDRESS_VARIABLES
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.offers import Offer, ProviderContext, load_factory
from aiproxy_desktop.core.plugins import plug_in_offers
from aiproxy_desktop.core.provider import Credentials, Provider
from aiproxy_desktop.core.registry import Registry

_PROVIDERS = "aiproxy_desktop.core.providers"

# Id and factory. They are loaded as any plug-in is.
BUILT_IN: tuple[tuple[str, str], ...] = (
    ("openai", f"{_PROVIDERS}.openai.provider:openai_provider"),
    ("gemini", f"{_PROVIDERS}.gemini.provider:gemini_provider"),
    ("anthropic", f"{_PROVIDERS}.anthropic.provider:anthropic_provider"),
    ("ollama", f"{_PROVIDERS}.ollama.provider:ollama_provider"),
    ("builtin", f"{_PROVIDERS}.builtin.provider:builtin_provider"),
)

# Rows of `providers.vendors`, which would have to be imported to be asked. Each lists models once it has a
# key or the environment says where it is; the others are there for whoever names them.
VENDOR_IDS: tuple[str, ...] = (
    *("groq", "together", "openrouter", "mistral", "deepseek", "xai", "fireworks", "cerebras", "azure"),
    *("lmstudio", "vllm", "llamacpp", "litellm"),
)
# These have no usual address: without one they list nothing, and with one they still need a key.
_NOWHERE = frozenset({"azure"})


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
    """The vendors, Ollama and the built-in model, as the environment says, and what plug-ins bring.

    Nothing is contacted, built or read yet; what is wrong with a variable shows at the call.
    """
    variables = os.environ if environ is None else environ
    context = ProviderContext(HttpClient(), credentials or EnvironmentCredentials(variables), variables)
    registry = Registry()
    answering: dict[str, Callable[[], Awaitable[bool]]] = {
        "ollama": partial(_is_there, variables.get("OLLAMA_HOST", "")),
        "builtin": _always,
    }
    for provider_id, target in BUILT_IN:
        answers = answering.get(provider_id) or partial(_has_key, context.credentials, provider_id)
        registry.offer(Offer(provider_id, partial(_build, target, context), answers))
    for offer in vendor_offers(context):
        registry.offer(offer)
    for offer in plug_in_offers(context):
        try:
            registry.offer(offer)
        except ValueError as error:
            registry.notices.append(f"The plug-in “{offer.id}” is left out: {error}.")
    return Setup(registry, context.http)


def vendor_offers(context: ProviderContext) -> tuple[Offer, ...]:
    """One offer for each vendor's row; it answers where the vendor has a key, or is said to be somewhere."""
    return tuple(
        Offer(vendor_id, partial(_build_vendor, vendor_id, context), _vendor_answers(vendor_id, context))
        for vendor_id in VENDOR_IDS
    )


def _vendor_answers(vendor_id: str, context: ProviderContext) -> Callable[[], Awaitable[bool]] | None:
    """What tells whether a row may have models to list."""
    names = ADDRESS_VARIABLES.get(vendor_id, ())
    placed = any(context.environ.get(name, "").strip() for name in names)
    if placed and vendor_id not in _NOWHERE:
        return _always
    if vendor_id in _NOWHERE and not placed:
        return None
    return partial(_has_key, context.credentials, vendor_id)


def _build(target: str, context: ProviderContext) -> Provider | None:
    return load_factory(target)(context)


def _build_vendor(vendor_id: str, context: ProviderContext) -> Provider:
    from aiproxy_desktop.core.providers.openai.vendors import build_vendor, vendor_by_id

    vendor = vendor_by_id(vendor_id)
    assert vendor is not None
    return build_vendor(vendor, context.http, context.credentials, vendor.base_url_from(context.environ))


async def _has_key(credentials: Credentials, provider_id: str) -> bool:
    return bool(await credentials.key_for(provider_id))


async def _is_there(host: str) -> bool:
    """Whether something listens where Ollama would. What cannot be known so cheaply is asked."""
    from aiproxy_desktop.core.endpoints import is_loopback, split_url
    from aiproxy_desktop.core.errors import InvalidEndpointError
    from aiproxy_desktop.core.listening import listens
    from aiproxy_desktop.core.providers.ollama.host import parse_ollama_host

    try:
        parts = split_url(parse_ollama_host(host))
    except InvalidEndpointError:
        return True
    name = parts.hostname or ""
    return not is_loopback(name) or await listens(name, parts.port or 0)


async def _always() -> bool:
    return True
