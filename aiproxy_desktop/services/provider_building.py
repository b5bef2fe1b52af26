"""A spec becomes a provider. The dialects are imported here, when the first one is needed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.provider_specs import ProviderSpec

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpClient
    from aiproxy_desktop.core.provider import Credentials, Provider
    from aiproxy_desktop.core.providers.builtin.local_models import LocalModel


async def build_provider(
    spec: ProviderSpec, http: HttpClient, credentials: Credentials, former: Provider | None = None
) -> Provider:
    """The provider of a spec that has no problem. Contacts nobody.

    `former` is the one in use until now, if any. That of the built-in models is changed in place and
    returned: a new one would end the answers that are under way.

    Raises:
        LocalModelError: there is no model to run.
        InvalidEndpointError: there is no address.
    """
    if spec.provider is not None:
        return spec.provider
    if spec.kind == "builtin":
        return _builtin(await on_thread(lambda: builtin_models(spec), "models"), http, former)
    if spec.dialect == "gemini":
        from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider

        return GeminiProvider(http, credentials, spec.base_url, provider_id=spec.id, label=spec.label)
    if spec.dialect == "anthropic":
        from aiproxy_desktop.core.providers.anthropic.provider import AnthropicProvider

        return AnthropicProvider(http, credentials, spec.base_url, provider_id=spec.id, label=spec.label)
    if spec.kind == "ollama":
        from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider

        return OllamaProvider(http, spec.base_url, provider_id=spec.id, label=spec.label)
    from aiproxy_desktop.core.providers.openai.vendors import build_endpoint, build_vendor, vendor_by_id

    vendor = vendor_by_id(spec.vendor)
    if spec.kind == "vendor" and vendor is not None:
        return build_vendor(vendor, http, credentials, spec.base_url)
    return build_endpoint(
        spec.id,
        spec.label,
        spec.base_url,
        http,
        credentials,
        needs_key=spec.needs_key,
        vendor_id=spec.vendor,
    )


def builtin_models(spec: ProviderSpec) -> tuple[LocalModel, ...]:
    """The models of a spec, each with what the person chose for it. Reads the disk: call it on a thread.

    Raises:
        LocalModelError: there is none.
    """
    from aiproxy_desktop.core.providers.builtin.local_models import default_model, local_model, no_model

    options = {one.path: one for one in spec.model_options}
    models = {}
    bundled = default_model()
    if bundled is not None:
        models[""] = bundled
    for path in spec.model_files:
        # One that was moved away must not take the others with it.
        with suppress(AIProxyError):
            models[path] = local_model(Path(path))
    if not models:
        raise no_model()
    return tuple(
        replace(model, context=options[path].context, threads=options[path].threads)
        if path in options
        else model
        for path, model in models.items()
    )


def _builtin(models: tuple[LocalModel, ...], http: HttpClient, former: Provider | None) -> Provider:
    from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider

    if isinstance(former, BuiltinProvider):
        former.set_models(models)
        return former
    return BuiltinProvider(http, models)
