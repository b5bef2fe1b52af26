"""How the local API is set up."""

from __future__ import annotations

from typing import Annotated

import msgspec

DEFAULT_PORT = 8000

_Name = Annotated[str, msgspec.Meta(max_length=400)]
_Names = Annotated[tuple[_Name, ...], msgspec.Meta(max_length=200)]


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What other programs may ask of this one, and how.

    `expose` allows a `host` that other machines can reach. `hosts` and `origins` are taken besides those
    that follow from the address: exact names, with the port where it is not the scheme's own.
    `trusted_proxies` are addresses or networks whose word on whom they ask for is believed. `aliases` are
    names for models; where `only_offered`, no models but the `offered` ones (by reference) are there.
    """

    enabled: bool = False
    host: Annotated[str, msgspec.Meta(max_length=255)] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = DEFAULT_PORT
    expose: bool = False
    hosts: _Names = ()
    origins: _Names = ()
    trusted_proxies: _Names = ("127.0.0.1", "::1")
    aliases: Annotated[dict[str, _Name], msgspec.Meta(max_length=200)] = {}
    only_offered: bool = False
    offered: Annotated[tuple[_Name, ...], msgspec.Meta(max_length=5000)] = ()
