"""What can be added, as values for a picker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.services.provider_specs import OWN_DIALECTS, home_of

PresetGroup: TypeAlias = Literal["account", "service", "local", "other"]


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of provider.

    `vendor` is what `ProviderService.add_endpoint` takes, `base_url` the vendor's own address; where that is
    empty an address has to be given, and `example` shows what one looks like. `group`: "account" speaks the
    vendor's own dialect, "service" OpenAI's at a vendor, "local" at a server on this computer.
    """

    id: str
    label: str
    group: PresetGroup
    vendor: str = ""
    base_url: str = ""
    needs_key: bool = True
    example: str = ""


def presets() -> tuple[Preset, ...]:
    """All of them, in the order in which they are shown."""
    from aiproxy_desktop.core.providers.openai.vendors import VENDORS

    accounts = (Preset(one, label, "account", one, home_of(one)) for one, label in OWN_DIALECTS.items())
    rows = [
        Preset(
            row.id,
            row.label,
            "local" if row.local else "service",
            row.id,
            row.base_url,
            row.needs_key,
            row.base_url or f"https://NAME{next(iter(row.host_suffixes), '')}",
        )
        for row in VENDORS
    ]
    other = Preset("other", "", "other", needs_key=False, example="http://127.0.0.1:1234/v1")
    return (*accounts, *rows, other)


def label_of(vendor_id: str) -> str:
    """What a person calls a vendor; empty for what is none."""
    return next((one.label for one in presets() if one.vendor == vendor_id), "")
