"""Providers that other packages bring, found by their entry points; the packages are not imported yet."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial

from aiproxy_desktop.core.offers import Offer, ProviderContext, load_factory
from aiproxy_desktop.core.provider import Provider

GROUP = "aiproxy_desktop.providers"


def plug_in_offers(context: ProviderContext, path: Iterable[str] | None = None) -> tuple[Offer, ...]:
    """One offer for each entry point of the group; the name of the entry point is the provider's id.

    Args:
        context: what the providers are built from.
        path: where packages lie, by default `sys.path`.
    """
    places = list(sys.path if path is None else path)
    if not any(_mention(place) for place in places):
        return ()
    # Only now: it takes longer to import than the rest of a client.
    from importlib.metadata import distributions

    # The first distribution on the path goes before another version of itself further on.
    found = {
        point.name: point.value
        for package in reversed(list(distributions(path=places)))
        for point in package.entry_points
        if point.group == GROUP
    }
    return tuple(
        Offer(name, partial(_build, name, target, context), _always, plug_in=True)
        for name, target in sorted(found.items())
    )


def _build(name: str, target: str, context: ProviderContext) -> Provider | None:
    provider = load_factory(target)(context)
    if provider is not None and provider.id != name:
        raise ValueError(f"its provider calls itself {provider.id!r} instead of {name!r}")
    return provider


async def _always() -> bool:
    return True


def _mention(place: str) -> bool:
    """Whether a package in this folder names the group."""
    return any(GROUP.encode() in text for text in _entry_point_files(place or "."))


def _entry_point_files(folder: str) -> Iterator[bytes]:
    try:
        with os.scandir(folder) as entries:
            packages = [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:  # no folder, but an archive or nothing
        return
    for package in packages:
        try:
            with open(f"{package}/entry_points.txt", "rb") as file:  # noqa: PTH123  # a client is to start at once
                yield file.read()
        except OSError:
            continue  # it has none
