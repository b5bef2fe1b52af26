"""Providers that other packages bring, as specs. Their code runs on a thread: it is not ours to trust."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.provider_specs import ProviderSpec

if TYPE_CHECKING:
    from aiproxy_desktop.core.offers import Offer, ProviderContext

_LONGEST = 300

_log = logging.getLogger(__name__)


async def find_plug_ins(
    context: ProviderContext,
    taken: Collection[str],
    former: Mapping[str, ProviderSpec],
    path: Iterable[str] | None = None,
) -> dict[str, ProviderSpec]:
    """One spec for each plug-in; one that is broken, or whose name is taken, has its problem.

    Args:
        context: what they are built from.
        taken: ids of other providers.
        former: what was found before; what worked then is kept.
        path: where packages lie, by default `sys.path`.
    """
    from aiproxy_desktop.core.plugins import plug_in_offers

    try:
        offers = await on_thread(lambda: plug_in_offers(context, path), "plug-ins")
    except Exception as error:  # noqa: BLE001  # what other packages' metadata hold may be anything
        _log.info("plug-ins could not be looked for", exc_info=error)
        return dict(former)
    found: dict[str, ProviderSpec] = {}
    for offer in offers:
        known = former.get(offer.id)
        spec = known if known is not None and known.provider is not None else await _spec(offer, taken)
        if spec is not None:
            found[spec.id] = spec
    return found


def reason_of(error: Exception) -> str:
    """What went wrong in a plug-in, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]


async def _spec(offer: Offer, taken: Collection[str]) -> ProviderSpec | None:
    if offer.id in taken:
        # An id that no provider can have, so that this row stands beside the other one's.
        problem = AIProxyError("The plug-in is left out", "There is a provider of that name.")
        return ProviderSpec(f"plug-in:{offer.id}", offer.id, "plugin", problem=problem)
    try:
        if not offer.id or ":" in offer.id or any(char.isspace() for char in offer.id):
            raise ValueError("its name holds a colon or a space")  # noqa: TRY301  # told as the others are
        provider = await on_thread(offer.build, "plug-in")
        if provider is None:
            return None
        return ProviderSpec(offer.id, str(provider.label), "plugin", provider=provider)
    except Exception as error:  # noqa: BLE001  # a plug-in may raise anything, and must not end the others
        _log.info("the plug-in %s could not be loaded", offer.id, exc_info=error)
        problem = AIProxyError("The plug-in could not be loaded", reason_of(error))
        return ProviderSpec(offer.id, offer.id, "plugin", problem=problem)
