"""Which providers there are, worked out from the settings, the environment and the keys there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from aiproxy_desktop.core.credentials import KEY_VARIABLES
from aiproxy_desktop.core.defaults import VENDOR_IDS
from aiproxy_desktop.core.endpoints import origin, parse_base_url
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.storage.model_settings import ModelFileOptions, OllamaHost
from aiproxy_desktop.storage.settings import RESERVED_IDS, Endpoint, Settings

if TYPE_CHECKING:
    from aiproxy_desktop.core.provider import Provider
    from aiproxy_desktop.core.providers.openai.vendors import Vendor

ProviderKind: TypeAlias = Literal[
    "openai", "gemini", "anthropic", "vendor", "plugin", "ollama", "builtin", "endpoint"
]

# Those a key can be given for. Nobody looks for a key of the others, which must not wait for a keyring.
KEYED_KINDS: frozenset[ProviderKind] = frozenset({"openai", "gemini", "anthropic", "vendor", "endpoint"})

# Those that speak a dialect of their own, by id, and what a person calls them.
OWN_DIALECTS: Mapping[str, str] = MappingProxyType(
    {"openai": "OpenAI", "gemini": "Gemini", "anthropic": "Anthropic"}
)


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """All that a provider is built from; equal specs build equal providers.

    `vendor` is the row of `core.providers.openai.vendors` whose dialect it speaks, or one of OWN_DIALECTS for
    a further account of that. `own_keys` keeps the
    environment's keys from it: its id is a vendor's, and its address is not. `provider` is what a plug-in
    brought. `problem` stands in for what cannot be built, an address that could not be read say.
    """

    id: str
    label: str
    kind: ProviderKind
    base_url: str = ""
    needs_key: bool = False
    model_files: tuple[str, ...] = ()
    model_options: tuple[ModelFileOptions, ...] = ()
    vendor: str = ""
    own_keys: bool = False
    provider: Provider | None = None
    problem: AIProxyError | None = None

    @property
    def dialect(self) -> str:
        """The vendor whose own dialect it speaks; empty for OpenAI's rows and what is no vendor's."""
        if self.kind == "endpoint":
            return self.vendor if self.vendor in OWN_DIALECTS else ""
        return self.kind if self.kind in OWN_DIALECTS else ""


def home_of(vendor_id: str) -> str:
    """A vendor's own address; empty where everyone has their own, and for what is no vendor."""
    from aiproxy_desktop.core.providers.anthropic.provider import ANTHROPIC_BASE_URL
    from aiproxy_desktop.core.providers.gemini.provider import GEMINI_BASE_URL
    from aiproxy_desktop.core.providers.openai.provider import OPENAI_BASE_URL
    from aiproxy_desktop.core.providers.openai.vendors import vendor_by_id

    own = {"openai": OPENAI_BASE_URL, "gemini": GEMINI_BASE_URL, "anthropic": ANTHROPIC_BASE_URL}
    row = vendor_by_id(vendor_id)
    return own.get(vendor_id, "") if row is None else row.base_url


def endpoint_address(base_url: str, chosen: str) -> tuple[str, str]:
    """A checked address as an endpoint keeps it, and the id of the vendor whose dialect it speaks, if any.

    Args:
        base_url: as it was typed; empty for the chosen vendor's own address.
        chosen: id of a vendor, or empty.

    Raises:
        InvalidEndpointError: it is no address, or there is none.
    """
    if not base_url.strip() and home_of(chosen):
        return "", chosen
    url = parse_base_url(base_url)
    if chosen in OWN_DIALECTS:
        return url, chosen
    vendor = vendor_of(url, chosen)
    return (url, "") if vendor is None else (vendor.completed(url), vendor.id)


def endpoint_spec(item: Endpoint) -> ProviderSpec:
    """The spec of one endpoint, or of one further account of a vendor."""
    if item.vendor in OWN_DIALECTS:
        url = item.base_url or home_of(item.vendor)
        account = ProviderSpec(item.id, item.name, "endpoint", url, needs_key=True, vendor=item.vendor)
        return replace(_checked(account), own_keys=item.id in VENDOR_IDS)
    url = item.base_url or home_of(item.vendor)
    vendor = vendor_of(url, item.vendor)
    url = url if vendor is None else vendor.completed(url)
    spec = _checked(ProviderSpec(item.id, item.name, "endpoint", url, item.needs_key))
    if spec.problem is not None:
        return spec
    home = "" if vendor is None or vendor.id != item.id else vendor.base_url
    foreign = item.id in VENDOR_IDS and not (home and origin(home) == origin(spec.base_url))
    return replace(spec, vendor="" if vendor is None else vendor.id, own_keys=foreign)


