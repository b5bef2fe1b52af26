"""Providers that are not made before someone asks for them: the one door by which each comes in.

The application's own providers, the vendors' rows and those of other packages (entry points of the group
`aiproxy_desktop.providers`) are all offers, so that importing and starting cost nothing for what is not used.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from aiproxy_desktop.core.provider import Credentials, Provider

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpClient


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """What a provider is built from: the shared HTTP client, where keys come from, the environment."""

    http: HttpClient
    credentials: Credentials
    environ: Mapping[str, str]


# What a plug-in's entry point names. None where there is nothing to offer on this machine.
ProviderFactory: TypeAlias = Callable[[ProviderContext], Provider | None]


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider that can be built under `id`.

    `answers` tells cheaply whether asking it for models can give any (it has a key, something listens);
    None means that it is asked only by name. `plug_in` marks what another package brings.
    """

    id: str
    build: Callable[[], Provider | None]
    answers: Callable[[], Awaitable[bool]] | None = None
    plug_in: bool = False


def load_factory(target: str) -> ProviderFactory:
    """The factory that `module:attribute` names.

    Raises:
        Whatever importing it raises: it is other people's code.
    """
    module, _, attribute = target.partition(":")
    factory: ProviderFactory = getattr(import_module(module), attribute)
    return factory
