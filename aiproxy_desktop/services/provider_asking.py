"""Asking one provider for its models, once."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from aiproxy_desktop.core.errors import AIProxyError, MissingKeyError, ProviderTimeoutError
from aiproxy_desktop.core.model_hygiene import CleanList, clean_list
from aiproxy_desktop.services.plug_ins import reason_of
from aiproxy_desktop.services.provider_specs import ProviderSpec
from aiproxy_desktop.services.provider_states import (
    ProviderCheck,
    failed_detail,
    failed_status,
    failed_until,
    ready_detail,
)
from aiproxy_desktop.storage.keys import KnownKey

if TYPE_CHECKING:
    from aiproxy_desktop.core.provider import Provider

# Seconds for a provider to name its models.
LIST_TIMEOUT = 15.0

_log = logging.getLogger(__name__)


async def ask(spec: ProviderSpec, provider: Provider | AIProxyError, known: KnownKey | None) -> ProviderCheck:
    """Ask a provider for its models, and wait at most LIST_TIMEOUT seconds.

    Args:
        spec: says how to speak of it.
        provider: whom to ask, or why it cannot be asked.
        known: its key, when there is one.
    """
    began = time.perf_counter()
    try:
        async with asyncio.timeout(LIST_TIMEOUT):
            found = await _listed(spec, provider, known)
    except TimeoutError:
        slow = f"{spec.label} did not answer within {LIST_TIMEOUT:g} s"
        return _failed(spec, ProviderTimeoutError(slow, "Try again.", provider=spec.id), began)
    except AIProxyError as error:
        return _failed(spec, error, began)
    except Exception as error:  # noqa: BLE001 - a fault in one provider must not take the others down with it
        if spec.kind == "plugin":
            _log.info("%s could not be asked for its models", spec.id, exc_info=error)
            return _failed(spec, AIProxyError("The plug-in failed", reason_of(error)), began)
        _log.exception("%s could not be asked for its models", spec.id)
        fault = AIProxyError("Something in the application went wrong", "The log has the details.")
        return _failed(spec, fault, began)
    return ProviderCheck(
        ok=True,
        status="ready",
        sentence=ready_detail(spec, found.models, found.total, found.unusable),
        milliseconds=_since(began),
        models=found.models,
        reported=found.models,
    )


async def _listed(spec: ProviderSpec, provider: Provider | AIProxyError, known: KnownKey | None) -> CleanList:
    if isinstance(provider, AIProxyError):
        raise provider
    if spec.needs_key and known is None:
        raise MissingKeyError(f"There is no key for {spec.label}", "Add one.", provider=spec.id)
    return await clean_list(await provider.list_models(), spec.id, spec.label)


def _failed(spec: ProviderSpec, error: AIProxyError, began: float) -> ProviderCheck:
    return ProviderCheck(
        ok=False,
        status=failed_status(error),
        sentence=failed_detail(spec, error),
        milliseconds=_since(began),
        advice=error.advice,
        until=failed_until(error),
    )


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