def provider_specs(
    settings: Settings,
    environ: Mapping[str, str],
    keyed: Collection[str] = (),
    plug_ins: Collection[ProviderSpec] = (),
) -> tuple[ProviderSpec, ...]:
    """Every provider, in the order in which they are shown.

    Args:
        settings: the person's.
        environ: OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL, ANTHROPIC_BASE_URL and OLLAMA_HOST count, and the
            vendors' keys and addresses.
        keyed: ids of vendors for which the person gave a key.
        plug_ins: what other packages bring.
    """
    endpoints = tuple(endpoint_spec(item) for item in settings.endpoints)
    taken = {spec.id for spec in endpoints}
    return (
        _own_dialect("openai", environ.get("OPENAI_BASE_URL", "")),
        _own_dialect("gemini", environ.get("GOOGLE_GEMINI_BASE_URL", "")),
        _own_dialect("anthropic", environ.get("ANTHROPIC_BASE_URL", "")),
        *_vendors(environ, keyed, taken),
        *(spec for spec in plug_ins if spec.id not in taken),
        _ollama(settings.ollama_host or environ.get("OLLAMA_HOST", "")),
        *_ollama_hosts(settings.ollama_hosts, {*VENDOR_IDS, *(spec.id for spec in plug_ins)}),
        ProviderSpec(
            *("builtin", "Built in", "builtin"),
            model_files=settings.model_files,
            model_options=settings.model_options,
        ),
        *endpoints,
    )


def endpoint_id(name: str, taken: Collection[str], vendor: str = "") -> str:
    """A short id for an endpoint of this name: lower-case letters, digits and dashes, unique.

    Args:
        name: what the person calls it.
        taken: the ids of other providers.
        vendor: whose endpoint it is; no other may have that vendor's id.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "endpoint"
    unavailable = RESERVED_IDS.union(taken, VENDOR_IDS) - ({vendor} - {*taken} - RESERVED_IDS)
    number, candidate = 1, plain
    while candidate in unavailable:
        number += 1
        candidate = f"{plain}-{number}"
    return candidate


def vendor_of(base_url: str, chosen: str = "") -> Vendor | None:
    """Whose dialect an endpoint speaks: that of its address's owner, else of the row that was chosen."""
    from aiproxy_desktop.core.providers.openai.vendors import vendor_by_address, vendor_by_id

    return vendor_by_address(base_url) or vendor_by_id(chosen)


def _vendors(
    environ: Mapping[str, str], keyed: Collection[str], taken: Collection[str]
) -> Iterator[ProviderSpec]:
    """Those with a key; the others would only be in the way."""
    from aiproxy_desktop.core.providers.openai.vendors import vendor_by_id

    for vendor_id in VENDOR_IDS:
        named = any(environ.get(name, "").strip() for name in KEY_VARIABLES.get(vendor_id, ()))
        vendor = vendor_by_id(vendor_id) if named or vendor_id in keyed else None
        if vendor is None or vendor_id in taken:
            continue
        base_url = vendor.base_url_from(environ)
        spec = ProviderSpec(vendor_id, vendor.label, "vendor", base_url, vendor.needs_key, vendor=vendor_id)
        # Without an address it is for the provider's maker to say what is missing.
        yield _checked(spec) if base_url else spec


def _own_dialect(kind: Literal["openai", "gemini", "anthropic"], chosen: str) -> ProviderSpec:
    url = chosen.strip() or home_of(kind)
    return _checked(ProviderSpec(kind, OWN_DIALECTS[kind], kind, url, needs_key=True))


def _checked(spec: ProviderSpec) -> ProviderSpec:
    try:
        return replace(spec, base_url=parse_base_url(spec.base_url))
    except AIProxyError as error:
        return replace(spec, problem=error)


def _ollama(host: str, provider_id: str = "ollama", label: str = "Ollama") -> ProviderSpec:
    from aiproxy_desktop.core.providers.ollama.host import parse_ollama_host

    try:
        return ProviderSpec(provider_id, label, "ollama", parse_ollama_host(host))
    except AIProxyError as error:
        return ProviderSpec(provider_id, label, "ollama", host, problem=error)


def _ollama_hosts(hosts: Iterable[OllamaHost], taken: Collection[str]) -> Iterator[ProviderSpec]:
    """The other servers, without those to which a hand gave the id of somebody else."""
    for item in hosts:
        if item.id not in taken:
            yield _ollama(item.host, item.id, item.name)
