"""Well-known OpenAI-compatible servers, to fill the endpoint form from: the core's own rows."""

from __future__ import annotations

from dataclasses import dataclass

from aiproxy_desktop.core.providers.openai.vendors import VENDORS


@dataclass(frozen=True, slots=True)
class EndpointPreset:
    """What goes into the form's name and base URL. `base_url` is empty where everyone has their own.

    `vendor` is the row it comes from; `example` shows what such an address looks like.
    """

    name: str
    base_url: str
    vendor: str
    example: str


USUAL_EXAMPLE = "http://127.0.0.1:1234/v1"

# Hosted services first, then servers on this computer at their usual ports.
PRESETS: tuple[EndpointPreset, ...] = tuple(
    EndpointPreset(
        vendor.label,
        vendor.base_url,
        vendor.id,
        vendor.base_url or f"https://NAME{next(iter(vendor.host_suffixes), '')}",
    )
    for vendor in VENDORS
)
